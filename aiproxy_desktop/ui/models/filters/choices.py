"""What the filters offer, and what they say when they are on. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.model_settings import ModelsView, Place
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.choice import Choice

CAPABILITIES: tuple[str, ...] = (
    "vision",
    "audio",
    "video",
    "documents",
    "tools",
    "thinking",
    "json_mode",
    "json_schema",
    "web_search",
    "images_out",
    "audio_out",
)
PLACES: tuple[Place, ...] = ("computer", "network", "cloud")
CONTEXTS: tuple[int, ...] = (8_000, 32_000, 128_000, 200_000, 400_000, 1_000_000)
PRICES: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0)


def capability_choices(view: ModelsView) -> list[Choice]:
    """What a model must be able to do; several are asked for together."""
    said = words.capability_words()
    return [Choice(name, said[name], name in view.capabilities) for name in CAPABILITIES if name in said]


def provider_choices(view: ModelsView, states: Iterable[ProviderState]) -> list[Choice]:
    """Any of these; one that is chosen and gone stays, to be taken away."""
    known = {state.id: state.label for state in states if state.models or state.id in view.providers}
    known |= {name: name for name in view.providers if name not in known}
    return [Choice(name, label, name in view.providers) for name, label in known.items()]


def place_choices(view: ModelsView) -> list[Choice]:
    """Any of these."""
    return [Choice(place, words.place(place), place in view.places) for place in PLACES]


def context_choices(view: ModelsView) -> list[Choice]:
    """One of these."""
    return [
        Choice(str(size), tr("{size} or more", size=words.tokens(size)), size == view.min_context)
        for size in CONTEXTS
    ]


def price_choices(view: ModelsView) -> list[Choice]:
    """One of these, in US dollars a million tokens written."""
    return [Choice(str(price), _price(price), price == view.max_price) for price in PRICES]


def more_choices(view: ModelsView) -> list[Choice]:
    """Each by itself; the values are names of `ModelsView`."""
    return [
        Choice("favourites", tr("Favourites only"), view.favourites),
        Choice("not_retiring", tr("Not retiring"), view.not_retiring),
        Choice("hidden", tr("With hidden ones"), view.hidden),
    ]


def capability_value(view: ModelsView) -> str:
    """What the chip says; empty while it is off. The same for the others."""
    said = words.capability_words()
    names = [said.get(name, name) for name in view.capabilities]
    return tr("Capability: {names}", names=", ".join(names)) if names else ""


def provider_value(view: ModelsView, states: Iterable[ProviderState]) -> str:
    """Which providers."""
    chosen = [choice.words for choice in provider_choices(view, states) if choice.chosen]
    return tr("Provider: {names}", names=", ".join(chosen)) if chosen else ""


def place_value(view: ModelsView) -> str:
    """Where it runs."""
    return ", ".join(choice.words for choice in place_choices(view) if choice.chosen)


def context_value(view: ModelsView) -> str:
    """How large a context at least."""
    return tr("Context ≥ {size}", size=words.tokens(view.min_context)) if view.min_context else ""


def price_value(view: ModelsView) -> str:
    """How dear at most."""
    if view.max_price is None:
        return ""
    return tr("Free") if view.max_price == 0 else tr("Out ≤ {price}", price=_amount(view.max_price))


def toggled(chosen: Sequence[str], value: str) -> tuple[str, ...]:
    """With a value that was not chosen, without one that was."""
    return tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)


def _price(dollars: float) -> str:
    return tr("Free") if dollars == 0 else tr("Up to {price} a million out", price=_amount(dollars))


def _amount(dollars: float) -> str:
    return f"${dollars:.2f}" if dollars < 1 else f"${dollars:g}"
