"""The routes of the seed: what the server is, whether it is well, its models, and completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.model_entries import model_entry
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.slices import in_slices
from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.chat.answers import chat_frames, plain_images, whole_answer
from aiproxy_desktop.server.chat.body import read_chat
from aiproxy_desktop.server.clients import CLIENT_FIELDS, label
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.exchange import Exchange, body_of
from aiproxy_desktop.server.model_routes import offered_models
from aiproxy_desktop.server.seed_document import COMPLETION, HEALTH, MODELS, ROOT

_ROOT = encode_json(
    {
        "message": "AI Proxy Desktop",
        "endpoints": {
            "completions": "/api/chat/completions",
            "gemini_live": "/api/gemini/ws",
            "models": "/api/models",
            "health": "/health",
            "demo": "/demo",
            "openai": "/v1",
            "openapi": "/openapi.json",
        },
    }
)
_HEALTHY = encode_json({"status": "healthy"})

# Fields of the seed's own, beside those of OpenAI's.
_INSTRUCTION = "system_instruction"
_OWN = frozenset({_INSTRUCTION, "safety_settings", "return_images"})


def seed_routes(backend: ApiBackend) -> APIRouter:
    """`GET /`, `GET /health`, `GET /api/models` and `POST /api/chat/completions`."""
    router = APIRouter()

    @router.get("/", **ROOT)
    async def root() -> Response:
        """Say what this is, to anybody."""
        return Response(_ROOT, media_type="application/json")

    @router.get("/health", **HEALTH)
    async def health() -> Response:
        """Say that it answers, to anybody."""
        return Response(_HEALTHY, media_type="application/json")

    @router.get("/api/models", **MODELS)
    async def models(request: Request) -> Response:
        """List the models that are offered, or those of one provider."""
        with Exchange.begin(backend, request, {}) as exchange:
            found = await _models(backend, request.query_params.get("provider", ""))
            return exchange.answer({"object": "list", "data": await in_slices(found, model_entry)})

    @router.post("/api/chat/completions", **COMPLETION)
    async def complete(request: Request) -> Response:
        """Answer a conversation, whole or streamed."""
        body = body_of(request)
        with Exchange.begin(backend, request, body) as exchange:
            return await _complete(exchange, body)

    return router


async def _models(backend: ApiBackend, provider: str) -> list[ModelInfo]:
    """The offered models of all providers, or of one.

    Raises:
        Refusal: there is no such provider.
        AIProxyError: the one provider asked for cannot list them, and why.
    """
    if provider and provider not in backend.registry.ids():
        known = ", ".join(backend.registry.ids()) or "none"
        raise Refusal(
            404, f"There is no provider “{label(provider)}”. Those there are: {known}.", param="provider"
        )
    await backend.refresh()
    found = [model for model in offered_models(backend) if provider in ("", model.provider)]
    if provider and not found and backend.names().offered is None:
        found = list(await backend.client.models(provider))
    return found


async def _complete(exchange: Exchange, body: Mapping[str, Any]) -> Response:
    """The answer to a body of the seed.

    Raises:
        Refusal: a field is wrong.
        AIProxyError: the model cannot be had or fails.
    """
    for name in (*CLIENT_FIELDS, _INSTRUCTION):
        if not isinstance(body.get(name), str | None):
            raise Refusal(400, f"The field “{name}” has to be a text.", param=name)
    asked = read_chat({name: value for name, value in body.items() if name not in _OWN})
    await exchange.resolve(body.get("model"))
    own = {name: body[name] for name in _OWN & body.keys() if body[name] not in (None, "")}
    options = asked.options | own
    if asked.stream:
        frames = chat_frames(exchange, asked.messages, options, include_usage=asked.include_usage)
        return exchange.stream(frames)
    answer = await whole_answer(exchange, asked.messages, options)
    return exchange.answer(answer | {"images": plain_images(answer["images"])})
