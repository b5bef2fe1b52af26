"""Serve completions to others over HTTP: whole or streamed, with errors as status codes.

Needs FastAPI and a server for it: pip install fastapi uvicorn.

    uvicorn --app-dir examples fastapi_app:app
    curl -d '{"messages": [{"role": "user", "content": "Hello!"}]}' -H 'content-type: application/json' \
        http://127.0.0.1:8000/api/chat/completions
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from aiproxy_desktop.core import (
    AIProxyError,
    AuthenticationError,
    ClientContext,
    CompletionClient,
    ConfigurationError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    RequestError,
    UnknownModelError,
)

# What the caller can mend is 4xx. A key that is missing, refused or without credit is ours to mend.
STATUSES: tuple[tuple[type[AIProxyError], int], ...] = (
    (ConfigurationError, 500),
    (AuthenticationError, 500),
    (QuotaError, 500),
    (UnknownModelError, 404),
    (RateLimitError, 429),
    (RequestError, 400),
    (ProviderTimeoutError, 504),
    (AIProxyError, 502),
)


class CompletionRequest(BaseModel):
    """What a caller sends."""

    messages: list[dict[str, Any]]
    model: str | None = None
    temperature: float | None = None
    tools: list[dict[str, Any]] | None = None
    stream: bool = False


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for the life of the application. Messages of strangers must not name files of ours."""
    async with CompletionClient(allow_files=False) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(AIProxyError)
async def refuse(_: Request, error: AIProxyError) -> JSONResponse:
    """An error of the core as OpenAI's clients expect one."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    headers = {"retry-after": f"{error.retry_after:.0f}"} if error.retry_after is not None else None
    return JSONResponse(_entry(error), status, headers)


@app.post("/api/chat/completions", response_model=None)
async def complete(body: CompletionRequest, request: Request) -> dict[str, Any] | Response:
    """One answer, in one piece or as server-sent events."""
    client: CompletionClient = request.app.state.client
    asker = ClientContext(app="example", ip=request.client.host if request.client else "")
    if not body.stream:
        answer = await client.create_completion(
            body.messages,
            body.model,
            temperature=body.temperature,
            tools=body.tools,
            client_context=asker,
        )
        del answer["images"]  # bytes, which JSON has no word for; the message holds them as data URLs
        return answer
    chunks = await client.create_completion(
        body.messages,
        body.model,
        temperature=body.temperature,
        tools=body.tools,
        client_context=asker,
        stream=True,
    )
    first = await anext(chunks)  # what fails before the first chunk still gets a status of its own
    return StreamingResponse(_frames(first, chunks), media_type="text/event-stream")


@app.get("/api/models")
async def models(request: Request, provider: str | None = None) -> list[dict[str, Any]]:
    """The models at hand."""
    client: CompletionClient = request.app.state.client
    return await client.list_models(provider)


async def _frames(first: dict[str, Any], rest: AsyncGenerator[dict[str, Any]]) -> AsyncGenerator[str]:
    try:
        yield f"data: {json.dumps(first)}\n\n"
        async for chunk in rest:
            yield f"data: {json.dumps(chunk)}\n\n"
        yield "data: [DONE]\n\n"
    except AIProxyError as error:
        yield f"data: {json.dumps(_entry(error))}\n\n"
    finally:
        await rest.aclose()  # a caller that went away must not cost tokens


def _entry(error: AIProxyError) -> dict[str, Any]:
    return {"error": {"message": str(error), "type": type(error).__name__, "retryable": error.retryable}}
