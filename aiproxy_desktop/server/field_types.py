"""Whether the fields of a body are of the types they have to be of; their values are the core's to check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.server.errors import Refusal

Kind: TypeAlias = Literal["text", "number", "whole", "flag", "object", "list"]

_TYPES: dict[Kind, tuple[type | tuple[type, ...], str]] = {
    "text": (str, "a text"),
    "number": ((int, float), "a number"),
    "whole": (int, "a whole number"),
    "flag": (bool, "true or false"),
    "object": (dict, "an object"),
    "list": (list, "a list"),
}


# What these say in any case, so that nobody need be told; and a service without them need not refuse them.
_USUAL: dict[str, tuple[Any, ...]] = {
    "logit_bias": ({},),
    "metadata": ({},),
    "parallel_tool_calls": (True,),
    "service_tier": ("auto",),
    "stop": ([],),
    "truncation": ("disabled",),
}


def is_usual(name: str, value: Any) -> bool:
    """Whether a field asks for nothing else than what is done without it."""
    return value is None or value in _USUAL.get(name, ())


def check_types(body: Mapping[str, Any], kinds: Iterable[tuple[str, Kind]]) -> None:
    """Let a body through whose fields are what they have to be; null is as good as none.

    Raises:
        Refusal: the first field that is something else.
    """
    for name, kind in kinds:
        value = body.get(name)
        if value is None:
            continue
        types, shown = _TYPES[kind]
        if not isinstance(value, types) or (isinstance(value, bool) and kind != "flag"):
            raise Refusal(400, f"The field “{name}” has to be {shown}.", param=name)


def kinds(**names: str) -> tuple[tuple[str, Kind], ...]:
    """The fields of a body: `kinds(text="model user", flag="stream")`."""
    found: dict[str, Kind] = {}
    for kind in _TYPES:
        found |= dict.fromkeys(names.get(kind, "").split(), kind)
    return tuple(found.items())
