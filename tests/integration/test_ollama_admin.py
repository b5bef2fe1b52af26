"""Looking after the models of an Ollama server: a scripted one, over sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.administration import PullProgress, PullTotals, RunningModel
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.provider import Detectable, ModelAdministrator, Warmable
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from tests.dialects.base import line
from tests.wire import ByteServer, Exchange, Reply

PATIENCE = 30.0
LAYERS = ("sha256:aaaa", 600), ("sha256:bbbb", 400)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def layer(place: int, completed: int) -> bytes:
    digest, total = LAYERS[place]
    step: dict[str, Any] = {"status": f"pulling {digest[7:]}", "digest": digest, "total": total}
    return line(step | ({"completed": completed} if completed else {}))


SUCCESS = line({"status": "verifying sha256 digest"}) + line({"status": "success"})
HALF = (line({"status": "pulling manifest"}), layer(0, 0), layer(0, 300))
REST = (layer(0, 600), layer(1, 0), layer(1, 400), SUCCESS)


async def pulled(provider: OllamaProvider, model: str = "llama3.2") -> list[PullProgress]:
    async with aclosing(provider.pull(model)) as steps:
        return [step async for step in steps]


async def failing_pull(provider: OllamaProvider) -> tuple[list[PullProgress], AIProxyError]:
    steps: list[PullProgress] = []

    async def listen() -> None:
        async for step in provider.pull("llama3.2"):
            steps.append(step)  # noqa: PERF401  # a comprehension would lose what came before the error

    with pytest.raises(AIProxyError) as caught:
        await listen()
    assert caught.value.provider == "ollama"
    assert caught.value.advice
    return steps, caught.value


def test_it_is_all_that_can_be_looked_after() -> None:
    provider = OllamaProvider(HttpClient())
    assert isinstance(provider, ModelAdministrator)
    assert isinstance(provider, Detectable)
    assert isinstance(provider, Warmable)


async def test_a_pull_tells_its_steps_and_its_sum(http: HttpClient) -> None:
    whole = b"".join(HALF + REST)
    pieces = (whole[place : place + 7] for place in range(0, len(whole), 7))
    async with ByteServer(Reply.lines(*pieces)) as server:
        steps = await pulled(OllamaProvider(http, server.url))
        (exchange,) = server.exchanges
    assert (exchange.method, exchange.path) == ("POST", "/api/pull")
    assert exchange.json == {"model": "llama3.2", "stream": True}
    assert steps[0] == PullProgress("pulling manifest")
    assert steps[1] == PullProgress("pulling aaaa", "sha256:aaaa", 0, 600)
    assert steps[-1] == PullProgress("success")
    totals, seen = PullTotals(), []
    for step in steps:
        totals.feed(step)
        seen.append((totals.completed, totals.total))
    assert seen[0] == (0, 0)
    # Of the steps of one layer, what comes at once is told once.
    assert [sums for sums in seen[2:] if sums != (300, 600)][:3] == [(600, 600), (600, 1000), (1000, 1000)]
    assert totals.fraction == 1.0
    assert PullTotals().fraction is None


async def test_stopping_a_pull_closes_its_connection_and_another_goes_on(http: HttpClient) -> None:
    replies = (Reply.lines(*HALF, ending="silence"), Reply.lines(*REST))
    async with ByteServer(*replies) as server:
        provider = OllamaProvider(http, server.url)
        async with aclosing(provider.pull("llama3.2")) as steps:
            async for step in steps:
                if step.completed == 300:
                    break
            assert not server.exchanges[0].closed.is_set()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)
        again = await pulled(provider)
    assert (again[0].completed, again[-1].status) == (600, "success")


async def test_cancelling_a_pull_closes_its_connection(http: HttpClient) -> None:
    async with ByteServer(Reply.lines(*HALF, ending="silence")) as server:
        arrived = asyncio.Event()

        async def listen() -> None:
            async for step in OllamaProvider(http, server.url).pull("llama3.2"):
                if step.completed == 300:
                    arrived.set()

        task = asyncio.get_running_loop().create_task(listen())
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply.lines(*HALF), errors.InterruptedStreamError, "llama3.2 broke off"),
        (Reply.lines(*HALF, ending="abort"), errors.InterruptedStreamError, "llama3.2 broke off"),
        (Reply.lines(*HALF, layer(0, 600)[:-5]), errors.InterruptedStreamError, "llama3.2 broke off"),
        (
            Reply.lines(*HALF, line({"error": "write /models/blob: no space left on device"})),
            errors.ProviderFailureError,
            "could not fetch llama3.2. write /models/blob: no space left",
        ),
        (
            Reply.lines(HALF[0], line({"error": "pull model manifest: file does not exist"})),
            errors.ModelNotFoundError,
            "There is no model llama3.2 to fetch",
        ),
        (Reply.lines(HALF[0], b"[1]\n"), errors.ProtocolError, "cannot be read"),
        (Reply.json({"error": "cannot reach the registry"}, 502), errors.ProviderFailureError, "registry"),
        (Reply.html(), errors.ProtocolError, "web page"),
    ],
    ids=["ended", "aborted", "half a line", "no space", "unknown", "odd", "refused", "page"],
)
async def test_a_pull_that_fails_says_why(
    http: HttpClient, reply: Reply, kind: type[AIProxyError], words: str
) -> None:
    async with ByteServer(reply) as server:
        steps, error = await failing_pull(OllamaProvider(http, server.url))
    assert type(error) is kind
    assert words in str(error)
    assert len(steps) == max(0, len(reply.pieces) - 1) or kind is errors.InterruptedStreamError


async def test_a_model_is_fetched_only_where_it_is_missing(http: HttpClient) -> None:
    there = {"llama3.2"}

    def serve(exchange: Exchange) -> Reply:
        model = exchange.json["model"]
        if exchange.path == "/api/pull":
            there.add(model)
            return Reply.lines(*HALF, *REST)
        return (
            Reply.json({"capabilities": ["completion"]})
            if model in there
            else Reply.json({"error": f"model '{model}' not found"}, 404)
        )

    steps: list[PullProgress] = []
    async with ByteServer(serve) as server:
        provider = OllamaProvider(http, server.url)
        assert not await provider.ensure_model("llama3.2", steps.append)
        assert not steps
        assert await provider.ensure_model("gpt-oss:20b", steps.append)
        assert steps[-1].status == "success"
        assert not await provider.ensure_model("gpt-oss:20b")
        assert server.paths == ["/api/show", "/api/show", "/api/pull", "/api/show"]


async def test_a_model_can_be_deleted(http: HttpClient) -> None:
    replies = (Reply.lines(), Reply.json({"error": "model 'llama3.2' not found"}, 404))
    async with ByteServer(*replies) as server:
        provider = OllamaProvider(http, server.url)
        await provider.delete("llama3.2")
        with pytest.raises(errors.ModelNotFoundError):
            await provider.delete("llama3.2")
        exchange = server.exchanges[0]
    assert (exchange.method, exchange.path, exchange.json) == (
        "DELETE",
        "/api/delete",
        {"model": "llama3.2"},
    )


async def test_a_model_can_be_shown(http: HttpClient) -> None:
    answer = {
        "license": "MIT License",
        "system": "Be kind.",
        "template": "{{ .Prompt }}",
        "parameters": 'stop "<|end|>"',
        "modified_at": "2026-06-04T14:38:31.837531234-07:00",
        "details": {"family": "qwen3", "parameter_size": "8.2B", "quantization_level": "Q4_K_M"},
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
        "capabilities": ["completion", "tools", "thinking"],
    }
    async with ByteServer(Reply.json(answer)) as server:
        shown = await OllamaProvider(http, server.url).show("qwen3:8b")
    assert (shown.info.reference, shown.info.context_window) == ("ollama:qwen3:8b", 40960)
    assert (shown.info.parameters, shown.info.quantization) == ("8.2B", "Q4_K_M")
    assert (shown.info.capabilities.thinking, shown.info.capabilities.vision) == (True, False)
    assert (shown.license, shown.family, shown.system) == ("MIT License", "qwen3", "Be kind.")
    assert (shown.template, shown.defaults) == ("{{ .Prompt }}", 'stop "<|end|>"')
    assert shown.modified_at is not None
    assert shown.modified_at.astimezone(UTC).hour == 21


async def test_loaded_models_are_told(http: HttpClient) -> None:
    row = {
        "name": "llama3.2:latest",
        "model": "llama3.2:latest",
        "size": 3_000,
        "size_vram": 0,
        "expires_at": "2026-11-25T12:00:00.5Z",
        "context_length": 4096,
    }
    odd = {"name": "odd", "expires_at": "0001-01-01T00:00:00Z"}
    async with ByteServer(Reply.json({"models": [row, odd, {}, 7]})) as server:
        running = await OllamaProvider(http, server.url).running()
    assert running == (
        RunningModel("llama3.2:latest", 3000, 0, datetime(2026, 11, 25, 12, 0, 0, 500_000, UTC), 4096),
        RunningModel("odd"),
    )


async def test_models_are_loaded_and_unloaded(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"done": True, "done_reason": "load"})) as server:
        provider = OllamaProvider(http, server.url, keep_alive="30m")
        await provider.warm("llama3.2")
        await provider.unload("llama3.2")
        loading, unloading = server.exchanges
        # Of the size that the first answer will ask for, or the model would be loaded twice.
        context = provider.completion_body(_hello())["options"]["num_ctx"]
    assert loading.path == unloading.path == "/api/generate"
    assert loading.json == {
        "model": "llama3.2",
        "options": {"num_ctx": context},
        "keep_alive": "30m",
        "stream": False,
    }
    assert unloading.json == {"model": "llama3.2", "keep_alive": 0, "stream": False}
    assert provider.completion_body(_hello())["keep_alive"] == "30m"
    assert provider.completion_body(_hello(keep_alive=0))["keep_alive"] == 0


async def test_a_model_that_cannot_be_loaded_says_so(http: HttpClient) -> None:
    replies = (Reply.json({"error": "model 'x' not found"}, 404), Reply.json({"error": "out of memory"}))
    async with ByteServer(*replies) as server:
        provider = OllamaProvider(http, server.url)
        with pytest.raises(errors.ModelNotFoundError):
            await provider.warm("x")
        with pytest.raises(errors.ProviderFailureError) as failed:
            await provider.warm("x")
    assert failed.value.detail == "out of memory"


async def test_the_first_model_is_loaded_where_none_is_named(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        rows = [{"model": "small", "capabilities": ["completion"], "details": {"context_length": 2048}}]
        return Reply.json({"models": rows} if exchange.path == "/api/tags" else {"done": True})

    async with ByteServer(serve) as server:
        await OllamaProvider(http, server.url).warm()
        order = server.exchanges[-1].json
    assert (order["model"], order["options"]) == ("small", {"num_ctx": 2048})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_server_is_detected(http: HttpClient, host: str) -> None:
    async with ByteServer(Reply.json({"version": "0.12.3"})) as server:
        provider = OllamaProvider(http, server.url.replace("127.0.0.1", host))
        assert await provider.detect()
        assert await provider.version() == "0.12.3"


@pytest.mark.parametrize(
    "reply",
    [Reply.html(), Reply.json({"hello": 1}), Reply.json([]), Reply.json({}, 404), Reply.nothing("abort")],
)
async def test_another_program_at_its_port_is_not_it(http: HttpClient, reply: Reply) -> None:
    async with ByteServer(reply) as server:
        assert not await OllamaProvider(http, server.url).detect()


@pytest.mark.parametrize("host", ["{}", "localhost", "[::1]"])
async def test_where_nothing_listens_it_is_told_at_once(http: HttpClient, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    provider = OllamaProvider(http, f"{host.format('127.0.0.1')}:{port}")
    assert not await provider.detect()
    with pytest.raises(errors.UnreachableError, match=f"Nothing answers at http://.*:{port}"):
        await provider.list_models()


async def test_a_host_that_is_none_is_not_detected(http: HttpClient) -> None:
    assert not await OllamaProvider(http, "ftp://x").detect()


def test_finding_nothing_loads_no_http_library() -> None:
    program = """
import asyncio, json, sys
from aiproxy_desktop.core import AIProxyError, HttpClient
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider

async def look():
    provider = OllamaProvider(HttpClient(), "127.0.0.1:1")
    found = await provider.detect()
    try:
        await provider.list_models()
    except AIProxyError as error:
        return [found, type(error).__name__]

result = asyncio.run(look())
print(json.dumps([*result, sorted({"httpx", "httpcore", "aiohttp", "ssl"} & set(sys.modules))]))
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    found, failed, loaded = json.loads(output)
    assert (found, failed) == (False, "UnreachableError")
    assert set(loaded) <= {"ssl"}  # asyncio's own


@pytest.mark.parametrize("name", ["", "  "])
async def test_a_model_without_a_name_is_refused(http: HttpClient, name: str) -> None:
    provider = OllamaProvider(http, "127.0.0.1:1")
    with pytest.raises(errors.InvalidRequestError):
        await pulled(provider, name)
    with pytest.raises(errors.InvalidRequestError):
        await provider.delete(name)


def _hello(**extra: Any) -> CompletionRequest:
    return CompletionRequest("llama3.2", (Message.of("user", "Hello"),), extra=extra)
