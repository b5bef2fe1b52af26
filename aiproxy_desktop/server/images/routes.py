"""`POST /v1/images/generations` and `/v1/images/edits`: OpenAI's dialect over the core's images."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.images.models import image_model_facts
from aiproxy_desktop.core.images.requests import without_unknown
from aiproxy_desktop.core.images.values import ImageEvent
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.exchange import Exchange, body_of
from aiproxy_desktop.server.images.answers import ImageAnswer
from aiproxy_desktop.server.images.body import ImageAsk, body_of_form, read_edit, read_generation
from aiproxy_desktop.server.images.document import EDITS, GENERATIONS
from aiproxy_desktop.server.images.forms import form_of, is_form


def image_routes(backend: ApiBackend) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.post("/v1/images/generations", **GENERATIONS)
    async def generations(request: Request) -> Response:
        """Make images for a prompt, whole or with unfinished ones as they come."""
        body = body_of(request)
        with Exchange.begin(backend, request, body) as exchange:
            asked = read_generation(body)
            await exchange.resolve(body.get("model"), images=True)
            return await _answer(exchange, asked)

    @router.post("/v1/images/edits", **EDITS)
    async def edits(request: Request) -> Response:
        """Change images as a prompt says; a form with files, or JSON."""
        body = body_of_form(await form_of(request)) if is_form(request) else body_of(request)
        with Exchange.begin(backend, request, body) as exchange:
            await exchange.resolve(body.get("model"), images=True)
            return await _answer(exchange, await read_edit(body, backend.client))

    return router


async def _answer(exchange: Exchange, asked: ImageAsk) -> Response:
    if asked.stream:
        return exchange.stream(_frames(exchange, asked))
    answer, options = _prepared(exchange, asked)
    async with _events(exchange, asked, options) as events:
        async for event in events:
            answer.take(event)
    _note(exchange, answer)
    return Response(await answer.whole(), media_type="application/json")


async def _frames(exchange: Exchange, asked: ImageAsk) -> AsyncGenerator[bytes]:
    answer, options = _prepared(exchange, asked)
    async with _events(exchange, asked, options) as events:
        async for frame in answer.frames(events):
            exchange.first_token()
            yield frame
    _note(exchange, answer)


def _prepared(exchange: Exchange, asked: ImageAsk) -> tuple[ImageAnswer, dict[str, Any]]:
    """Where the answer grows, and the options without those that a known model does not have."""
    model = exchange.reference.partition(":")[2]
    options, notes = without_unknown(image_model_facts(model), asked.options, edit=bool(asked.images))
    return ImageAnswer(asked, exchange.reference, notes), options


@asynccontextmanager
async def _events(
    exchange: Exchange, asked: ImageAsk, options: dict[str, Any]
) -> AsyncIterator[AsyncGenerator[ImageEvent]]:
    async with exchange.backend.client.stream_images(
        asked.prompt,
        exchange.reference,
        images=asked.images,
        mask=asked.mask,
        client_context=exchange.client,
        **options,
    ) as events:
        yield events


def _note(exchange: Exchange, answer: ImageAnswer) -> None:
    """What it took, for the log."""
    usage = answer.end.usage
    if usage is not None:
        exchange.usage = Usage(
            usage.input_tokens, usage.output_tokens, output_image_tokens=usage.output_image_tokens
        )
    exchange.cost, exchange.priced = answer.end.cost, True
