from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.defaults import default_setup
from aiproxy_desktop.core.errors import (
    InvalidEndpointError,
    InvalidRequestError,
    MediaError,
    MissingKeyError,
    UnknownModelError,
    UnreachableError,
)
from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Message,
    OpaquePart,
    ReasoningPart,
    ResponseFormat,
    SafetySetting,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.model_manager import ModelManager
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider, ScriptedProvider
from aiproxy_desktop.core.timeouts import Timeouts
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, OLLAMA, OPENAI
from tests.wire import ByteServer, Exchange, Reply

SCRIPT = (
    Started("scripted", "script"),
    ReasoningDelta("Hm"),
    TextDelta("Hel"),
    TextDelta("lo"),
    UsageReported(Usage(3, None)),
    Finished("length"),
)
USAGE = {
    "prompt_tokens": 3,
    "completion_tokens": None,
    "total_tokens": None,
    "prompt_tokens_details": {"cached_tokens": None},
    "completion_tokens_details": {"reasoning_tokens": None},
}


async def test_an_answer_has_the_shape_of_a_chat_completion() -> None:
    client = CompletionClient(Registry((ScriptedProvider(SCRIPT),)))
    answer = await client.create_completion([{"role": "user", "content": "Hi"}], model="script")
    assert answer.pop("id").startswith("chatcmpl-")
    assert answer.pop("created") > 1_700_000_000
    assert answer == {
        "object": "chat.completion",
        "model": "script",
        "provider": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello", "reasoning_content": "Hm"},
                "finish_reason": "length",
            }
        ],
        "usage": USAGE,
        "images": None,
        "notes": [],
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
    assert seen[-2]["choices"][0]["finish_reason"] == "length"
    assert seen[-1]["usage"] == USAGE


async def test_what_is_said_reaches_the_provider() -> None:
    provider = EchoProvider()
    client = CompletionClient(Registry((provider,)))
    messages: list[Any] = [
        {"role": "developer", "content": "Rules"},
        {"role": "user", "content": [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": ""},
        Message.of("user", "say this  back "),
    ]
    answer = await client.create_completion(messages, "echo:echo", None, 0.1, 9, None, "Be brief.")
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
    provider = EchoProvider()
    client = CompletionClient(Registry((provider,)))
    with pytest.raises(InvalidRequestError, match="Message 1"):
        await client.create_completion([message], model="echo:echo")
    assert not provider.requests


async def test_options_reach_the_provider_and_unknown_ones_are_its_own() -> None:
    provider = EchoProvider()
    client = CompletionClient(Registry((provider,)))
    await client.create_completion(
        [{"role": "user", "content": "x"}],
        "echo:echo",
        response_format="json_object",
        safety_settings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        tools=[{"type": "function", "function": {"name": "get_weather"}}],
        tool_choice="auto",
        effort="low",
        return_images=True,
        timeout=30,
        client_context={"app": "notes"},
        top_p=0.5,
    )
    assert provider.requests == [
        CompletionRequest(
            "echo",
            (Message.of("user", "x"),),
            tools=(Tool("get_weather"),),
            tool_choice=ToolChoice("auto"),
            response_format=ResponseFormat("json_object"),
            effort="low",
            safety_settings=(SafetySetting("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE"),),
            images=True,
            extra={"top_p": 0.5},
            timeouts=Timeouts(10.0, 30, None, 30),
        )
    ]


@pytest.mark.parametrize(("name", "value"), [("model", 5), ("provider", b"x"), ("model", "\ud800")])
async def test_a_model_and_a_provider_are_texts(name: str, value: Any) -> None:
    client = CompletionClient(Registry((EchoProvider(),)))
    with pytest.raises(InvalidRequestError, match=name):
        await client.create_completion([{"role": "user", "content": "x"}], **{name: value})


async def test_values_pass_through_untouched() -> None:
    provider = EchoProvider()
    messages = (Message.of("user", "a \ud800"), Message("assistant", (ReasoningPart("b"),)))
    async with CompletionClient(Registry((provider,))).stream(messages, "echo:echo") as events:
        assert [event async for event in events]
    assert all(sent is given for sent, given in zip(provider.requests[0].messages, messages, strict=True))


async def test_tool_calls_and_images_come_back_and_can_be_sent_back() -> None:
    picture = b"\x89PNG\r\n\x1a\n1"
    provider = ScriptedProvider(
        (
            Started("scripted", "script"),
            Noted("temperature", "This model takes none."),
            ToolCallDelta(0, "c1", "get_weather", '{"city":'),
            ToolCallDelta(0, arguments='"Ulm"}'),
            OpaqueReceived("scripted", '{"signature":"s"}'),
            ImageReceived("image/png", b"half", preview=True),
            ImageReceived("image/png", picture),
            Finished("tool_calls"),
        )
    )
    client = CompletionClient(Registry((provider,)))
    question = {"role": "user", "content": "Hi"}
    answer = await client.create_completion([question], "script")
    message = answer["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": '{"city":"Ulm"}'}
    assert answer["images"] == {"data": picture, "mime_type": "image/png"}
    assert answer["notes"] == [{"parameter": "temperature", "sentence": "This model takes none."}]
    back = [question, json.loads(json.dumps(message)), {"role": "tool", "tool_call_id": "c1", "content": "7"}]
    await client.create_completion(back, "script")
    assert provider.requests[1].messages == (
        Message.of("user", "Hi"),
        Message(
            "assistant",
            (
                MediaPart("image", "image/png", picture),
                ToolCallPart("c1", "get_weather", '{"city":"Ulm"}'),
                OpaquePart("scripted", '{"signature":"s"}'),
            ),
        ),
        Message("tool", (ToolResultPart("c1", "get_weather", "7"),)),
    )


async def test_a_file_is_read_where_files_are_allowed(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n1")
    provider = EchoProvider()
    messages = [{"role": "user", "content": ["see", {"type": "image_url", "image_url": str(picture)}]}]
    async with CompletionClient(Registry((provider,))) as client:
        await client.create_completion(messages, "echo:echo")
        assert provider.requests[0].messages[0].parts[1] == MediaPart(
            "image", "image/png", picture.read_bytes(), "a.png"
        )
    async with CompletionClient(Registry((provider,)), allow_files=False) as client:
        with pytest.raises(MediaError, match="path"):
            await client.create_completion(messages, "echo:echo")
    assert len(provider.requests) == 1


async def test_a_model_manager_brings_its_registry() -> None:
    client = CompletionClient(model_manager=ModelManager(Registry((EchoProvider(),))))
    assert client.get_available_providers() == ["echo"]
    answer = await client.create_completion([{"role": "user", "content": "x"}], "echo:echo")
    assert answer["choices"][0]["message"]["content"] == "x"


async def test_much_to_decode_is_decoded_whole() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(600_000)
    url = "data:image/png;base64," + b64encode(picture).decode()
    provider = EchoProvider()
    client = CompletionClient(Registry((provider,)))
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "see"}]
    await client.create_completion([{"role": "user", "content": content}], "echo:echo")
    assert provider.requests[0].messages[0].parts[0] == MediaPart("image", "image/png", picture)


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
    async with CompletionClient() as client:
        assert {"openai", "gemini", "ollama"} <= set(client.registry.ids())
        with pytest.raises(MissingKeyError, match="OPENAI_API_KEY"):
            await client.create_completion([{"role": "user", "content": "x"}], model="gpt-4")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "no address")
    async with CompletionClient() as client:
        with pytest.raises(InvalidEndpointError):
            await client.create_completion([{"role": "user", "content": "x"}], model="gpt-4")


