"""`GET /v1/models`: what can be named in a request, in OpenAI's shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.exchange import Exchange


def model_routes(backend: ApiBackend) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/v1/models")
    async def list_models(request: Request) -> Response:
        with Exchange.begin(backend, request, {}) as exchange:
            await backend.refresh()
            models = offered_models(backend)
            data = [*_aliases(backend, models), *(_entry(model) for model in models)]
            return exchange.answer({"object": "list", "data": data})

    @router.get("/v1/models/{name:path}")
    async def one_model(request: Request, name: str) -> Response:
        with Exchange.begin(backend, request, {}) as exchange:
            reference = await exchange.resolve(name)
            provider, _, model = reference.partition(":")
            return exchange.answer(_entry(backend.registry.describe(provider, model), name))

    return router


def offered_models(backend: ApiBackend) -> list[ModelInfo]:
    """The models that others may use, as far as they are known now."""
    names = backend.names()
    return [model for model in backend.registry.known_models() if names.offers(model.reference)]


def _aliases(backend: ApiBackend, models: Sequence[ModelInfo]) -> list[dict[str, Any]]:
    """The person's own names, of those models that are there and offered."""
    names = backend.names()
    by_name = {model.id: model for model in reversed(models)} | {model.reference: model for model in models}
    found = ((alias, by_name.get(meant)) for alias, meant in names.aliases.items())
    return [_entry(model, alias) for alias, model in found if model is not None]


def _entry(model: ModelInfo, name: str = "") -> dict[str, Any]:
    """A model as OpenAI's list has it; `name` is what it was asked for by, where that is another."""
    released = model.released_on
    created = (
        int(datetime(released.year, released.month, released.day, tzinfo=UTC).timestamp()) if released else 0
    )
    return {
        "id": name or model.reference,
        "object": "model",
        "created": created,
        "owned_by": model.provider,
    }
