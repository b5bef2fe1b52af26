"""What a model must have to be chosen: a mapping from outside, read into a value and held against models.

- `multimodal`, `vision`, `audio`, `video`, `documents` (or `pdf`), `tools`, `json_mode`, `json_schema`,
  `streaming`, `thinking`, `sampling`, `web_search`, `images_out` (or `images`), `audio_out`: True means that
  it must be known to be able to;
- `min_context_limit`, `min_output_limit`: tokens that it must be known to take, or to write;
- `max_price_input`, `max_price_output`: US dollars for a million tokens; this machine costs nothing;
- `provider`, `providers`: an id or a list of ids, one of which must serve it;
- `exclude`: an id, a reference (`provider:id`) or a list of them;
- `local_only`: True means that it must run on this machine;
- `available`: False lets in what its provider has retired, which is left out by default;
- `local_preferred`: a wish, for the ranking. True puts this machine first, False puts it last.

None asks for nothing, and False only of the last two. What is unknown of a model satisfies no requirement.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.models import Capabilities, ModelInfo

_SAME = {"pdf": "documents", "images": "images_out"}
_LACKS = {
    "multimodal": "it reads nothing but text",
    "vision": "it does not read images",
    "audio": "it does not read audio",
    "video": "it does not read video",
    "documents": "it does not read documents",
    "tools": "it calls no tools",
    "json_mode": "it has no JSON mode",
    "json_schema": "it keeps to no JSON schema",
    "streaming": "it does not stream",
    "thinking": "it does not think first",
    "sampling": "it takes no temperature",
    "web_search": "it does not search the web",
    "images_out": "it makes no images",
    "audio_out": "it makes no audio",
}
_CAPABILITIES = (*(one.name for one in fields(Capabilities)), "multimodal")
_LIMITS = ("min_context_limit", "min_output_limit")
_PRICES = ("max_price_input", "max_price_output")
_NAMES = ("provider", "providers", "exclude")
_SWITCHES = ("local_only", "available", "local_preferred")
KNOWN_NAMES = tuple(sorted({*_CAPABILITIES, *_SAME, *_LIMITS, *_PRICES, *_NAMES, *_SWITCHES}))


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a model must have; `local_preferred` is a wish and refuses none."""

    capabilities: tuple[str, ...] = ()
    min_context: int = 0
    min_output: int = 0
    max_price_input: float | None = None
    max_price_output: float | None = None
    providers: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()
    local_only: bool = False
    available: bool = True
    local_preferred: bool | None = None

    def lacking(self, model: ModelInfo, today: date) -> str | None:
        """Why a model does not do, as the end of a sentence; None where it does."""
        return next(self._shortcomings(model, today), None)

    def _shortcomings(self, model: ModelInfo, today: date) -> Iterator[str]:
        if self.providers is not None and model.provider not in self.providers:
            yield f"it is served by {model.provider}"
        if model.reference in self.exclude or model.id in self.exclude:
            yield "it was excluded"
        if self.local_only and not model.local:
            yield "it does not run on this machine"
        if self.available and model.retires_on is not None and model.retires_on <= today:
            yield f"it was retired on {model.retires_on.isoformat()}"
        for name in self.capabilities:
            able = getattr(model.capabilities, name)
            if able is not True:
                yield _LACKS[name] if able is False else f"whether it does is not known: {name}"
        yield from _too_small("context window", model.context_window, self.min_context)
        yield from _too_small("output limit", model.output_limit, self.min_output)
        yield from _too_dear("input", input_price(model), self.max_price_input)
        yield from _too_dear("output", output_price(model), self.max_price_output)


def read_requirements(given: Mapping[str, Any] | None) -> Requirements:
    """Requirements from a mapping, as in the table above.

    Raises:
        InvalidRequestError: a name that is none, or a value that does not fit its name.
    """
    found: dict[str, Any] = {}
    capabilities: list[str] = []
    for name, value in (given or {}).items():
        _check_name(name)
        if value is None:
            continue
        plain = _SAME.get(name, name)
        if plain in _CAPABILITIES:
            if _switch(name, value):
                capabilities.append(plain)
        else:
            key, read = _READERS[name]
            read_value = read(name, value)
            found[key] = found[key] & read_value if key == "providers" and key in found else read_value
    return Requirements(capabilities=tuple(dict.fromkeys(capabilities)), **found)


def input_price(model: ModelInfo) -> float | None:
    """US dollars a million tokens read; nothing on this machine, None where it is not known."""
    return 0.0 if model.local else model.price.input if model.price else None


def output_price(model: ModelInfo) -> float | None:
    """The same for tokens written."""
    return 0.0 if model.local else model.price.output if model.price else None


def _check_name(name: Any) -> None:
    if name in KNOWN_NAMES:
        return
    near = difflib.get_close_matches(str(name)[:60], KNOWN_NAMES, n=3)
    raise InvalidRequestError(
        f"There is no requirement “{str(name)[:60]}”",
        f"Did you mean {', '.join(near)}?" if near else f"There are: {', '.join(KNOWN_NAMES)}.",
    )


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _misfit(name, "True or False")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _misfit(name, "a number of tokens")
    return value


def _amount(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise _misfit(name, "US dollars for a million tokens")
    return float(value)


def _names(name: str, value: Any) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple | set | frozenset) or not all(
        isinstance(one, str) for one in listed
    ):
        raise _misfit(name, "a name or a list of names")
    return frozenset(listed)


def _misfit(name: str, wanted: str) -> InvalidRequestError:
    return InvalidRequestError(f"The requirement {name} has a value that does not fit", f"Give {wanted}.")


_READERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "min_context_limit": ("min_context", _count),
    "min_output_limit": ("min_output", _count),
    "max_price_input": ("max_price_input", _amount),
    "max_price_output": ("max_price_output", _amount),
    "provider": ("providers", _names),
    "providers": ("providers", _names),
    "exclude": ("exclude", _names),
    "local_only": ("local_only", _switch),
    "available": ("available", _switch),
    "local_preferred": ("local_preferred", _switch),
}


def _too_small(what: str, size: int | None, wanted: int) -> Iterator[str]:
    if wanted and (size is None or size < wanted):
        shown = f"{size:,}" if size is not None else "unknown"
        yield f"its {what} is {shown} and {wanted:,} tokens are needed"


def _too_dear(what: str, price: float | None, most: float | None) -> Iterator[str]:
    if most is not None and (price is None or price > most):
        shown = f"${price:g}" if price is not None else "not known"
        yield f"its price of {what} is {shown} and at most ${most:g} a million tokens was asked for"
