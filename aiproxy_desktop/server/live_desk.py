"""Whom a client talks with: the model that it names, or the one that is meant where it names none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.live.codec import LiveService, LiveTalker
from aiproxy_desktop.core.live.gemini_live import DEFAULT_MODEL
from aiproxy_desktop.core.live.services import GeminiLiveService
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal

_DEFAULT = f"gemini:{DEFAULT_MODEL}"


@dataclass(frozen=True, slots=True)
class Place:
    """A model and who holds sessions with it. `model` is its name there."""

    reference: str
    model: str
    service: LiveService

    @property
    def provider(self) -> str:
        """Its provider's id."""
        return self.reference.partition(":")[0]

    @property
    def title(self) -> str:
        """What a person calls the service; for Gemini the seed's words."""
        label = self.service.label
        return f"{label} Live" if isinstance(self.service, GeminiLiveService) else label


async def place_of(backend: ApiBackend, wanted: Any) -> Place:
    """Where the model is talked with that a configuration names.

    Args:
        backend: of the server.
        wanted: a reference, a bare name, an alias; None or nothing is the default.

    Raises:
        AIProxyError: nobody has it, it is not offered, or it holds no live sessions.
        Refusal: it is no name.
    """
    if wanted is not None and not isinstance(wanted, str):
        raise Refusal(400, "The field “model” is no text. Give the name of a live model.", param="model")
    name = (wanted or "").strip().removeprefix("models/")
    reference = await backend.reference_of(name or _default(backend))
    talker = await backend.live_talker(reference)
    return Place(reference, reference.partition(":")[2], talker.live_service())


def _default(backend: ApiBackend) -> str:
    """Gemini's best; where that is not there or not offered, the first live model that is."""
    names, registry = backend.names(), backend.registry
    if names.offers(_DEFAULT) and registry.get("gemini") is not None:
        return _DEFAULT
    for provider in registry.ids():
        found: object = registry.get(provider)
        if isinstance(found, LiveTalker):
            for model in found.live_models():
                if names.offers(f"{provider}:{model}"):
                    return f"{provider}:{model}"
    return _DEFAULT
