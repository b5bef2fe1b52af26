"""The routes of the seed: what the server is, whether it is well, its models, and completions."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.server.backend import ApiBackend


def seed_routes(backend: ApiBackend) -> APIRouter:
    """`GET /`, `GET /health`, `GET /api/models` and `POST /api/chat/completions`."""
    router = APIRouter()

    @router.get("/")
    async def root() -> Response:
        return _json({"message": "AI Proxy Desktop", "endpoints": {"completions": "/api/chat/completions"}})

    @router.get("/health")
    async def health() -> Response:
        return _json({"status": "healthy"})

    @router.get("/api/models")
    async def models(request: Request) -> Response:
        await backend.refresh()
        provider = request.query_params.get("provider")
        return _json({"object": "list", "data": await backend.client.list_models(provider)})

    return router


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
