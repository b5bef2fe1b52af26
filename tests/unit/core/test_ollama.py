from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core.errors import (
    InvalidEndpointError,
    ModelNotFoundError,
    ProtocolError,
    RequestTooLargeError,
    UnsupportedError,
)
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message, TextPart, Tool
from aiproxy_desktop.core.model_hygiene import CutList
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.router import Router
from tests.dialects import OLLAMA
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


async def test_a_list_without_end_is_cut(http: HttpClient) -> None:
    row = b'{"model":"m%d:latest","capabilities":["completion"],"size":7},'
    rows = b"".join(row % number for number in range(30_000))
    async with ByteServer(Reply(pieces=(b'{"models":[' + rows + b'5,null,{"name":3}]}',))) as server:
        provider = OllamaProvider(http, server.url)
        models = await provider.list_models()
        tags = await provider.tags()
    assert isinstance(models, CutList)
    assert (len(models), models.total) == (20_000, 30_003)
    assert (models[-1].id, len(tags), tags[-1].name) == ("m19999:latest", 20_000, "m19999:latest")


async def test_no_more_is_read_of_one_model_than_there_can_be_to_say(http: HttpClient) -> None:
    shown = {"license": "x" * 300_000, "details": {}, "capabilities": ["completion"]}
    replies = iter([Reply.json(shown), Reply.json({"license": "x" * 5_000_000})])
    async with ByteServer(lambda _: next(replies)) as server:
        provider = OllamaProvider(http, server.url)
        details = await provider.show("llama3.2")
        assert (len(details.license), details.license[-1]) == (200_000, "…")
        with pytest.raises(ProtocolError, match="too large"):
            await provider.show("llama3.2")


async def test_a_model_that_is_not_there_can_be_fetched(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"error": "model 'llama3.2' not found"}, 404)) as server:
        with pytest.raises(ModelNotFoundError, match="ollama pull llama3"):
            [event async for event in OllamaProvider(http, server.url).stream(request(1))]


async def test_a_host_that_is_none_is_told_at_the_call(http: HttpClient) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        await OllamaProvider(http, "ftp://x").list_models()
    assert caught.value.provider == "ollama"


TAGS = {
    "models": [
        {
            "model": "qwen3:8b",
            "size": 5_200_000_000,
            "capabilities": ["completion", "tools", "thinking"],
            "details": {
                "parameter_size": "8.2B",
                "quantization_level": "Q4_K_M",
                "context_length": 40960,
            },
        },
        {"model": "llava:latest", "capabilities": ["completion", "vision"]},
        {"model": "gemma4:e4b", "capabilities": ["completion", "vision", "audio", "tools"]},
        {"model": "gpt-oss:120b-cloud", "capabilities": ["completion"], "remote_model": "gpt-oss:120b"},
        {"model": "painter:latest", "capabilities": ["image"]},
    ]
}


async def listed(http: HttpClient, *replies: Reply) -> tuple[OllamaProvider, ByteServer]:
    async with ByteServer(Reply.json(TAGS), *replies) as server:
        provider = OllamaProvider(http, server.url)
        await provider.list_models()
    return provider, server


async def test_the_list_tells_what_models_can_do(http: HttpClient) -> None:
    async with ByteServer(Reply.json(TAGS)) as server:
        models = {model.id: model for model in await OllamaProvider(http, server.url).list_models()}
    assert list(models) == ["qwen3:8b", "llava:latest", "gemma4:e4b", "gpt-oss:120b-cloud"]
    qwen = models["qwen3:8b"]
    assert (qwen.parameters, qwen.quantization, qwen.context_window) == ("8.2B", "Q4_K_M", 40960)
    assert (qwen.local, models["gpt-oss:120b-cloud"].local) == (True, False)
    can = qwen.capabilities
    assert (can.tools, can.thinking, can.vision, can.audio, can.images_out) == (
        True,
        True,
        False,
        False,
        False,
    )
    assert (can.json_mode, can.json_schema, can.streaming) == (True, True, True)
    assert models["gemma4:e4b"].capabilities.multimodal
    assert models["gemma4:e4b"].capabilities.audio


@pytest.mark.parametrize(
    ("model", "part", "words", "others"),
    [
        ("qwen3:8b", MediaPart("image", "image/png", b"x"), "read images", ("llava:latest", "gemma4:e4b")),
        ("llava", MediaPart("audio", "audio/wav", b"x"), "read sound", ("gemma4:e4b",)),
        ("llava", None, "be given tools", ("qwen3:8b", "gemma4:e4b")),
    ],
)
async def test_what_a_model_cannot_take_is_refused_before_sending(
    http: HttpClient, model: str, part: MediaPart | None, words: str, others: tuple[str, ...]
) -> None:
    provider, server = await listed(http)
    said = Message("user", (TextPart("Hi"), *([part] if part else [])))
    tools = () if part else (Tool("clock"),)
    with pytest.raises(UnsupportedError, match=f"cannot {words}") as refused:
        [event async for event in provider.stream(CompletionRequest(model, (said,), tools=tools))]
    assert refused.value.alternatives == tuple(f"ollama:{other}" for other in others)
    assert f"ollama:{others[0]}" in refused.value.advice
    assert server.paths == ["/api/tags"]


@pytest.mark.parametrize(("model", "think"), [("qwen3:8b", True), ("llava", None), ("unknown", True)])
async def test_only_models_that_think_are_told_to(http: HttpClient, model: str, think: bool | None) -> None:
    provider, _ = await listed(http)
    asked = CompletionRequest(model, (Message.of("user", "Hi"),), effort="high")
    adapted, notes = provider.adapt(asked)
    assert provider.completion_body(adapted).get("think") == think
    assert [note.parameter for note in notes] == ["effort"]


async def test_a_server_is_asked_once_whether_a_model_thinks(http: HttpClient) -> None:
    end = OLLAMA.finish("stop")
    refusals = (
        Reply.json({"error": '"gpt-oss" does not know this: invalid think value: "high"'}, 400),
        Reply.json({"error": '"gpt-oss" does not support thinking'}, 400),
    )
    asked = CompletionRequest("gpt-oss", (Message.of("user", "Hi"),), effort="high")
    async with ByteServer(*refusals, Reply.lines(end)) as server:
        provider = OllamaProvider(http, server.url)
        events = [event async for event in provider.stream(asked)]
        await _drained(provider, asked)
        thoughts = [exchange.json.get("think") for exchange in server.exchanges]
    assert thoughts == ["high", True, None, None]
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["effort"]


async def test_a_tag_is_part_of_the_name(http: HttpClient) -> None:
    rows = [
        {"model": name, "capabilities": ["completion"]} for name in ("gpt-oss:20b", "my-gemini-distill:7b")
    ]
    async with ByteServer(Reply.json({"models": rows})) as server:
        router = Router(Registry((OllamaProvider(http, server.url),)))
        for name in ("gpt-oss:20b", "my-gemini-distill:7b", "ollama:gpt-oss:20b"):
            provider, native = await router.resolve(name)
            assert (provider.id, native) == ("ollama", name.removeprefix("ollama:"))


async def _drained(provider: OllamaProvider, asked: CompletionRequest) -> None:
    async for _ in provider.stream(asked):
        pass
