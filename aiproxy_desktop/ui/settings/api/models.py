"""The models that can be offered over the local API, as rows. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One model; `found` tells whether a provider lists it now."""

    reference: str
    name: str
    provider: str
    offered: bool
    found: bool = True


def offer_rows(
    states: Sequence[ProviderState], offered: Sequence[str], query: str = ""
) -> tuple[OfferRow, ...]:
    """All models, provider by provider; those that are offered and were not found come last.

    Args:
        states: of all providers.
        offered: references that others may use.
        query: only rows that hold each of its words, in any order.
    """
    chosen = frozenset(offered)
    rows = [
        OfferRow(model.reference, model.display_name, _provider(state), model.reference in chosen)
        for state in states
        for model in state.models
    ]
    found = {row.reference for row in rows}
    rows += [
        OfferRow(reference, reference, tr("not found now"), offered=True, found=False)
        for reference in offered
        if reference not in found
    ]
    words = query.casefold().split()
    return tuple(row for row in rows if all(word in _searched(row) for word in words))


def _provider(state: ProviderState) -> str:
    return tr("built in") if state.kind == "builtin" else state.label


def _searched(row: OfferRow) -> str:
    return f"{row.name} {row.reference} {row.provider}".casefold()
