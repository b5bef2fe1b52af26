from __future__ import annotations

from typing import Any

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.defaults import default_setup
from aiproxy_desktop.core.errors import (
    InvalidEndpointError,
    MissingKeyError,
    RequestError,
    UnknownModelError,
    UnreachableError,
)
from aiproxy_desktop.core.events import Finished, ReasoningDelta, Started, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider, ScriptedProvider
from tests.dialects import DIALECTS, GEMINI, OLLAMA, OPENAI
from tests.wire import ByteServer, Exchange, Reply

SCRIPT = (
    Started("scripted", "script"),
    ReasoningDelta("Hm"),
    TextDelta("Hel"),
    TextDelta("lo"),
    UsageReported(Usage(3, None)),
    Finished("length"),
)


async def test_an_answer_has_the_shape_of_a_chat_completion() -> None:
    client = CompletionClient(Registry((ScriptedProvider(SCRIPT),)))
    answer = await client.create_completion([{"role": "user", "content": "Hi"}], model="script")
    assert answer.pop("id").startswith("chatcmpl-")
    assert answer.pop("created") > 1_700_000_000
    assert answer == {
        "object": "chat.completion",
        "model": "script",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello", "reasoning_content": "Hm"},
                "finish_reason": "length",
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": None, "total_tokens": None},
    }


async def test_a_streamed_answer_comes_as_chunks() -> None:
    client = CompletionClient(Registry((ScriptedProvider(SCRIPT),)))
    chunks = await client.create_completion([Message.of("user", "Hi")], model="script", stream=True)
    seen = [chunk async for chunk in chunks]
    assert {chunk["object"] for chunk in seen} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in seen}) == 1
    deltas = [choice["delta"] for chunk in seen for choice in chunk["choices"]]
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm"},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert seen[-1]["choices"][0]["finish_reason"] == "length"
    assert seen[-2]["usage"] == {"prompt_tokens": 3, "completion_tokens": None, "total_tokens": None}


async def test_what_is_said_reaches_the_provider() -> None:
    provider = EchoProvider()
    client = CompletionClient(Registry((provider,)))
    messages: list[Any] = [
        {"role": "developer", "content": "Rules"},
        {"role": "user", "content": [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": None},
        Message.of("user", "say this  back "),
    ]
    answer = await client.create_completion(messages, "echo:echo", None, 0.1, 9, "Be brief.")
    assert answer["choices"][0]["message"]["content"] == "say this  back "
    (request,) = provider.requests
    assert (request.temperature, request.max_tokens) == (0.1, 9)
    assert [(message.role, message.text) for message in request.messages] == [
        ("system", "Be brief."),
        ("system", "Rules"),
        ("user", "a b"),
        ("assistant", ""),
        ("user", "say this  back "),
    ]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "tool", "content": "x"},
        {"content": "x"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]},
        {"role": "user", "content": [{"type": "text"}]},
        {"role": "user", "content": 5},
    ],
)
async def test_what_cannot_be_said_is_refused(message: dict[str, Any]) -> None:
    client = CompletionClient(Registry((EchoProvider(),)))
    with pytest.raises(RequestError):
        await client.create_completion([message], model="echo:echo")


async def test_an_option_that_is_not_known_is_refused_by_name() -> None:
    client = CompletionClient(Registry((EchoProvider(),)))
    with pytest.raises(RequestError, match="tools"):
        await client.create_completion([{"role": "user", "content": "x"}], "echo:echo", tools=[])


async def test_leaving_a_stream_closes_it() -> None:
    provider = ScriptedProvider(SCRIPT)
    client = CompletionClient(Registry((provider,)))
    async with client.stream([Message.of("user", "Hi")], "script") as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert provider.closed_streams == 1


async def test_an_error_in_the_script_is_raised_after_what_came() -> None:
    provider = ScriptedProvider((*SCRIPT[:3], UnreachableError("Gone")))
    client = CompletionClient(Registry((provider,)))
    with pytest.raises(UnreachableError):
        await client.create_completion([Message.of("user", "Hi")], "script")
    assert provider.closed_streams == 1


async def test_models_of_all_leave_out_those_that_fail() -> None:
    class Offline(EchoProvider):
        async def list_models(self) -> tuple[ModelInfo, ...]:
            raise UnreachableError("Nobody is there")

    client = CompletionClient(Registry((Offline(id="away"), EchoProvider(models=("one", "two")))))
    assert [(entry["id"], entry["provider"]) for entry in await client.list_models()] == [
        ("one", "echo"),
        ("two", "echo"),
    ]
    assert [model.id for model in client.registry.known_models()] == ["one", "two"]
    with pytest.raises(UnreachableError):
        await client.list_models("away")
    with pytest.raises(UnknownModelError):
        await client.list_models("nobody")


async def test_no_key_is_needed_until_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "no address")
    async with CompletionClient() as client:
        assert {"openai", "gemini", "ollama"} <= {provider.id for provider in client.registry.providers()}
        with pytest.raises(MissingKeyError, match="OPENAI_API_KEY"):
            await client.create_completion([{"role": "user", "content": "x"}], model="gpt-4")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
        with pytest.raises(InvalidEndpointError):
            await client.create_completion([{"role": "user", "content": "x"}], model="gpt-4")


async def test_the_environment_says_where_providers_are() -> None:
    def serve(exchange: Exchange) -> Reply:
        dialect = next(one for one in DIALECTS if one.path == exchange.path)
        return dialect.reply(dialect.text(dialect.name), dialect.finish("stop"))

    async with ByteServer(serve) as server:
        environ = {
            "OPENAI_BASE_URL": f"{server.url}/v1/",
            "GOOGLE_GEMINI_BASE_URL": server.url,
            "OLLAMA_HOST": server.url.removeprefix("http://"),
        }
        keys = StaticCredentials({"openai": "sk-1", "gemini": "g-1"})
        setup = default_setup(keys, environ)
        client = CompletionClient(setup.registry)
        for dialect in (OPENAI, GEMINI, OLLAMA):
            answer = await client.create_completion([{"role": "user", "content": "x"}], f"{dialect.name}:m")
            assert answer["choices"][0]["message"]["content"] == dialect.name
        await setup.aclose()
