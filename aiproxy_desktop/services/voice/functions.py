"""Functions that a model may call in a voice session: the application's own, and those a person declares."""

from __future__ import annotations

import ast
import json
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.values import LiveFunction

_MOST_FUNCTIONS = 100
_LONGEST_EXPRESSION = 400
_MOST_DIGITS = 2000


@dataclass(frozen=True, slots=True)
class AppFunction:
    """One of the application's own. `run` may block: it is called on a thread, after consent."""

    declaration: LiveFunction
    run: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self.declaration.name


def current_time(arguments: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it takes none
    """The date, the time and the time zone of this computer."""
    now = datetime.now().astimezone()
    return {
        "date": now.date().isoformat(),
        "weekday": now.strftime("%A"),
        "time": now.strftime("%H:%M:%S"),
        "time_zone": now.tzname() or "",
        "utc_offset": now.strftime("%z"),
    }


def calculate(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The value of an expression of numbers.

    Raises:
        InvalidRequestError: it is none, or too large.
    """
    expression = str(arguments.get("expression", ""))
    if not expression.strip() or len(expression) > _LONGEST_EXPRESSION:
        raise InvalidRequestError(
            "There is nothing to calculate", f"Give an expression of up to {_LONGEST_EXPRESSION} characters."
        )
    try:
        value = _value(ast.parse(expression.replace("^", "**").strip(), mode="eval").body)
        text = repr(value)
    except InvalidRequestError:
        raise
    except ZeroDivisionError:
        raise InvalidRequestError("That divides by zero") from None
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        raise InvalidRequestError("That cannot be calculated", "Give one expression of numbers.") from None
    return {"expression": expression, "value": value if len(text) < 40 else text}


_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_CALLS: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: getattr(math, name) for name in ("sqrt", "sin", "cos", "tan", "log", "log10", "exp")},
    **{name: getattr(math, name) for name in ("floor", "ceil", "radians", "degrees", "hypot", "atan2")},
    **{one.__name__: one for one in (abs, round, min, max)},
}
_NAMES: Final = {"pi": math.pi, "e": math.e, "tau": math.tau}


def _value(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=bool() | complex()):
            pass
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(operand)))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS:
            return _bounded(_CALLS[name](*map(_value, args)))
    raise InvalidRequestError(
        "That cannot be calculated",
        "Numbers, + - * / // % **, brackets and sqrt, sin, log and the like work.",
    )


def _power(base: float, exponent: float) -> int | float:
    if isinstance(base, int) and abs(exponent) * max(1, base.bit_length()) > 4 * _MOST_DIGITS:
        raise InvalidRequestError("That number is too large", f"At most {_MOST_DIGITS} digits.")
    return _bounded(base**exponent)


def _bounded(value: Any) -> int | float:
    if isinstance(value, int) and value.bit_length() > 4 * _MOST_DIGITS:
        raise InvalidRequestError("That number is too large", f"At most {_MOST_DIGITS} digits.")
    if not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise InvalidRequestError("That cannot be calculated", "It has no finite real value.")
    return value


_EXPRESSION = {
    "type": "object",
    "properties": {"expression": {"type": "string", "description": "for example 2 * (3 + 4) ** 2"}},
    "required": ["expression"],
}

APP_FUNCTIONS: Final[tuple[AppFunction, ...]] = (
    AppFunction(
        LiveFunction(
            "current_time",
            "The date, weekday, time and time zone where the person is.",
            {"type": "object", "properties": {}},
        ),
        current_time,
    ),
    AppFunction(
        LiveFunction("calculate", "The exact value of an arithmetic expression.", _EXPRESSION), calculate
    ),
)


def declared(text: str) -> tuple[LiveFunction, ...]:
    """Functions that a person declares and answers by hand.

    Args:
        text: JSON of one declaration or a list: `name`, `description`, `parameters` (a JSON schema); also as
            OpenAI's tools ({"type": "function", "function": {…}}) and Gemini's (`functionDeclarations`).

    Raises:
        InvalidRequestError: it is no such thing; it says where.
    """
    if not text.strip():
        return ()
    try:
        read = json.loads(text)
    except ValueError as error:
        raise InvalidRequestError(
            "The functions are not JSON", f"Line {getattr(error, 'lineno', 1)} cannot be read. Mend it."
        ) from None
    if isinstance(read, dict):
        read = read.get("functionDeclarations", read.get("function_declarations", [read]))
    if not isinstance(read, list) or len(read) > _MOST_FUNCTIONS:
        raise InvalidRequestError(
            "The functions cannot be used", f"Give a JSON list of at most {_MOST_FUNCTIONS} declarations."
        )
    found = tuple(_declaration(number, entry) for number, entry in enumerate(read, 1))
    own = {one.name for one in APP_FUNCTIONS}
    seen: set[str] = set()
    for function in found:
        if function.name in seen or function.name in own:
            raise InvalidRequestError(f"There are two functions “{function.name}”", "Give each its own name.")
        seen.add(function.name)
    return found


def _declaration(number: int, entry: Any) -> LiveFunction:
    if isinstance(entry, dict) and isinstance(entry.get("function"), dict):
        entry = entry["function"]
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.replace("_", "a").replace("-", "a").isalnum() or len(name) > 64:
        raise InvalidRequestError(
            f"Function {number} has no name that can be used", "A name has letters, digits, _ and - alone."
        )
    parameters = entry.get("parameters") or {"type": "object", "properties": {}}
    if not isinstance(parameters, dict):
        raise InvalidRequestError(
            f"The parameters of “{name}” are no JSON schema", 'Give an object such as {"type": "object"}.'
        )
    return LiveFunction(name, str(entry.get("description") or ""), parameters)
