"""Plain Python functions as tools: what the model is told of them, and how they are run."""

from __future__ import annotations

import asyncio
import enum
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Annotated, Any, Literal, TypeAlias

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.values import LiveFunction
from aiproxy_desktop.core.threads import look_away, start_on_thread

AnyFunction: TypeAlias = Callable[..., Any]

# Seconds a function may take.
DEFAULT_TIMEOUT = 60.0

_MOST_RESULT_BYTES = 256 * 1024
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def function_of(function: AnyFunction) -> LiveFunction:
    """What the model is told of a function: its name, its docstring, and its parameters by their types.

    Of a docstring in Google's style the section `Args` describes the parameters; so does a string in
    `Annotated`.

    Raises:
        InvalidRequestError: it has no name, takes positional arguments only, or any number of them.
    """
    name = getattr(function, "__name__", "") or type(function).__name__
    if not name.isidentifier():
        raise InvalidRequestError(
            "A function without a name cannot be a tool", "Give one that is defined with def."
        )
    text, said = _read_docstring(inspect.getdoc(function) or "")
    hints = _hints(function)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise InvalidRequestError(
                f"{name} cannot be a tool", "A model gives arguments by their names: let each have one."
            )
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        schema = _schema(hints.get(parameter.name, Any))
        if parameter.name in said:
            schema.setdefault("description", said[parameter.name])
        properties[parameter.name] = schema
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    return LiveFunction(name, text, parameters)


async def call_function(
    function: AnyFunction,
    arguments: Mapping[str, Any],
    timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - told to the model in a sentence
) -> dict[str, Any]:
    """Run a function for the model; one that is no coroutine function runs on a thread.

    Args:
        function: as `function_of` took it.
        arguments: by name, as the model gave them.
        timeout: seconds it may take; one on a thread goes on after that, unheard.

    Returns:
        Its result, as JSON can hold it: a mapping as it is, anything else under "result"; where it failed or
        took too long, a sentence under "error".
    """
    name = getattr(function, "__name__", "") or type(function).__name__
    try:
        given = _arguments(function, arguments)
    except TypeError as error:
        return {"error": f"{name} was called wrongly: {error}."}
    work = asyncio.ensure_future(_run(function, given, name))
    try:
        await asyncio.wait([work], timeout=timeout)
    finally:
        if not work.done():
            work.cancel()
            work.add_done_callback(look_away)
    if not work.done():
        return {"error": f"{name} took longer than {timeout:g} s."}
    failed = work.exception()
    if failed is not None:
        return {"error": f"{name} failed: {type(failed).__name__}: {str(failed)[:500]}"}
    return _as_json(work.result(), name)


async def _run(function: AnyFunction, arguments: Mapping[str, Any], name: str) -> Any:
    called = function if inspect.isroutine(function) else type(function).__call__
    if inspect.iscoroutinefunction(called):
        return await function(**arguments)
    result = await start_on_thread(lambda: function(**arguments), f"tool {name}")
    return await result if inspect.isawaitable(result) else result


def _arguments(function: AnyFunction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the function's types want them.

    Raises:
        TypeError: they do not fit its parameters.
    """
    inspect.signature(function).bind(**arguments)
    hints = _hints(function)
    return {name: _fitted(value, hints.get(name, Any)) for name, value in arguments.items()}


def _fitted(value: Any, kind: Any) -> Any:
    if typing.get_origin(kind) is Annotated:
        kind = typing.get_args(kind)[0]
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON has one kind of number
    if kind is float and type(value) is int:
        return float(value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next((one for one in kind if value in (one.value, one.name)), value)
    return value


def _as_json(result: Any, name: str) -> dict[str, Any]:
    import msgspec

    try:
        encoded = msgspec.json.encode(result, enc_hook=str)
    except (TypeError, ValueError, RecursionError) as error:
        return {"error": f"{name} gave a result that cannot be sent: {str(error)[:200]}"}
    if len(encoded) > _MOST_RESULT_BYTES:
        return {"error": f"{name} gave a result of {len(encoded)} bytes, which is too long to be told."}
    value = msgspec.json.decode(encoded)
    return value if isinstance(value, dict) else {"result": value}


def _hints(function: AnyFunction) -> dict[str, Any]:
    called = function if inspect.isroutine(function) else type(function).__call__
    try:
        return typing.get_type_hints(called, include_extras=True)
    except (NameError, TypeError, AttributeError):  # names that are only there for a type checker
        return {}


def _schema(kind: Any) -> dict[str, Any]:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        said = next((one for one in inner[1:] if isinstance(one, str)), None)
        return {**_schema(inner[0]), **({"description": said} if said else {})}
    if kind in _NAMES:
        return {"type": _NAMES[kind]}
    if origin is Literal:
        return _choice(list(inner))
    if origin in (typing.Union, types.UnionType):
        return _union([_schema(one) for one in inner])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _choice([one.value for one in kind])
    return _container(origin or kind, inner)


def _container(origin: Any, inner: tuple[Any, ...]) -> dict[str, Any]:
    if not isinstance(origin, type):
        return {}
    if issubclass(origin, Mapping):
        values = _schema(inner[1]) if len(inner) > 1 else {}
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    if issubclass(origin, Sequence | Set):
        return {"type": "array", "items": _schema(inner[0]) if inner else {}}
    return {}


def _choice(values: list[Any]) -> dict[str, Any]:
    kinds = {_NAMES.get(type(value)) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    return {**({"type": kind} if kind else {}), "enum": values}


def _union(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    without_null = [schema for schema in schemas if schema != {"type": "null"}]
    if len(without_null) == 1:
        return without_null[0]  # whether it may be left out is told by `required`
    return {"anyOf": without_null}


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What stands before the sections, and what the section `Args` says of each parameter."""
    head, _, rest = text.partition("\nArgs:\n")
    for section in ("\nReturns:\n", "\nRaises:\n", "\nYields:\n", "\nExamples:\n", "\nExample:\n"):
        head = head.partition(section)[0]
    said: dict[str, str] = {}
    name = ""
    for line in rest.splitlines():
        if line and not line[0].isspace():
            break
        depth = len(line) - len(line.lstrip())
        if depth == 4 and ":" in line:
            before, _, after = line.strip().partition(":")
            name = before.partition("(")[0].strip()
            said[name] = after.strip()
        elif name and line.strip():
            said[name] = f"{said[name]} {line.strip()}"
    return head.strip(), said
