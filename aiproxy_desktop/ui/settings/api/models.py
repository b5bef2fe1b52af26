"""The models that can be offered over the local API, as rows. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiproxy_desktop.services.local_api.offerable import Offerable
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One model; `note` is its provider, and what it is for where that is not to answer."""

    reference: str
    name: str
    note: str
    offered: bool


def offer_rows(
    models: Iterable[Offerable], states: Sequence[ProviderState], offered: Sequence[str], query: str = ""
) -> tuple[OfferRow, ...]:
    """All models, provider by provider; those that are offered and were not found come last.

    Args:
        models: those there are.
        states: of all providers, for their names.
        offered: references that others may use.
        query: only rows that hold each of its words, in any order.
    """
    chosen = frozenset(offered)
    labels = {state.id: tr("built in") if state.kind == "builtin" else state.label for state in states}
    rows = [OfferRow(one.reference, one.name, _note(one, labels), one.reference in chosen) for one in models]
    found = {row.reference for row in rows}
    rows += [
        OfferRow(reference, reference, tr("not found now"), offered=True)
        for reference in offered
        if reference not in found
    ]
    words = query.casefold().split()
    return tuple(row for row in rows if all(word in _searched(row) for word in words))


def _note(model: Offerable, labels: Mapping[str, str]) -> str:
    label = labels.get(model.provider, model.provider)
    if model.kind == "images":
        return tr("images, {provider}", provider=label)
    if model.kind == "live":
        return tr("voice, {provider}", provider=label)
    return label


def _searched(row: OfferRow) -> str:
    return f"{row.name} {row.reference} {row.note}".casefold()
