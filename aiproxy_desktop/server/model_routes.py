"""`GET /v1/models`: what can be named in a request, in OpenAI's shape."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.errors import ModelNotFoundError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import ImageMaker
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.chat.document import MODEL, MODELS
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.exchange import Exchange


def model_routes(backend: ApiBackend) -> APIRouter:
    """The routes."""
    router = APIRouter()
    since = int(time.time())

    @router.get("/v1/models", **MODELS)
    async def list_models(request: Request) -> Response:
        """List the models that are offered, and the names that stand for them."""
        with Exchange.begin(backend, request, {}) as exchange:
            await backend.refresh()
            models = [*offered_models(backend), *await drawing_models(backend)]
            named = [*aliases_of(backend, models), *((model.reference, model) for model in models)]
            data = [_entry(name, model, since) for name, model in named]
            return exchange.answer({"object": "list", "data": data})

    @router.get("/v1/models/{name:path}", **MODEL)
    async def one_model(request: Request, name: str) -> Response:
        """Describe a model by its reference, its bare name or an alias."""
        if not name:
            raise Refusal(404, "There is no name of a model in this address. The list is at /v1/models.")
        with Exchange.begin(backend, request, {}) as exchange:
            model = await _there(backend, await exchange.resolve(name), name)
            return exchange.answer(_entry(name, model, since))

    return router


def offered_models(backend: ApiBackend) -> list[ModelInfo]:
    """The models that others may use, as far as they are known now."""
    names = backend.names()
    return [model for model in backend.registry.known_models() if names.offers(model.reference)]


async def drawing_models(backend: ApiBackend) -> list[ModelInfo]:
    """The same of those that make images and hold no conversation: they stand in lists of their own."""
    names, registry = backend.names(), backend.registry
    talking = {model.reference for model in registry.known_models()}
    found: list[ModelInfo] = []
    for provider in registry.providers():
        if isinstance(provider, ImageMaker) and await backend.is_usable(provider.id):
            found += (model for model in provider.image_models() if model.reference not in talking)
    return [model for model in found if names.offers(model.reference)]


def aliases_of(backend: ApiBackend, models: list[ModelInfo]) -> list[tuple[str, ModelInfo]]:
    """The person's own names for some of these models; those that stand for no one of them are left out."""
    by_name = {model.id: model for model in reversed(models)} | {model.reference: model for model in models}
    found = ((alias, by_name.get(meant)) for alias, meant in backend.names().aliases.items())
    return [(alias, model) for alias, model in found if model is not None]


async def _there(backend: ApiBackend, reference: str, name: str) -> ModelInfo:
    """What is known of a model that its provider lists, or whose provider lists nothing.

    Raises:
        ModelNotFoundError: its provider has others.
    """
    provider, _, model = reference.partition(":")
    registry = backend.registry
    if registry.known_model(provider, model) is None:
        await backend.refresh()
    drawing = {one.reference: one for one in await drawing_models(backend)}
    if reference in drawing:
        return drawing[reference]
    if registry.known_model(provider, model) is None and registry.known_models(provider):
        raise ModelNotFoundError(f"There is no model “{name[:80]}”", "Choose one from the list of models.")
    return registry.describe(provider, model)


def _entry(name: str, model: ModelInfo, since: int) -> dict[str, Any]:
    """A model as OpenAI's list has it, under the name it goes by.

    `created` has to be a time for the clients that read this: where it is not known when a model came out,
    it is when this server began to offer it, as other servers of models have it.
    """
    day = model.released_on
    created = since if day is None else int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {"id": name, "object": "model", "created": created, "owned_by": model.provider}
