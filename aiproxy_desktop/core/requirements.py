"""What a model must have to be chosen: a mapping from outside, read into a value and held against models.

- `multimodal`, `vision`, `audio`, `video`, `documents` (or `pdf`), `tools`, `json_mode`, `json_schema`,
  `streaming`, `thinking`, `sampling`, `web_search`, `images_out` (or `images`), `audio_out`: True means that
  it must be known to be able to;
- `min_context_limit`, `min_output_limit`: tokens that it must be known to take, or to write;
- `max_price_input`, `max_price_output`: US dollars for a million tokens; this machine costs nothing;
- `provider`, `providers`: an id or a list of ids, one of which must serve it;
- `exclude`: an id, a reference (`provider:id`) or a list of them;
- `local_only`: True means that it must run on this machine, and `remote_only` that it must not;
- `available`: False lets in what its provider has retired, which is left out by default;
- `max_wait`: seconds that it may usually take to its first token, and `min_speed`: tokens a second that it
  must usually write, both as seen here so far;
- `local_preferred`: a wish, for the ranking. True puts this machine first, False puts it last;
- `cheap_preferred`, `fast_preferred`: wishes as well. True puts the cheaper first, or what was faster here.

None asks for nothing, and False only of `available` and `local_preferred`. What is unknown of a model
satisfies no requirement.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.shortcomings import Lack, LackKind

_SAME = {"pdf": "documents", "images": "images_out"}
_CAPABILITIES = (*(one.name for one in fields(Capabilities)), "multimodal")
_LIMITS = ("min_context_limit", "min_output_limit")
_PRICES = ("max_price_input", "max_price_output")
_NAMES = ("provider", "providers", "exclude")
_SPEEDS = ("max_wait", "min_speed")
_SWITCHES = ("local_only", "remote_only", "available", "local_preferred", "cheap_preferred", "fast_preferred")
KNOWN_NAMES = tuple(sorted({*_CAPABILITIES, *_SAME, *_LIMITS, *_PRICES, *_NAMES, *_SPEEDS, *_SWITCHES}))


@dataclass(frozen=True, slots=True)
class Seen:
    """How a model has done so far: the usual seconds to its first token, and tokens a second; None unseen."""

    wait: float | None = None
    speed: float | None = None


UNSEEN = Seen()

# One value for each, since thousands of models lack the same.
_UNABLE = {
    (name, known): Lack("capability", name, known=known) for name in _CAPABILITIES for known in (True, False)
}


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a model must have; what is `…_preferred` is a wish and refuses none."""

    capabilities: tuple[str, ...] = ()
    min_context: int = 0
    min_output: int = 0
    max_price_input: float | None = None
    max_price_output: float | None = None
    providers: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()
    local_only: bool = False
    remote_only: bool = False
    available: bool = True
    max_wait: float | None = None
    min_speed: float | None = None
    local_preferred: bool | None = None
    cheap_preferred: bool = False
    fast_preferred: bool = False

    def lacking(self, model: ModelInfo, today: date, seen: Seen = UNSEEN) -> str | None:
        """Why a model does not do, as the end of a sentence; None where it does."""
        first = next(self.shortcomings(model, today, seen), None)
        return None if first is None else str(first)

    def shortcomings(self, model: ModelInfo, today: date, seen: Seen = UNSEEN) -> Iterator[Lack]:
        """All that a model lacks, what rules it out by itself first."""
        yield from self._ruled_out(model, today)
        for name in self.capabilities:
            able = getattr(model.capabilities, name)
            if able is not True:
                yield _UNABLE[name, able is False]
        yield from self._limits(model)
        if self.max_wait is not None:
            yield from _too_much("wait", seen.wait, self.max_wait)
        if self.min_speed:
            yield from _too_small("speed", seen.speed, self.min_speed)

    def _ruled_out(self, model: ModelInfo, today: date) -> Iterator[Lack]:
        if self.providers is not None and model.provider not in self.providers:
            yield Lack("provider", model.provider)
        if self.exclude and (model.reference in self.exclude or model.id in self.exclude):
            yield Lack("excluded")
        if self.local_only and not model.local:
            yield Lack("elsewhere")
        if self.remote_only and model.local:
            yield Lack("here")
        if self.available and model.retires_on is not None and model.retires_on <= today:
            yield Lack("retired", day=model.retires_on)

    def _limits(self, model: ModelInfo) -> Iterator[Lack]:
        if self.min_context:
            yield from _too_small("context", model.context_window, self.min_context)
        if self.min_output:
            yield from _too_small("output", model.output_limit, self.min_output)
        if self.max_price_input is not None:
            yield from _too_much("price_input", input_price(model), self.max_price_input)
        if self.max_price_output is not None:
            yield from _too_much("price_output", output_price(model), self.max_price_output)


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
        raise _misfit(name, _UNITS.get(name, "US dollars for a million tokens"))
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


_UNITS = {"max_wait": "a number of seconds", "min_speed": "a number of tokens a second"}

_READERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "min_context_limit": ("min_context", _count),
    "min_output_limit": ("min_output", _count),
    "max_price_input": ("max_price_input", _amount),
    "max_price_output": ("max_price_output", _amount),
    "provider": ("providers", _names),
    "providers": ("providers", _names),
    "exclude": ("exclude", _names),
    "local_only": ("local_only", _switch),
    "remote_only": ("remote_only", _switch),
    "available": ("available", _switch),
    "max_wait": ("max_wait", _amount),
    "min_speed": ("min_speed", _amount),
    "local_preferred": ("local_preferred", _switch),
    "cheap_preferred": ("cheap_preferred", _switch),
    "fast_preferred": ("fast_preferred", _switch),
}


def _too_small(kind: LackKind, has: float | None, wanted: float) -> Iterator[Lack]:
    if has is None or has < wanted:
        yield Lack(kind, has=has, wanted=wanted, known=has is not None)


def _too_much(kind: LackKind, has: float | None, most: float) -> Iterator[Lack]:
    if has is None or has > most:
        yield Lack(kind, has=has, wanted=most, known=has is not None)
