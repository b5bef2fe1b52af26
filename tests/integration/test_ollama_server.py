"""The loopback Ollama itself, spoken to by the product's own provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from aiproxy_desktop.core.administration import PullProgress
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ModelNotFoundError,
    UnreachableError,
)
from aiproxy_desktop.core.events import TextDelta
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message, TextPart
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from tests.ollama_server import OllamaServer, stored
from tests.waiting import until


@pytest.fixture
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(stored("llama3.2", 2_000_000, 1_000)) as server:
        yield server


@pytest.fixture
async def provider(server: OllamaServer) -> AsyncIterator[OllamaProvider]:
    http = HttpClient()
    yield OllamaProvider(http, server.url)
    await http.aclose()


async def pull(provider: OllamaProvider, model: str) -> list[PullProgress]:
    async with aclosing(provider.pull(model)) as steps:
        return [step async for step in steps]


@pytest.mark.parametrize("older", [False, True])
async def test_it_lists_and_shows(server: OllamaServer, provider: OllamaProvider, older: bool) -> None:
    server.capabilities_in_tags = not older
    (model,) = await provider.list_models()
    assert (model.id, model.size_bytes, model.context_window) == ("llama3.2:latest", 2_001_000, 131072)
    assert model.capabilities.tools is True
    assert ("POST /api/show" in server.paths) is older
    with pytest.raises(ModelNotFoundError):
        await provider.show("absent")


async def test_it_chats_and_keeps_the_model_loaded(server: OllamaServer, provider: OllamaProvider) -> None:
    request = CompletionRequest("llama3.2", (Message("user", (TextPart("Hi"),)),))
    text = "".join([event.text async for event in provider.stream(request) if isinstance(event, TextDelta)])
    assert text == "Hello from Ollama."
    (running,) = await provider.running()
    assert (running.id, running.context_window) == ("llama3.2:latest", 4096)
    await provider.unload("llama3.2")
    assert await provider.running() == ()


async def test_a_broken_pull_goes_on_where_it_was(server: OllamaServer, provider: OllamaProvider) -> None:
    server.store.offer(stored("qwen3", 1_000_000, 500))
    server.break_at, server.piece = 300_000, 100_000
    with pytest.raises(InterruptedStreamError):
        await pull(provider, "qwen3")
    assert list(server.store.partial.values()) == [300_000]
    steps = await pull(provider, "qwen3")
    first = next(step.completed for step in steps if step.digest)
    assert first is not None
    assert first >= 300_000
    assert steps[-1].status == "success"
    assert [model.id for model in await provider.list_models()] == ["llama3.2:latest", "qwen3:latest"]


async def test_a_pull_that_fails(server: OllamaServer, provider: OllamaProvider) -> None:
    with pytest.raises(ModelNotFoundError):
        await pull(provider, "absent")
    server.store.offer(stored("qwen3"))
    server.pull_error = (1, "write /usr/share/ollama/.ollama/models/blobs/x: no space left on device")
    with pytest.raises(AIProxyError, match="could not fetch"):
        await pull(provider, "qwen3")
    server.fail("/api/pull", 500, "the server is shutting down")
    with pytest.raises(AIProxyError):
        await pull(provider, "qwen3")
    await pull(provider, "qwen3")


async def test_who_leaves_a_pull_stops_it(server: OllamaServer, provider: OllamaProvider) -> None:
    server.store.offer(stored("qwen3", 100_000_000))
    server.speed, server.piece = 10_000_000, 100_000
    async with aclosing(provider.pull("qwen3")) as steps:
        async for step in steps:
            if step.completed:
                break
    await until(lambda: not server._tasks, "the connection ends")
    assert not server.asks[-1].ended
    assert server.store.find("qwen3") is None


async def test_it_starts_again_on_its_port(server: OllamaServer, provider: OllamaProvider) -> None:
    port = server.port
    await provider.version()
    await server.stop()
    with pytest.raises(UnreachableError):
        await provider.version()
    await server.start()
    assert server.port == port
    assert [model.id for model in await provider.list_models()] == ["llama3.2:latest"]
