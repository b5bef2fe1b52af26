"""`POST /v1/responses`: OpenAI's newer dialect over the routing core. Nothing is kept between requests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.events import Finished, ImageReceived, Noted, Started, UsageReported
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.exchange import Exchange, body_of
from aiproxy_desktop.server.responses.body import ResponsesAsked, read_responses
from aiproxy_desktop.server.responses.document import RESPONSES
from aiproxy_desktop.server.responses.writer import ResponseWriter

# Bytes of a body that is read on a thread: there may be images in it.
_LARGE = 256 * 1024


def responses_routes(backend: ApiBackend) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.post("/v1/responses", **RESPONSES)
    async def responses(request: Request) -> Response:
        """Answer a conversation, whole or streamed."""
        body = body_of(request)
        with Exchange.begin(backend, request, body) as exchange:
            reference = await exchange.resolve(body.get("model"))
            asked = await _read(body, reference, request.scope["state"]["size"])
            provider, _, model = reference.partition(":")
            writer = ResponseWriter(asked.echo, provider, model, streams=asked.stream)
            for note in asked.notes:
                writer.feed(note)
            frames = _frames(exchange, asked, writer)
            if asked.stream:
                return exchange.stream(frames, writer.failed)
            async for _ in frames:
                pass
            return await _whole(exchange, writer)

    return router


async def _whole(exchange: Exchange, writer: ResponseWriter) -> Response:
    if not writer.pictures:
        return exchange.answer(writer.response)
    return await on_thread(lambda: exchange.answer(writer.response), "response-answer")


async def _read(body: Mapping[str, Any], reference: str, size: int) -> ResponsesAsked:
    provider = reference.partition(":")[0]
    if size < _LARGE:
        return read_responses(body, provider)
    return await on_thread(lambda: read_responses(body, provider), "read-responses")


async def _frames(exchange: Exchange, asked: ResponsesAsked, writer: ResponseWriter) -> AsyncGenerator[bytes]:
    """The events of a stream; none where nobody wants them, and the writer has the whole answer then."""
    options: dict[str, Any] = {**asked.options, "client_context": exchange.client}
    feed, waiting = writer.feed, True
    try:
        async with exchange.backend.client.stream(asked.messages, exchange.reference, **options) as events:
            async for event in events:
                heavy = type(event) is ImageReceived or (writer.pictures and type(event) is Finished)
                frame = await on_thread(partial(feed, event), "response-frame") if heavy else feed(event)
                if waiting and not isinstance(event, Started | Noted | UsageReported):
                    waiting = False
                    exchange.first_token()
                if frame:
                    yield frame
    finally:
        exchange.usage = writer.usage
