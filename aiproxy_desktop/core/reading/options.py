"""The options of a completion, read into the core's own values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Effort,
    Message,
    NativeTool,
    ResponseFormat,
    SafetySetting,
    Tool,
    ToolChoice,
)
from aiproxy_desktop.core.reading.checks import flag, invalid, plain_json, quoted, sound_text, type_name
from aiproxy_desktop.core.reading.tools import read_tool_choice, read_tools
from aiproxy_desktop.core.timeouts import Timeouts

_EFFORTS = get_args(Effort)
_CONTEXT = tuple(ClientContext.__dataclass_fields__)
# A request says these in other words, or the client sees to them.
_REFUSED = {
    "stream": "Call create_completion(…, stream=True) for chunks, or stream(…) for events.",
    "contents": "Give the conversation as messages.",
    "messages": "Give the conversation as messages, once.",
    "model": "Give the model by its own argument, once.",
    "functions": "Give them as tools.",
    "function_call": "Give it as tool_choice.",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a request says besides its model and messages, and who asks."""

    temperature: float | None = None
    max_tokens: int | None = None
    tools: tuple[Tool | NativeTool, ...] = ()
    tool_choice: ToolChoice | None = None
    response_format: ResponseFormat | None = None
    effort: Effort | None = None
    safety_settings: tuple[SafetySetting, ...] = ()
    images: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Timeouts | None = None
    context: ClientContext | None = None

    def request(self, model: str, messages: tuple[Message, ...]) -> CompletionRequest:
        """A request with these options."""
        return CompletionRequest(
            model,
            messages,
            self.temperature,
            self.max_tokens,
            self.tools,
            self.tool_choice,
            self.response_format,
            self.effort,
            self.safety_settings,
            self.images,
            self.extra,
            self.timeouts,
        )


NO_OPTIONS = Options()


def read_options(given: Mapping[str, Any]) -> Options:
    """Options by name; None stands for one that is not given. What is not known is the provider's own.

    Raises:
        InvalidRequestError: naming the option, what is wrong with it and what to give.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if not said:
        return NO_OPTIONS
    found: dict[str, Any] = {}
    for name in [name for name in said if name in _READERS]:
        target, read = _READERS[name]
        value = read(said.pop(name), f"The option “{name}”")
        found[target] = found[target] or value if target in found else value
    choice = said.pop("tool_choice", None)
    if choice is not None:
        found["tool_choice"] = read_tool_choice(choice, found.get("tools", ()))
    found.pop("", None)
    if said:
        found["extra"] = _extra(said)
    return Options(**found)


def _temperature(value: Any, where: str) -> float:
    number = _number(value, where)
    if number < 0:
        raise invalid(where, "is negative", "Give a number from 0 on; most models take up to 2.")
    return number


def _max_tokens(value: Any, where: str) -> int:
    number = _number(value, where)
    if number < 1 or number != int(number):
        raise invalid(where, f"is {number:g}, not a number of tokens", "Give a whole number from 1 on.")
    return int(number)


def _number(value: Any, where: str) -> float:
    """A finite number.

    Raises:
        InvalidRequestError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(where, f"is {type_name(value)}, not a number", "Give a number.")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        finite = False
    if not finite or value > 1e15:
        raise invalid(where, "is NaN, infinite or too large", "Give a finite, smaller number.")
    return value


def _effort(value: Any, where: str) -> Effort:
    if value not in _EFFORTS:
        raise invalid(where, f"is {quoted(value)}, which is none", f"Give one of {', '.join(_EFFORTS)}.")
    found: Effort = value
    return found


def _modalities(value: Any, where: str) -> bool:
    asked = {one.lower() if isinstance(one, str) else None for one in value} if _is_list(value) else {None}
    if not asked <= {"text", "image"}:
        raise invalid(where, "asks for what no answer here can hold", "Give a list of “text” and “image”.")
    return "image" in asked


def _timeouts(value: Any, where: str) -> Timeouts:
    if isinstance(value, Timeouts):
        for name in Timeouts.__dataclass_fields__:
            bound = getattr(value, name)
            if bound is not None and _number(bound, f"{where}, {name},") <= 0:
                raise invalid(f"{where}, {name},", "is not a time to wait", "Give seconds.")
        return value
    seconds = _number(value, where)
    if seconds <= 0:
        raise invalid(where, "is not a time to wait", "Give seconds, or Timeouts.")
    usual = Timeouts()
    return Timeouts(min(usual.connect, seconds), min(usual.idle, seconds), None, seconds)


