"""What the client does round a completion: fallback, checking, choosing, pulling, over real sockets."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core import (
    CompletionClient,
    HttpClient,
    InterruptedStreamError,
    InvalidEndpointError,
    InvalidRequestError,
    MissingKeyError,
    ModelManager,
    OpenAICompletions,
    RateLimitError,
    Registry,
    RetryPolicy,
    UnknownModelError,
    UnsupportedError,
)
from aiproxy_desktop.core.administration import PullProgress
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from aiproxy_desktop.core.testing import EchoProvider
from tests.dialects import OLLAMA, OPENAI, line
from tests.wire import ByteServer, Exchange, Reply

HELLO = [{"role": "user", "content": "Hello"}]
QUICK = RetryPolicy(attempts=2, first_wait=0.01)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def server_like_openai(http: HttpClient, url: str, name: str = "openai") -> OpenAICompatibleProvider:
    keys = StaticCredentials({name: "sk-test-0123456789abcdef"})
    return OpenAICompatibleProvider(name, name.title(), f"{url}/v1", http, keys)


class Seeing(EchoProvider):
    """An echo that reads images."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        return (ModelInfo("eye", self.id, "Eye", capabilities=Capabilities(vision=True)),)


class Watching(EchoProvider):
    """An echo that watches films."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        return (ModelInfo("eyes", self.id, "Eyes", capabilities=Capabilities(video=True)),)


class Blind(EchoProvider):
    """An echo that is known to read none."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        unable = Capabilities(vision=False, audio=False, tools=False)
        return (ModelInfo("blind", self.id, "Blind", context_window=100, capabilities=unable),)


async def test_another_model_answers_when_the_first_is_refused_room(http: HttpClient) -> None:
    full = OPENAI.refusal(429, "rate", headers={"retry-after": "50"})
    async with (
        ByteServer(full) as busy,
        ByteServer(OLLAMA.reply(OLLAMA.text("Hi"), OLLAMA.finish("stop"))) as own,
    ):
        registry = Registry((server_like_openai(http, busy.url), OllamaProvider(http, own.url)))
        async with CompletionClient(registry, retries=QUICK, fallbacks=("ollama:m",)) as client:
            answer = await client.create_completion(HELLO, "openai:gpt-4")
            chunks = [
                chunk async for chunk in await client.create_completion(HELLO, "openai:gpt-4", stream=True)
            ]
            with pytest.raises(RateLimitError):
                await client.create_completion(HELLO, "openai:gpt-4", fallbacks=[])
    assert answer["choices"][0]["message"]["content"] == "Hi"
    assert (answer["provider"], answer["model"]) == ("ollama", "m")
    (note,) = [note for note in answer["notes"] if note["parameter"] == "fallback"]
    assert "Ollama (m) answers instead of Openai (gpt-4)" in note["sentence"]
    assert {chunk["model"] for chunk in chunks if chunk["choices"]} >= {"m"}


async def test_nothing_falls_back_once_something_was_said(http: HttpClient) -> None:
    cut = OPENAI.reply(OPENAI.text("Half an ans"), ending="abort")
    async with ByteServer(cut) as server, ByteServer(OLLAMA.reply(OLLAMA.finish("stop"))) as other:
        registry = Registry((server_like_openai(http, server.url), OllamaProvider(http, other.url)))
        client = CompletionClient(registry, retries=QUICK, fallbacks=("ollama:m",))
        said: list[str] = []
        with pytest.raises(InterruptedStreamError):
            await _listen(client, said)
    assert "".join(said) == "Half an ans"
    assert other.exchanges == []
    assert len(server.exchanges) == 1


async def _listen(client: CompletionClient, said: list[str]) -> None:
    async for chunk in await client.create_completion(HELLO, "openai:gpt-4", stream=True):
        said.append(chunk["choices"][0]["delta"].get("content") or "")  # noqa: PERF401 - kept through a break


@pytest.mark.parametrize("fallbacks", [5, [5], {"a": 1}])
async def test_fallbacks_are_names(fallbacks: Any) -> None:
    client = CompletionClient(Registry((EchoProvider(),)))
    with pytest.raises(InvalidRequestError, match="fallbacks"):
        await client.create_completion(HELLO, "echo", fallbacks=fallbacks)


async def test_what_a_model_cannot_read_is_refused_with_one_that_can() -> None:
    blind, eye = Blind(id="blind"), Seeing(id="eye")
    client = CompletionClient(Registry((blind, eye)))
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is it?"}]
    messages = [{"role": "user", "content": content}]
    await client.list_models()
    with pytest.raises(UnsupportedError) as caught:
        await client.create_completion(messages, "blind:blind")
    assert (caught.value.part, caught.value.model) == ("image", "blind:blind")
    assert caught.value.alternatives == ("eye:eye",)
    assert blind.requests == []
    (problem,) = await client.check("blind:blind", messages)
    assert (problem.part, problem.refused) == ("image", True)
    assert "eye:eye" in problem.advice
    assert await client.check("eye:eye", messages) == ()
    assert [one.part for one in await client.check("blind:blind", HELLO, tools=_tools())] == ["tools"]
    # A fallback that could not read it is no fallback.
    answer = await client.create_completion(messages, "eye:eye", fallbacks=["blind:blind"])
    assert answer["provider"] == "eye"
    await client.aclose()


