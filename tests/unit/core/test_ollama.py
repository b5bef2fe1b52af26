from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core.errors import InvalidEndpointError, ModelNotFoundError, RequestTooLargeError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.ollama import OllamaProvider
from tests.wire import ByteServer, Exchange, Reply


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def request(size: int, max_tokens: int | None = None, model: str = "llama3.2") -> CompletionRequest:
    return CompletionRequest(model, (Message.of("user", "x" * size),), max_tokens=max_tokens)


@pytest.mark.parametrize(
    ("size", "max_tokens", "context"),
    [(1, None, 4096), (6_000, None, 4096), (9_000, None, 8192), (30_000, None, 16384), (1, 30_000, 32768)],
)
async def test_the_context_grows_with_the_conversation(
    http: HttpClient, size: int, max_tokens: int | None, context: int
) -> None:
    body = OllamaProvider(http).completion_body(request(size, max_tokens))
    assert body["options"]["num_ctx"] == context


async def test_the_context_stays_within_the_models(http: HttpClient) -> None:
    tags = {
        "models": [
            {"model": "llama3.2:latest", "capabilities": ["completion"], "details": {"context_length": 6000}}
        ]
    }
    async with ByteServer(Reply.json(tags)) as server:
        provider = OllamaProvider(http, server.url)
        (model,) = await provider.list_models()
        assert model.context_window == 6000
        assert provider.completion_body(request(30_000))["options"]["num_ctx"] == 6000
        with pytest.raises(RequestTooLargeError, match="6,000 tokens"):
            [event async for event in provider.stream(request(100_000))]
        assert server.paths == ["/api/tags"]


async def test_older_servers_are_asked_for_each_model(http: HttpClient) -> None:
    facts: dict[str, Any] = {
        "llama2:latest": {"capabilities": ["completion"], "model_info": {"llama.context_length": 4096}},
        "embed:latest": {"capabilities": ["embedding"], "model_info": {}},
    }

    def serve(exchange: Exchange) -> Reply:
        if exchange.path == "/api/tags":
            names = ["llama2:latest", "embed:latest", "odd:latest"]
            return Reply.json(
                {"models": [{"name": name, "model": name, "size": 7, "details": None} for name in names]}
            )
        known = facts.get(exchange.json["model"])
        return Reply.json({"error": "cannot read it"}, 500) if known is None else Reply.json(known)

    async with ByteServer(serve) as server:
        models = await OllamaProvider(http, server.url).list_models()
    assert [(model.id, model.display_name, model.context_window, model.size_bytes) for model in models] == [
        ("llama2:latest", "llama2", 4096, 7),
        ("odd:latest", "odd", None, 7),
    ]
    assert all(model.local for model in models)


async def test_a_model_that_is_not_there_can_be_fetched(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"error": "model 'llama3.2' not found"}, 404)) as server:
        with pytest.raises(ModelNotFoundError, match="ollama pull llama3"):
            [event async for event in OllamaProvider(http, server.url).stream(request(1))]


async def test_a_host_that_is_none_is_told_at_the_call(http: HttpClient) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        await OllamaProvider(http, "ftp://x").list_models()
    assert caught.value.provider == "ollama"