def _context(value: Any, where: str) -> ClientContext:
    if isinstance(value, ClientContext):
        return value
    if not isinstance(value, Mapping):
        raise invalid(where, f"is {type_name(value)}, not an object", f"It holds {', '.join(_CONTEXT)}.")
    unknown = next((name for name in value if name not in _CONTEXT), None)
    if unknown is not None:
        raise invalid(
            where, f"holds {quoted(unknown)}, which it does not know", f"It holds {', '.join(_CONTEXT)}."
        )
    return ClientContext(
        **{name: sound_text(one, f"{where}, {name},")[:256] for name, one in value.items() if one is not None}
    )


def _response_format(value: Any, where: str) -> ResponseFormat | None:
    if isinstance(value, ResponseFormat):
        return value
    spec = value if isinstance(value, Mapping) else {"type": value}
    kind = spec.get("type")
    if kind == "text":
        return None
    if kind in ("json", "json_object"):
        return ResponseFormat("json_object")
    if kind == "json_schema":
        return _json_schema(spec, where)
    raise invalid(
        where,
        f"is {quoted(kind)}, which is no format",
        "Give “text”, “json_object”, or a type json_schema with one.",
    )


def _json_schema(spec: Mapping[str, Any], where: str) -> ResponseFormat:
    inner = spec.get("json_schema", spec)
    schema = inner.get("schema") if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(schema, Mapping):
        raise invalid(where, "has no schema", "Give {“name”: …, “schema”: {…}} as json_schema.")
    name = inner.get("name")
    strict = inner.get("strict")
    return ResponseFormat(
        "json_schema",
        plain_json(schema, f"{where}, its schema,"),
        "answer" if name is None else sound_text(name, f"{where}, name,"),
        None if strict is None else flag(strict, f"{where}, strict,"),
    )


def _safety(value: Any, where: str) -> tuple[SafetySetting, ...]:
    if isinstance(value, Mapping):
        value = [{"category": category, "threshold": threshold} for category, threshold in value.items()]
    if not _is_list(value):
        raise invalid(where, f"is {type_name(value)}, not a list", "Give a list of category and threshold.")
    return tuple(_safety_setting(one, where) for one in value)


def _safety_setting(value: Any, where: str) -> SafetySetting:
    if isinstance(value, SafetySetting):
        return value
    if not isinstance(value, Mapping):
        raise invalid(where, f"holds {type_name(value)}", "Each has a category and a threshold.")
    return SafetySetting(
        sound_text(value.get("category"), f"{where}: a category"),
        sound_text(value.get("threshold"), f"{where}: a threshold"),
    )


def _one_choice(value: Any, where: str) -> None:
    if value != 1:
        raise invalid(where, "asks for several answers", "Ask once for each.")


def _ignored(_value: Any, _where: str) -> None:
    """The counts of a stream always come."""


def _extra(said: dict[str, Any]) -> dict[str, Any]:
    body = said.pop("extra_body", {})
    if not isinstance(body, Mapping):
        raise invalid("The option “extra_body”", f"is {type_name(body)}, not an object", "Give an object.")
    fields = {**body, **said}
    for name, advice in _REFUSED.items():
        if name in fields:
            raise InvalidRequestError(f"The option “{name}” cannot be passed on", advice)
    return {
        sound_text(name, "The name of an option"): plain_json(
            value, f"The value of the option {quoted(name)}"
        )
        for name, value in fields.items()
    }


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


_READERS: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "temperature": ("temperature", _temperature),
    "max_tokens": ("max_tokens", _max_tokens),
    "max_completion_tokens": ("max_tokens", _max_tokens),
    "tools": ("tools", read_tools),
    "response_format": ("response_format", _response_format),
    "effort": ("effort", _effort),
    "reasoning_effort": ("effort", _effort),
    "safety_settings": ("safety_settings", _safety),
    "return_images": ("images", flag),
    "modalities": ("images", _modalities),
    "timeout": ("timeouts", _timeouts),
    "client_context": ("context", _context),
    "n": ("", _one_choice),
    "stream_options": ("", _ignored),
}
