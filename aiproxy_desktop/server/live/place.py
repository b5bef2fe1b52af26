"""Whom a client talks with: the model that it names, or the one that is meant where it names none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.errors import UnknownModelError
from aiproxy_desktop.core.live.codec import LiveService, LiveTalker
from aiproxy_desktop.core.live.gemini_live import DEFAULT_MODEL
from aiproxy_desktop.core.live.services import GeminiLiveService
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal

_MOST_NAMED = 6
_DEFAULT = f"gemini:{DEFAULT_MODEL}"


@dataclass(frozen=True, slots=True)
class Place:
    """A model and who holds sessions with it.

    Attributes:
        reference: `provider:model`.
        model: its name there.
        service: whom to talk with.
        others: the live models that are known there.
    """

    reference: str
    model: str
    service: LiveService
    others: tuple[str, ...] = ()

    @property
    def provider(self) -> str:
        """Its provider's id."""
        return self.reference.partition(":")[0]

    @property
    def title(self) -> str:
        """What a person calls the service; for Gemini the seed's words."""
        label = self.service.label
        return f"{label} Live" if isinstance(self.service, GeminiLiveService) else label

    def holds_none(self) -> Refusal:
        """What a client is told where it turns out that the model is no live one."""
        return _no_sessions(f"{self.service.label} holds no live sessions with “{self.model}”", self.others)


async def place_of(backend: ApiBackend, wanted: Any) -> Place:
    """Where the model is talked with that a configuration names.

    Args:
        backend: of the server.
        wanted: a reference, a bare name, an alias; None or nothing is the default.

    Raises:
        AIProxyError: nobody has it, or it is not offered.
        Refusal: it is no name, or the model holds no live sessions.
    """
    if wanted is not None and not isinstance(wanted, str):
        raise Refusal(400, "The field “model” is no text. Give the name of a live model.", param="model")
    name = (wanted or "").strip().removeprefix("models/")
    reference = await backend.reference_of(name or _default(backend))
    try:
        talker = await backend.live_talker(reference)
    except UnknownModelError:
        raise _no_sessions(f"“{reference}” holds no live sessions", tuple(_offered(backend))) from None
    return Place(reference, reference.partition(":")[2], talker.live_service(), talker.live_models())


def _default(backend: ApiBackend) -> str:
    """Gemini's best; where that is not there or not offered, the first live model that is."""
    if backend.names().offers(_DEFAULT) and backend.registry.get("gemini") is not None:
        return _DEFAULT
    return next(_offered(backend), _DEFAULT)


def _offered(backend: ApiBackend) -> Iterator[str]:
    """The live models that clients may use, by reference."""
    names, registry = backend.names(), backend.registry
    for provider in registry.ids():
        found: object = registry.get(provider)
        if isinstance(found, LiveTalker):
            references = (f"{provider}:{model}" for model in found.live_models())
            yield from (reference for reference in references if names.offers(reference))


def _no_sessions(what: str, models: tuple[str, ...]) -> Refusal:
    choice = f"Choose {', '.join(models[:_MOST_NAMED])}." if models else "Choose a live model."
    return Refusal(404, f"{what}. {choice}", code="model_not_found", param="model")
