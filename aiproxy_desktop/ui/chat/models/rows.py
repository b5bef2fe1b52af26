"""The models a person can choose from, as rows, and the one that is chosen. No Qt here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.model_places import place_of
from aiproxy_desktop.services.provider_states import chats
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.ui.translation import tr

Availability: TypeAlias = Literal["ready", "off", "broken", "busy"]

_AVAILABILITY: dict[str, Availability] = {
    "ready": "ready",
    "checking": "busy",
    "no_key": "off",
    "no_model": "off",
    "unreachable": "off",
    "rejected": "broken",
    "rate_limited": "busy",
    "error": "broken",
}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the picker: a model, or a provider that has none to offer and says why.

    `reference` is None where there is nothing to choose; `add_key` offers to add the missing key.
    """

    name: str
    provider: str
    provider_label: str
    availability: Availability
    reference: str | None = None
    note: str = ""
    add_key: bool = False
    chats: bool = True

    @property
    def enabled(self) -> bool:
        """Whether Enter or a click does something."""
        return self.reference is not None or self.add_key


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that answers next."""

    reference: str
    name: str
    provider: str
    provider_label: str
    availability: Availability
    local: bool
    free: bool = False

    @property
    def cost(self) -> str:
        """What it costs, where that is known and it can answer."""
        if self.availability not in {"ready", "busy"}:
            return ""
        if self.local:
            return tr("Free, on this computer")
        return tr("Free") if self.free else ""


def model_rows(
    states: Iterable[ProviderState],
    query: str = "",
    *,
    favourites: Collection[str] = (),
    hidden: Collection[str] = (),
) -> list[ModelRow]:
    """Everything detected: models that answer first, then those that only make images, then what is missing.

    Args:
        states: of all providers, in their own order.
        query: only rows that hold each of its words, in any order.
        favourites: references of models that come before their like.
        hidden: references of models that are left out.
    """
    words = query.casefold().split()
    rows = [row for state in states for row in _rows(state) if row.reference not in hidden]
    rows = [row for row in rows if all(word in _searched(row) for word in words)]

    def order(row: ModelRow) -> tuple[bool, ...]:
        # A model named so comes before one whose provider is: "llama" is in "Ollama" too.
        named = not _named(row, words)
        return row.reference is None, not row.chats, named, row.reference not in favourites

    return sorted(rows, key=order)


def choose(states: Sequence[ProviderState], wanted: str | None, default: ModelInfo | None) -> Choice | None:
    """The model to use: the wanted one wherever that can still be right, else the default.

    Args:
        states: of all providers.
        wanted: a reference (`provider:id`), or None.
        default: what to use when nothing is wanted or it is gone.
    """
    if wanted is not None:
        provider, _, model_id = wanted.partition(":")
        state = next((state for state in states if state.id == provider), None)
        if state is not None and model_id:
            known = next((model for model in state.models if model.id == model_id), None)
            if known is not None:
                return _choice(state, known)
            # A list that has not arrived cannot say that the model is gone.
            if state.status != "ready":
                return _choice(state, ModelInfo(model_id, provider, model_id, local=state.kind == "ollama"))
    if default is None:
        return None
    state = next((state for state in states if state.id == default.provider), None)
    return None if state is None else _choice(state, default)


def display_name(states: Iterable[ProviderState], reference: str | None) -> str:
    """A model's name as a person knows it; its id when no provider lists it."""
    if not reference:
        return ""
    known = find_model(states, reference)
    return known.display_name if known is not None else reference.partition(":")[2] or reference


def find_model(states: Iterable[ProviderState], reference: str) -> ModelInfo | None:
    """What is known of a model, where its provider lists it."""
    provider, _, model_id = reference.partition(":")
    for state in states:
        if state.id == provider:
            return next((model for model in state.models if model.id == model_id), None)
    return None


def nothing_usable(states: Sequence[ProviderState]) -> bool:
    """Whether every provider has answered and none has a model."""
    return bool(states) and not any(
        state.status == "checking" or (state.status == "ready" and state.models) for state in states
    )


def _choice(state: ProviderState, model: ModelInfo) -> Choice:
    return Choice(
        reference=model.reference,
        name=model.display_name,
        provider=state.id,
        provider_label=tr("built in") if state.kind == "builtin" else state.label,
        availability=_AVAILABILITY[state.status],
        local=runs_here(state, model),
        free=model.free,
    )


def _rows(state: ProviderState) -> list[ModelRow]:
    availability = _AVAILABILITY[state.status]
    if state.status == "no_key" and state.kind != "plugin":
        return [ModelRow(state.label, state.id, "", "off", note=tr("Add key"), add_key=True)]
    if state.models:
        return [
            ModelRow(
                name=model.display_name,
                provider=state.id,
                provider_label=state.label,
                availability=availability,
                reference=model.reference,
                note=_note(state) if availability in {"off", "broken"} else _cost(state, model),
                chats=chats(model),
            )
            for model in state.models
        ]
    return [ModelRow(state.label, state.id, "", availability, note=_note(state))]


def runs_here(state: ProviderState, model: ModelInfo) -> bool:
    """Whether a model runs on this computer; one on an Ollama server elsewhere costs nothing either."""
    return model.local and place_of(model, state.base_url, state.kind) == "computer"


def _cost(state: ProviderState, model: ModelInfo) -> str:
    if not chats(model):
        return tr("Images only")
    if not model.free:
        return ""
    return tr("Free, here") if runs_here(state, model) else tr("Free")


def _note(state: ProviderState) -> str:
    notes = {
        "checking": tr("Looking for models"),
        "ready": tr("No models yet"),
        "no_model": tr("No models yet"),
        "unreachable": tr("Not found") if state.kind == "ollama" else tr("Cannot be reached"),
        "rejected": tr("Key not accepted"),
        "no_key": tr("Needs a key"),
    }
    return notes.get(state.status, tr("Not working"))


def _named(row: ModelRow, words: Sequence[str]) -> bool:
    name = row.name.casefold()
    return all(word in name for word in words)


def _searched(row: ModelRow) -> str:
    return f"{row.name} {row.provider_label} {row.reference or ''}".casefold()
