"""One model of the table as a value. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.requirements import Seen
from aiproxy_desktop.services.model_places import place_of
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.model_settings import Place

# Whether a provider may answer now; one that is being asked keeps the benefit of the doubt.
USABLE = frozenset({"ready", "checking", "rate_limited"})

# How a model was seen to answer here, by its reference.
SpeedOf: TypeAlias = Callable[[str], Seen]


class Row(NamedTuple):
    """One line. `searched` is what a search looks through; `usable` whether its provider answers now.

    A named tuple: five thousand of them are made within one frame.
    """

    model: ModelInfo
    reference: str
    provider: str
    place: Place
    usable: bool
    searched: str
    speed: Seen
    size: int | None
    favourite: bool
    hidden: bool


def rows_of(
    state: ProviderState, speed: SpeedOf, favourites: frozenset[str], hidden: frozenset[str]
) -> list[Row]:
    """The lines of one provider, in its own order."""
    usable = state.status in USABLE
    label = state.label
    found_label = label.casefold()
    rows: list[Row] = []
    for model in state.models:
        reference = model.reference
        rows.append(
            Row(
                model,
                reference,
                label,
                place_of(model, state.base_url, state.kind),
                usable,
                f"{model.display_name} {model.id} ".casefold() + found_label,
                speed(reference),
                model.size_bytes,
                reference in favourites,
                reference in hidden,
            )
        )
    return rows
