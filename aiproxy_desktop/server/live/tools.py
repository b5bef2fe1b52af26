"""The functions that a client of a live session offers, as OpenAI's and Google's tools have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.live.values import LiveFunction
from aiproxy_desktop.server.errors import Refusal

_MOST_FUNCTIONS = 128
_LONGEST_NAME = 64
# Google's `Schema.type` in the words of JSON schema.
_GOOGLE_TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})


@dataclass(frozen=True, slots=True)
class Tools:
    """What the model may use. `unknown` are names of tools that nobody here knows."""

    functions: tuple[LiveFunction, ...] = ()
    google_search: bool = False
    code_execution: bool = False
    unknown: tuple[str, ...] = ()


def read_tools(given: Any) -> Tools:
    """The tools of a configuration.

    Args:
        given: a list of `{"type": "function", "function": {…}}`, `{"function_declarations": […]}`, a
            declaration alone, `{"google_search": {}}` or `{"code_execution": {}}`; or one of these.

    Raises:
        Refusal: it is no such thing; it says which.
    """
    if given is None:
        return Tools()
    rows = given if isinstance(given, list) else [given]
    functions: dict[str, LiveFunction] = {}
    built_in: set[str] = set()
    for row in rows:
        if not isinstance(row, dict):
            raise Refusal(400, "“tools” has to be a list of objects.", param="tools")
        declared = list(_declarations(row))
        for one in declared:
            function = _function(one, len(functions) + 1)
            if function.name in functions:
                raise Refusal(
                    400, f"There are two functions “{function.name}”. Give each its own name.", param="tools"
                )
            functions[function.name] = function
        if not declared:
            built_in |= {_snake(name) for name in row if name != "type"}
    if len(functions) > _MOST_FUNCTIONS:
        raise Refusal(400, f"There are more than {_MOST_FUNCTIONS} functions. Offer fewer.", param="tools")
    known = {"google_search", "code_execution", "function_declarations"}
    return Tools(
        tuple(functions.values()),
        "google_search" in built_in,
        "code_execution" in built_in,
        tuple(sorted(built_in - known)),
    )


def _declarations(row: Mapping[str, Any]) -> Iterator[Any]:
    for name in ("function_declarations", "functionDeclarations"):
        if isinstance(row.get(name), list):
            yield from row[name]
            return
    if isinstance(row.get("function"), dict):
        yield row["function"]
    elif "name" in row or row.get("type") == "function":
        yield row


def _function(row: Any, number: int) -> LiveFunction:
    name = row.get("name") if isinstance(row, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not _is_name(name):
        raise Refusal(
            400,
            f"Function {number} has no name that can be used. A name has letters, digits, _, - and . alone.",
            param="tools",
        )
    parameters: Any = next(
        (
            row[key]
            for key in ("parameters", "parameters_json_schema", "parametersJsonSchema")
            if row.get(key) is not None
        ),
        {},
    )
    if not isinstance(parameters, dict):
        raise Refusal(
            400,
            f'The parameters of “{name}” are no JSON schema. Give an object such as {{"type": "object"}}.',
            param="tools",
        )
    return LiveFunction(name, str(row.get("description") or ""), _json_schema(parameters))


def _json_schema(value: Any) -> Any:
    if isinstance(value, list):
        return [_json_schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _google_type(item) if key == "type" else _json_schema(item) for key, item in value.items()}


def _google_type(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower() if value in _GOOGLE_TYPES else value
    return _json_schema(value)  # a property that is called “type”


def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
