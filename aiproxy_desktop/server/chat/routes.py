"""`POST /v1/chat/completions`: OpenAI's dialect over the routing core."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.chat.answers import chat_frames, whole_answer
from aiproxy_desktop.server.chat.body import read_chat
from aiproxy_desktop.server.chat.document import CHAT
from aiproxy_desktop.server.exchange import Exchange, body_of


def chat_routes(backend: ApiBackend) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.post("/v1/chat/completions", **CHAT)
    async def chat_completions(request: Request) -> Response:
        """Answer a conversation, whole or streamed."""
        body = body_of(request)
        with Exchange.begin(backend, request, body) as exchange:
            asked = read_chat(body)
            await exchange.resolve(body.get("model"))
            if asked.stream:
                frames = chat_frames(
                    exchange, asked.messages, asked.options, include_usage=asked.include_usage
                )
                return exchange.stream(frames)
            answer = await whole_answer(exchange, asked.messages, asked.options)
            del answer["images"]  # the message has them, as data URLs
            return exchange.answer(answer)

    return router
