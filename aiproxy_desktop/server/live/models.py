"""`GET /api/live/models`: the models that can be talked with now, and what can be chosen for each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.live.codec import LiveTalker
from aiproxy_desktop.core.live.models import LIVE_MODELS, live_facts_for
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.documents import FLAG, TEXT, WHOLE, document, fields, listed
from aiproxy_desktop.server.exchange import Exchange

_MODEL = fields(
    ("id", "name", "provider", "label", "sampleRate", "voices", "languages", "google_search"),
    id=TEXT,
    name=TEXT,
    provider=TEXT,
    label=TEXT | {"description": "What a person calls the provider."},
    sampleRate=WHOLE | {"description": "Of the sound it takes without conversion."},
    voices=listed(TEXT),
    languages=listed(TEXT) | {"description": "BCP 47; empty where it only follows who speaks."},
    google_search=FLAG,
)
_DOCUMENT = document(None, fields(("object", "data"), object=TEXT, data=listed(_MODEL)))


def live_model_routes(backend: ApiBackend) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.get("/api/live/models", **_DOCUMENT)
    async def live_models(request: Request) -> Response:
        """List the models that can be talked with, best first."""
        with Exchange.begin(backend, request, {}) as exchange:
            await backend.refresh()
            return exchange.answer({"object": "list", "data": await _offered(backend)})

    return router


async def _offered(backend: ApiBackend) -> list[dict[str, Any]]:
    names, registry = backend.names(), backend.registry
    found: list[dict[str, Any]] = []
    for provider in await registry.answering():
        talker: object = provider
        if not isinstance(talker, LiveTalker) or not await backend.is_usable(provider.id):
            continue
        vendor = registry.vendor_of(provider.id) or provider.id
        label = talker.live_service().label
        models = talker.live_models()
        found += [_entry(provider.id, label, vendor, one) for one in models]
    return sorted((one for one in found if names.offers(one["id"])), key=_rank)


def _entry(provider: str, label: str, vendor: str, model: str) -> dict[str, Any]:
    facts = live_facts_for(vendor, model)
    return {
        "id": f"{provider}:{model}",
        "name": model,
        "provider": provider,
        "label": label,
        "sampleRate": facts.input_rate,
        "voices": facts.voices,
        "languages": facts.languages,
        "google_search": facts.google_search,
    }


def _rank(entry: dict[str, Any]) -> int:
    """The table's order; what is not in it comes last."""
    places = (place for place, facts in enumerate(LIVE_MODELS) if facts.id == entry["name"])
    return next(places, len(LIVE_MODELS))
