"""In which order models are preferred, and why one stands before the next, as values.

What comes first decides; a later fact counts only between models that are the same in all before it:

1. not about to be retired (within 30 days);
2. the wish for this machine, or for another, where there is one;
3. the wish for a low price, where there is one: the price itself, or, beside a wish for speed, its nearest
   doubling;
4. the wish for speed, where there is one: the seconds that an answer of 300 tokens usually takes here, to
   the half; then those of which only the wait is known; unseen comes last;
5. the larger context window, to the nearest doubling, so that 1,000,000 and 1,048,576 are the same;
6. the lower price (three tokens read to one written); unknown comes last;
7. the shorter wait for a first token, as seen so far, by halves of a second; unseen comes last;
8. the newer one;
9. the alphabet, so that the same models give the same choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import log2
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.requirements import Requirements, Seen, input_price, output_price

ReasonKind: TypeAlias = Literal[
    "lasts", "local", "remote", "cheaper", "faster", "larger", "sooner", "newer", "alphabet",
    "free", "price", "context", "wait", "speed", "ends",
]  # fmt: skip

_SOON = timedelta(days=30)
_INFINITE = float("inf")
_USUAL_ANSWER = 300
_MOST_REASONS = 3

# By the places in `Ranked.key`.
_DECIDES: tuple[ReasonKind, ...] = (
    *("lasts", "local", "cheaper", "faster", "larger", "cheaper", "sooner", "newer", "alphabet"),
)
_SAYS_THE_SAME: dict[ReasonKind, frozenset[ReasonKind]] = {
    "local": frozenset({"local"}),
    "larger": frozenset({"context"}),
    "faster": frozenset({"wait", "speed"}),
    "sooner": frozenset({"wait"}),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a model, or that is to be known of it.

    A comparison with the next model has `than`, what that one has (None where it is not known) and `rival`,
    its name: "lasts" (it is not about to be retired, and the other is), "local", "remote", "cheaper" (US
    dollars a million tokens, three read to one written), "faster" (seconds for an answer of 300 tokens),
    "larger" (tokens of context), "sooner" (seconds to the first token), "newer" (a date), "alphabet". A fact
    stands alone: "local", "free", "price" (`value` in, `other` out, US dollars a million tokens), "context",
    "wait" (seconds), "speed" (tokens a second), "ends" (the date of its retirement).
    """

    kind: ReasonKind
    value: float | date | None = None
    other: float | None = None
    than: float | date | None = None
    rival: str = ""

    def __str__(self) -> str:
        """A sentence, in English."""
        return _sentence(self) if not self.rival else _comparison(self)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One model with what its place hangs on; `key` sorts, the lowest first."""

    model: ModelInfo
    seen: Seen
    key: tuple[Any, ...]

    def reasons(self, following: Ranked | None) -> tuple[Reason, ...]:
        """At most three: what puts it before the next model, then what else speaks for it."""
        found: list[Reason] = []
        said: frozenset[ReasonKind] = frozenset()
        if following is not None:
            first = self.before(following)
            found.append(first)
            said = _SAYS_THE_SAME.get(first.kind, said)
        found += [one for one in self.facts() if one.kind not in said]
        if len(found) > 1 and found[0].kind == "alphabet":  # which says nothing for it
            del found[0]
        return tuple(found[:_MOST_REASONS])

    def before(self, following: Ranked) -> Reason:
        """What decides between it and the next one."""
        pairs = zip(_DECIDES, self.key, following.key, strict=True)
        kind: ReasonKind = next((kind for kind, mine, its in pairs if mine != its), "alphabet")
        if kind == "local" and not self.model.local:
            kind = "remote"
        return Reason(
            kind, _measure(kind, self), than=_measure(kind, following), rival=following.model.display_name
        )

    def notes(self) -> tuple[Reason, ...]:
        """What a person should know before choosing it."""
        if self.key[0] and self.model.retires_on is not None:
            return (Reason("ends", self.model.retires_on),)
        return ()

    def facts(self) -> Iterator[Reason]:
        """What speaks for it by itself."""
        model = self.model
        if model.local:
            yield Reason("local")
        if model.context_window:
            yield Reason("context", model.context_window)
        given = input_price(model)
        if given is not None and not model.local:
            free = given == 0 and output_price(model) == 0
            yield Reason("free") if free else Reason("price", given, output_price(model))
        if self.seen.speed is not None:
            yield Reason("speed", self.seen.speed)
        if self.seen.wait is not None:
            yield Reason("wait", self.seen.wait)


def ranker(wanted: Requirements, today: date) -> Callable[[ModelInfo, Seen], Ranked]:
    """What gives each model its place among those that `wanted` prefers, on a day."""
    soon = today + _SOON
    local, cheap, fast = wanted.local_preferred, wanted.cheap_preferred, wanted.fast_preferred

    def place(model: ModelInfo, seen: Seen) -> Ranked:
        price = blended_price(model)
        price = _INFINITE if price is None else price
        key = (
            model.retires_on is not None and model.retires_on <= soon,
            local is not None and model.local is not local,
            (_doubling(price) if fast else price) if cheap else 0,
            _slowness(seen) if fast else (0, 0),
            -round(log2(model.context_window)) if model.context_window else 0,
            price,
            _INFINITE if seen.wait is None else int(seen.wait * 2),
            -(model.released_on.toordinal() if model.released_on else 0),
            model.reference,
        )
        return Ranked(model, seen, key)

    return place


def blended_price(model: ModelInfo) -> float | None:
    """US dollars a million tokens, three read to one written; None where either is not known."""
    given, written = input_price(model), output_price(model)
    return (3 * given + written) / 4 if given is not None and written is not None else None


def usual_seconds(seen: Seen) -> float | None:
    """Seconds that an answer of 300 tokens usually takes here; None where that is not known."""
    if seen.wait is None or not seen.speed:
        return None
    return seen.wait + _USUAL_ANSWER / seen.speed


def _doubling(price: float) -> float:
    return price if price in {0, _INFINITE} else 2.0 ** round(log2(price))


def _slowness(seen: Seen) -> tuple[int, float]:
    whole = usual_seconds(seen)
    if whole is not None:
        return 0, int(whole * 2)
    return (2, 0) if seen.wait is None else (1, int(seen.wait * 2))


def _measure(kind: ReasonKind, ranked: Ranked) -> float | date | None:
    model = ranked.model
    if kind == "cheaper":
        return blended_price(model)
    if kind == "faster":
        return usual_seconds(ranked.seen)
    if kind == "larger":
        return model.context_window
    if kind == "sooner":
        return ranked.seen.wait
    if kind == "newer":
        return model.released_on
    return model.retires_on if kind == "lasts" else None


def _sentence(reason: Reason) -> str:
    value = reason.value
    if isinstance(value, date):
        return f"Its provider ends it on {value.isoformat()}."
    if value is None:
        return {"local": "It runs on this machine.", "free": "It costs nothing."}.get(reason.kind, "")
    if reason.kind == "price":
        written = f", ${reason.other:g} out" if reason.other is not None else ""
        return f"It costs ${value:g} in{written} for a million tokens."
    if reason.kind == "context":
        return f"Its context window is {value:,.0f} tokens."
    if reason.kind == "wait":
        return f"Its first token usually takes {value:.1f} s."
    return f"It usually writes {value:.1f} tokens a second."


def _comparison(reason: Reason) -> str:
    rival = reason.rival
    plain = {
        "lasts": f"It is not about to be retired, and {rival} is.",
        "local": f"It runs on this machine, and {rival} does not.",
        "remote": f"It does not run on this machine, and {rival} does.",
        "alphabet": f"It comes before {rival} in the alphabet, and is the same otherwise.",
    }.get(reason.kind)
    if plain is not None:
        return plain
    compared: dict[str, tuple[str, Callable[[Any], str]]] = {
        "cheaper": ("It costs less", _dollars),
        "faster": ("It has answered faster here", _seconds),
        "larger": ("It takes more", _tokens),
        "sooner": ("Its first token has come sooner here", _seconds),
        "newer": ("It is newer", str),
    }
    what, shown = compared[reason.kind]
    if reason.value is None:  # of the price, say, a part; the ranking knows more than the sentence can say
        return f"{what} than {rival}."
    than = "is not known" if reason.than is None else f"has {shown(reason.than)}"
    return f"{what} than {rival}: {shown(reason.value)}; the other {than}."


def _dollars(value: Any) -> str:
    return f"${value:g} a million tokens" if value else "nothing"


def _seconds(value: Any) -> str:
    return f"{value:.1f} s"


def _tokens(value: Any) -> str:
    return f"{value:,} tokens"
