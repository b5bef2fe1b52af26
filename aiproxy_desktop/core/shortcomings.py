"""What a model lacks of what was asked for: that it cannot, or that nobody knows whether it can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log2
from typing import Literal, TypeAlias

LackKind: TypeAlias = Literal[
    "provider",
    "excluded",
    "elsewhere",
    "here",
    "retired",
    "capability",
    "context",
    "output",
    "price_input",
    "price_output",
    "wait",
    "speed",
]

_CANNOT = {
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
_SIZES = {"context": "context window", "output": "output limit"}
_PRICES = {"price_input": "input", "price_output": "output"}


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a model lacks.

    `kind` says of what: who serves it ("provider"), that it was excluded by name, that it does not run on
    this machine ("elsewhere") or does ("here"), that it was retired on `day`, a capability, or a limit.
    `name` is the provider's id or the capability. `has` is what it has and `wanted` what was asked for, in
    tokens ("context", "output"), US dollars a million tokens ("price_…"), seconds ("wait") or tokens a
    second ("speed"). `known` is False
    where nobody has told whether it does: then it may do after all.
    """

    kind: LackKind
    name: str = ""
    has: float | None = None
    wanted: float | None = None
    known: bool = True
    day: date | None = None

    def __str__(self) -> str:
        """The end of a sentence, in English."""
        if self.kind in _SIZES:
            shown = "unknown" if self.has is None else f"{self.has:,.0f}"
            return f"its {_SIZES[self.kind]} is {shown} and {self.wanted:,.0f} tokens are needed"
        if self.kind in _PRICES:
            shown = "not known" if self.has is None else f"${self.has:g}"
            most = f"at most ${self.wanted:g} a million tokens was asked for"
            return f"its price of {_PRICES[self.kind]} is {shown} and {most}"
        if self.kind == "capability":
            return _CANNOT[self.name] if self.known else f"whether it does is not known: {self.name}"
        return self._other()

    @property
    def weight(self) -> float:
        """How much it is: 1 for what is not known, up to 2 for what is not there, 4 for what is ruled out."""
        if not self.known:
            return 1.0
        if self.kind in {"excluded", "retired"}:
            return 4.0
        if not self.has or not self.wanted:
            return 2.0
        return 1.0 + min(1.0, abs(log2(self.wanted) - log2(self.has)) / 4)  # a quotient could be too small

    def _other(self) -> str:
        if self.kind == "wait":
            shown = "not known yet" if self.has is None else f"{self.has:.1f} s"
            return f"its wait for a first token is {shown} and at most {self.wanted:g} s was asked for"
        if self.kind == "speed":
            shown = "not known yet" if self.has is None else f"{self.has:.1f}"
            return f"its speed is {shown} and at least {self.wanted:g} tokens a second was asked for"
        return {
            "provider": f"it is served by {self.name}",
            "excluded": "it was excluded",
            "elsewhere": "it does not run on this machine",
            "here": "it runs on this machine",
            "retired": f"it was retired on {self.day.isoformat() if self.day else 'a day that has passed'}",
        }[self.kind]
