"""`POST /v1/chat/completions`: OpenAI's dialect over the routing core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal, refusal
from aiproxy_desktop.server.exchange import Exchange, body_of
from aiproxy_desktop.server.streaming import EventStream


def chat_routes(backend: ApiBackend) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.post("/v1/chat/completions")
    async def chat_completions(request: Request) -> Response:
        body = body_of(request)
        exchange = Exchange.begin(backend, request, body)
        try:
            model = await exchange.resolve(body.get("model"))
            options = {"temperature": body.get("temperature"), "max_tokens": body.get("max_tokens")}
            given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
            given |= {"client_context": exchange.client}
            messages = body.get("messages") or []
            create = backend.client.create_completion
            answer = (
                await create(messages, model, stream=True, **given)
                if body.get("stream")
                else await create(messages, model, **given)
            )
        except (AIProxyError, Refusal) as error:
            no = error if isinstance(error, Refusal) else refusal(error)
            exchange.end(no.status, no.sentence)
            raise
        except asyncio.CancelledError:
            exchange.end(499, "The client left.")
            raise
        if isinstance(answer, dict):
            exchange.end(200)
            return Response(msgspec.json.encode(answer), media_type="application/json")
        return EventStream(_frames(answer, exchange))

    return router


async def _frames(chunks: AsyncIterator[dict[str, Any]], exchange: Exchange) -> AsyncIterator[bytes]:
    encode = msgspec.json.encode
    async for chunk in chunks:
        if chunk.get("usage"):
            exchange.usage = Usage(chunk["usage"]["prompt_tokens"], chunk["usage"]["completion_tokens"])
        yield b"data: " + encode(chunk) + b"\n\n"
    yield b"data: [DONE]\n\n"
    exchange.end(200)
