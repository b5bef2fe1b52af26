"""The best model for what is needed: filtered hard, then ranked, with the reasons.

Of the models that have everything required (see `requirements`), the first is taken in this order:

1. not about to be retired (within 30 days);
2. the wish for this machine, or for another, where there is one;
3. the larger context window, to the nearest doubling, so that 1,000,000 and 1,048,576 are the same;
4. the lower price (three tokens read to one written); unknown comes last;
5. the shorter wait for a first token, as seen so far, by halves of a second; unseen comes last;
6. the newer one;
7. the alphabet, so that the same models give the same choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import log2
from typing import Any, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.requirements import Requirements, input_price, output_price, read_requirements

Latency: TypeAlias = Callable[[str], float | None]

_SOON = timedelta(days=30)
_RUNNERS_UP = 3
_INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen and why. `model` is None where nothing does.

    `reasons` are sentences; `considered` counts the models looked at; `rejected` tells by reference what
    each of those that do not do lacks; `runners_up` are the next best.
    """

    model: ModelInfo | None
    reasons: tuple[str, ...] = ()
    considered: int = 0
    rejected: Mapping[str, str] = field(default_factory=dict)
    runners_up: tuple[ModelInfo, ...] = ()

    @property
    def explanation(self) -> str:
        """The reasons as one text."""
        return " ".join(self.reasons)


def select_model(
    models: Iterable[ModelInfo],
    requirements: Mapping[str, Any] | None = None,
    latency: Latency | None = None,
    today: date | None = None,
) -> Selection:
    """Choose among models.

    Args:
        models: those at hand; of two with one reference, the first counts.
        requirements: names and values as in `requirements`.
        latency: the usual wait for a first token by reference (`LatencyBook.usual`).
        today: by which day a model is retired; None asks the clock.

    Raises:
        InvalidRequestError: a requirement that is none, or a value that does not fit.
    """
    wanted = read_requirements(requirements)
    day = today or datetime.now(UTC).date()
    at_hand = {model.reference: model for model in reversed(tuple(models))}
    lacking = {reference: wanted.lacking(model, day) for reference, model in at_hand.items()}
    rejected = {reference: reason for reference, reason in sorted(lacking.items()) if reason is not None}
    fitting = [model for reference, model in at_hand.items() if reference not in rejected]
    if not fitting:
        return Selection(None, _nothing_fits(rejected), len(at_hand), rejected)
    best, *others = ranked(fitting, wanted.local_preferred, latency, day)
    reasons = _reasons(best, wanted, len(fitting), len(at_hand), latency)
    return Selection(best, reasons, len(at_hand), rejected, tuple(others[:_RUNNERS_UP]))


def ranked(
    models: Iterable[ModelInfo],
    local_preferred: bool | None = None,
    latency: Latency | None = None,
    today: date | None = None,
) -> list[ModelInfo]:
    """Models, best first, in the order that this module describes."""
    day = today or datetime.now(UTC).date()

    def key(model: ModelInfo) -> tuple[Any, ...]:
        wait = latency(model.reference) if latency is not None else None
        price = _price(model)
        return (
            model.retires_on is not None and model.retires_on <= day + _SOON,
            local_preferred is not None and model.local is not local_preferred,
            -round(log2(model.context_window)) if model.context_window else 0,
            _INFINITE if price is None else price,
            _INFINITE if wait is None else int(wait * 2),
            -(model.released_on.toordinal() if model.released_on else 0),
            model.reference,
        )

    return sorted(models, key=key)


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


def _price(model: ModelInfo) -> float | None:
    given, written = input_price(model), output_price(model)
    return (3 * given + written) / 4 if given is not None and written is not None else None


def _reasons(
    best: ModelInfo, wanted: Requirements, fitting: int, considered: int, latency: Latency | None
) -> tuple[str, ...]:
    reasons = [f"{best.reference} is the first of {fitting} that fit, out of {considered}."]
    if wanted.capabilities:
        reasons.append(f"It has what was asked for: {', '.join(wanted.capabilities)}.")
    if best.local:
        reasons.append("It runs on this machine.")
    if best.context_window:
        reasons.append(f"Its context window is {best.context_window:,} tokens.")
    if best.price is not None and not best.local and best.price.input is not None:
        written = f", ${best.price.output:g} out" if best.price.output is not None else ""
        reasons.append(f"It costs ${best.price.input:g} in{written} for a million tokens.")
    wait = latency(best.reference) if latency is not None else None
    if wait is not None:
        reasons.append(f"Its first token usually takes {wait:.1f} s.")
    if best.retires_on is not None:
        reasons.append(f"Its provider ends it on {best.retires_on.isoformat()}.")
    return tuple(reasons)


def _nothing_fits(rejected: Mapping[str, str]) -> tuple[str, ...]:
    if not rejected:
        return ("No model is at hand: no provider has listed any.",)
    counts = Counter(rejected.values()).most_common(4)
    return (
        f"None of the {len(rejected)} models at hand fits.",
        *(f"{reason[0].upper()}{reason[1:]} ({count})." for reason, count in counts),
    )
