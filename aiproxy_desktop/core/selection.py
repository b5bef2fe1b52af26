"""The best model for what is needed: filtered hard, then ranked, with the reasons.

Of the models that have everything required (see `requirements`), the first in the order of `ranking` is
taken. Those that lack something follow, the one that lacks least first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.ranking import Ranked, Reason, ranker
from aiproxy_desktop.core.requirements import UNSEEN, Requirements, Seen, read_requirements
from aiproxy_desktop.core.shortcomings import Lack

# What has been seen of a model by its reference: the seconds to a first token, or the tokens a second.
Latency: TypeAlias = Callable[[str], float | None]

_RUNNERS_UP = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model and where it stands. `lacks` is empty where it has everything required."""

    standing: Ranked
    lacks: tuple[Lack, ...] = ()
    following: Ranked | None = None

    @property
    def model(self) -> ModelInfo:
        """The model."""
        return self.standing.model

    @property
    def fits(self) -> bool:
        """Whether it has everything required."""
        return not self.lacks

    @property
    def may_fit(self) -> bool:
        """Whether nothing that it is known to be speaks against it."""
        return all(not one.known for one in self.lacks)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """At most three: what puts it before the next one that fits, and what else speaks for it."""
        return self.standing.reasons(self.following)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What a person should know before choosing it: that it is about to be retired."""
        return self.standing.notes()


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen and why. `model` is None where nothing does.

    `reasons` are sentences; `considered` counts the models looked at; `rejected` tells by reference the first
    thing that each of those that do not do lacks; `runners_up` are the next best. `ranking` has every model:
    those that do, best first, then the others, the one that lacks least first.
    """

    model: ModelInfo | None
    reasons: tuple[str, ...] = ()
    considered: int = 0
    rejected: Mapping[str, str] = field(default_factory=dict)
    runners_up: tuple[ModelInfo, ...] = ()
    ranking: tuple[Candidate, ...] = ()

    @property
    def explanation(self) -> str:
        """The reasons as one text."""
        return " ".join(self.reasons)


def select_model(
    models: Iterable[ModelInfo],
    requirements: Mapping[str, Any] | None = None,
    latency: Latency | None = None,
    today: date | None = None,
    *,
    rate: Latency | None = None,
) -> Selection:
    """Choose among models.

    Args:
        models: those at hand; of two with one reference, the first counts.
        requirements: names and values as in `requirements`.
        latency: the usual wait for a first token by reference, in seconds (`LatencyBook.usual`).
        today: by which day a model is retired; None asks the clock.
        rate: the usual speed by reference, in tokens a second (`LatencyBook.usual_speed`).

    Raises:
        InvalidRequestError: a requirement that is none, or a value that does not fit.
    """
    wanted = read_requirements(requirements)
    day = today or datetime.now(UTC).date()
    place = ranker(wanted, day)
    at_hand = {model.reference: model for model in reversed(tuple(models))}
    fitting: list[Ranked] = []
    lacking: list[tuple[Ranked, tuple[Lack, ...]]] = []
    for reference, model in at_hand.items():
        seen = _seen(reference, latency, rate)
        lacks = tuple(wanted.shortcomings(model, day, seen))
        if lacks:
            lacking.append((place(model, seen), lacks))
        else:
            fitting.append(place(model, seen))
    fitting.sort(key=_by_key)
    lacking.sort(key=lambda one: (sum(lack.weight for lack in one[1]), one[0].key))
    rejected = {ranked.model.reference: str(lacks[0]) for ranked, lacks in lacking}
    rejected = dict(sorted(rejected.items()))
    ranking = (
        *(Candidate(one, (), behind) for one, behind in zip(fitting, (*fitting[1:], None), strict=False)),
        *(Candidate(ranked, lacks) for ranked, lacks in lacking),
    )
    if not fitting:
        return Selection(None, _nothing_fits(rejected), len(at_hand), rejected, ranking=ranking)
    best, *others = fitting
    return Selection(
        best.model,
        _reasons(best, wanted, len(fitting), len(at_hand)),
        len(at_hand),
        rejected,
        tuple(one.model for one in others[:_RUNNERS_UP]),
        ranking,
    )


def ranked(
    models: Iterable[ModelInfo],
    local_preferred: bool | None = None,
    latency: Latency | None = None,
    today: date | None = None,
) -> list[ModelInfo]:
    """Models, best first, in the order of `ranking`."""
    place = ranker(Requirements(local_preferred=local_preferred), today or datetime.now(UTC).date())
    placed = [place(model, _seen(model.reference, latency, None)) for model in models]
    return [one.model for one in sorted(placed, key=_by_key)]


def selection_entry(selection: Selection, models: Iterable[ModelInfo]) -> dict[str, Any] | None:
    """The chosen model as the seed's dictionary, with an `explanation`; None where nothing does.

    `id` is a name that routes to this model and no other: its own, or `provider:id` where several of the
    models have that id or it begins like a reference.
    """
    from aiproxy_desktop.core.model_entries import model_entry

    best = selection.model
    if best is None:
        return None
    at_hand = tuple(models)
    others = [one for one in at_hand if one.reference != best.reference and one.id == best.id]
    left, colon, _ = best.id.partition(":")
    looks_explicit = bool(colon) and any(one.provider == left for one in at_hand)
    entry = model_entry(best)
    if others or looks_explicit:
        entry["id"] = best.reference
    return entry | {"explanation": selection.explanation, "considered": selection.considered}


def _by_key(ranked: Ranked) -> tuple[Any, ...]:
    return ranked.key


def _seen(reference: str, latency: Latency | None, rate: Latency | None) -> Seen:
    if latency is None and rate is None:
        return UNSEEN
    wait = latency(reference) if latency is not None else None
    speed = rate(reference) if rate is not None else None
    return UNSEEN if wait is None and speed is None else Seen(wait, speed)


def _reasons(best: Ranked, wanted: Requirements, fitting: int, considered: int) -> tuple[str, ...]:
    reasons = [f"{best.model.reference} is the first of {fitting} that fit, out of {considered}."]
    if wanted.capabilities:
        reasons.append(f"It has what was asked for: {', '.join(wanted.capabilities)}.")
    reasons += [str(one) for one in best.facts()]
    if best.model.retires_on is not None:
        reasons.append(str(Reason("ends", best.model.retires_on)))
    return tuple(reasons)


def _nothing_fits(rejected: Mapping[str, str]) -> tuple[str, ...]:
    if not rejected:
        return ("No model is at hand: no provider has listed any.",)
    counts = Counter(rejected.values()).most_common(4)
    return (
        f"None of the {len(rejected)} models at hand fits.",
        *(f"{reason[0].upper()}{reason[1:]} ({count})." for reason, count in counts),
    )