async def test_what_only_a_codec_refuses_names_models_too(http: HttpClient) -> None:
    async with ByteServer(OPENAI.reply(OPENAI.finish("stop"))) as server:
        client = CompletionClient(Registry((server_like_openai(http, server.url), Watching(id="cinema"))))
        client.registry.remember("cinema", await Watching(id="cinema").list_models())
        film = base64.b64encode(bytes(4) + b"ftypisom" + bytes(40)).decode()
        part = {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{film}"}}
        messages = [{"role": "user", "content": [part]}]
        with pytest.raises(UnsupportedError) as caught:
            await client.create_completion(messages, "openai:nobody-knows-it")
        await client.aclose()
    assert caught.value.alternatives == ("cinema:eyes",)
    assert "cinema:eyes could take it" in caught.value.advice
    assert server.exchanges == []


def _tools() -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "look"}}]


async def test_the_best_model_is_one_that_can_be_asked() -> None:
    client = CompletionClient(model_manager=ModelManager(Registry((Blind(id="blind"), Seeing(id="eye")))))
    best = await client.find_best_model({"multimodal": True})
    assert best is not None
    assert best["id"] == "eye"
    assert "eye:eye" in best["explanation"]
    assert json.loads(json.dumps(best))["provider"] == "eye"
    answer = await client.create_completion(HELLO, best["id"])
    assert answer["provider"] == "eye"
    assert await client.find_best_model({"vision": True, "min_context_limit": 1_000_000}) is None
    with pytest.raises(InvalidRequestError, match="multimodel"):
        await client.find_best_model({"multimodel": True})
    await client.model_manager.aclose()
    await client.aclose()


def ollama_without(exchange: Exchange) -> Reply:
    """An Ollama that lacks the model until it is pulled."""
    if exchange.path == "/api/pull":
        steps = ({"status": "pulling", "digest": "d", "total": 10, "completed": 5}, {"status": "success"})
        return Reply.lines(*(line(step) for step in steps))
    if exchange.path == "/api/tags":
        return Reply.json({"models": []})
    if exchange.path == "/api/show":
        return Reply.json({"error": "model 'small' not found"}, 404)
    return OLLAMA.reply(OLLAMA.text("Fetched"), OLLAMA.finish("stop"))


async def test_a_model_is_fetched_only_when_that_was_asked_for(http: HttpClient) -> None:
    async with ByteServer(ollama_without) as server:
        client = CompletionClient(Registry((OllamaProvider(http, server.url),)))
        await client.create_completion(HELLO, "ollama:small")
        assert "/api/pull" not in server.paths
        seen: list[PullProgress] = []
        answer = await client.create_completion(HELLO, "small:1b", auto_pull=seen.append)
        assert answer["choices"][0]["message"]["content"] == "Fetched"
        assert server.paths[-1] == "/api/chat"
        assert server.paths.count("/api/pull") == 1
        assert (seen[0].completed, seen[0].total) == (5, 10)
        steps = [step async for step in client.pull("ollama:small")]
        assert steps[-1].status == "success"
        # A name that nobody knows: only who fetches models can have it.
        with pytest.raises(UnknownModelError):
            await client.create_completion(HELLO, "smallest")
        await client.create_completion(HELLO, "smallest", auto_pull=True)
        assert server.paths.count("/api/pull") == 3
        assert [step.status async for step in client.pull("other")][-1] == "success"
        await client.aclose()
    with pytest.raises(UnsupportedError):
        async for _ in CompletionClient(Registry((EchoProvider(),))).pull("echo:echo"):
            pass


async def test_a_cluster_of_ones_own_is_one_row_more() -> None:
    good = OPENAI.reply(OPENAI.text("From the cluster"), OPENAI.finish("stop"))
    async with ByteServer(good) as server, CompletionClient() as client:
        client.add_endpoint("team", f"{server.url}/v1", "team-key-0123456789", vendor="vllm")
        answer = await client.create_completion(HELLO, "team:big-model", effort="low")
        with pytest.raises(InvalidRequestError, match="already"):
            client.add_endpoint("team", f"{server.url}/v1")
        with pytest.raises(InvalidRequestError, match="cannot be the id"):
            client.add_endpoint("a:b", f"{server.url}/v1")
        with pytest.raises(InvalidEndpointError):
            client.add_endpoint("other", "cluster")
    assert answer["provider"] == "team"
    sent = server.exchanges[0]
    assert sent.headers["authorization"] == "Bearer team-key-0123456789"
    # vLLM's own way to say how hard to think: the row's quirk, at an address of one's own.
    assert "chat_template_kwargs" in sent.json or "reasoning_effort" in sent.json


async def test_openais_key_goes_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai-0123456789")
    async with ByteServer(OPENAI.reply(OPENAI.text("Hi"), OPENAI.finish("stop"))) as server:
        async with OpenAICompletions(base_url=f"{server.url}/v1") as other:
            await other.create_completion(HELLO, "m")
        async with OpenAICompletions("my-own-key-0123456789", f"{server.url}/v1") as other:
            await other.create_completion(HELLO, "m")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        async with OpenAICompletions() as openai:
            await openai.create_completion(HELLO, "gpt-4")
    keys = [exchange.headers.get("authorization") for exchange in server.exchanges]
    assert keys == [None, "Bearer my-own-key-0123456789", "Bearer sk-of-openai-0123456789"]
    with pytest.raises(MissingKeyError, match="GROQ_API_KEY"):
        await OpenAICompletions(base_url="https://api.groq.com/openai/v1").create_completion(HELLO, "m")
