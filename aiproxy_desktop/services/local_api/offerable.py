"""Every model that could be offered over the local API: those that answer, that draw, that one talks with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.live.codec import LiveTalker
from aiproxy_desktop.core.provider import ImageMaker
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.provider_states import ProviderState, chats

Kind: TypeAlias = Literal["chat", "images", "live"]


@dataclass(frozen=True, slots=True)
class Offerable:
    """One model.

    Attributes:
        reference: `provider:model`.
        name: as a person knows it.
        provider: its provider's id.
        kind: what it is for.
    """

    reference: str
    name: str
    provider: str
    kind: Kind


def offerable(states: Sequence[ProviderState], registry: Registry) -> tuple[Offerable, ...]:
    """Provider by provider, each model once; those of providers without a key are left out.

    Args:
        states: of all providers, whose lists name the models that answer.
        registry: where those are found that make images or hold live sessions.
    """
    found: dict[str, Offerable] = {}
    for state in states:
        for one in (*_listed(state), *_special(state, registry)):
            found.setdefault(one.reference, one)
    return tuple(found.values())


def _listed(state: ProviderState) -> Iterable[Offerable]:
    for model in state.models:
        yield Offerable(model.reference, model.display_name, state.id, "chat" if chats(model) else "images")


def _special(state: ProviderState, registry: Registry) -> Iterable[Offerable]:
    if state.status == "no_key" or state.id not in registry.ids():
        return
    provider: object = registry.get(state.id)
    if isinstance(provider, ImageMaker):
        for model in provider.image_models():
            yield Offerable(model.reference, model.display_name or model.id, state.id, "images")
    if isinstance(provider, LiveTalker):
        for name in provider.live_models():
            yield Offerable(f"{state.id}:{name}", name, state.id, "live")