async def test_an_address_in_the_environment_makes_a_local_server_list_its_models() -> None:
    async with ByteServer(Reply.json({"data": [{"id": "team-model"}]})) as server:
        environ = {"VLLM_API_BASE": f"{server.url}/v1", "OLLAMA_HOST": "127.0.0.1:1"}
        setup = default_setup(StaticCredentials({}), environ)
        client = CompletionClient(setup.registry)
        assert "vllm:team-model" in [model.reference for model in await client.models()]
        await client.aclose()
        await setup.aclose()


async def test_a_closed_client_says_that_it_is_closed() -> None:
    client = CompletionClient()
    await client.aclose()
    with pytest.raises(InvalidRequestError, match="closed"):
        await client.create_completion([{"role": "user", "content": "x"}])
    with pytest.raises(InvalidRequestError, match="closed"):
        await client.models()
    with pytest.raises(InvalidRequestError, match="closed"):
        await client.find_best_model()
    await client.aclose()


async def test_a_slip_in_a_providers_name_is_told_what_may_be_meant() -> None:
    async with CompletionClient() as client:
        with pytest.raises(UnknownModelError) as caught:
            await client.list_models("opnai")
    assert caught.value.near == ("openai",)


async def test_a_key_for_azure_without_its_address_spoils_nothing_else() -> None:
    setup = default_setup(StaticCredentials({"azure": "k-1"}), {"OLLAMA_HOST": "127.0.0.1:1"})
    client = CompletionClient(setup.registry)
    assert [model.provider for model in await client.models()] == ["builtin"]
    with pytest.raises(UnknownModelError):
        await client.create_completion([{"role": "user", "content": "x"}], "nonsense")
    with pytest.raises(InvalidEndpointError, match="AZURE_OPENAI_ENDPOINT"):
        await client.create_completion([{"role": "user", "content": "x"}], "azure:gpt-5.5")
    await client.aclose()
    await setup.aclose()


async def test_the_environment_says_where_providers_are() -> None:
    def serve(exchange: Exchange) -> Reply:
        dialect = next(one for one in DIALECTS if one.path == exchange.path)
        return dialect.reply(dialect.text(dialect.name), dialect.finish("stop"))

    async with ByteServer(serve) as server:
        environ = {
            "OPENAI_BASE_URL": f"{server.url}/v1/",
            "GOOGLE_GEMINI_BASE_URL": server.url,
            "ANTHROPIC_BASE_URL": server.url,
            "OLLAMA_HOST": server.url.removeprefix("http://"),
        }
        keys = StaticCredentials({"openai": "sk-1", "gemini": "g-1", "anthropic": "a-1"})
        setup = default_setup(keys, environ)
        client = CompletionClient(setup.registry)
        for dialect in (OPENAI, GEMINI, ANTHROPIC, OLLAMA):
            answer = await client.create_completion([{"role": "user", "content": "x"}], f"{dialect.name}:m")
            assert answer["choices"][0]["message"]["content"] == dialect.name
        await setup.aclose()
