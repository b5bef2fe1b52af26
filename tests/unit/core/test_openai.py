from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core.answer import AnswerDecoder
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import AuthenticationError, ContentBlockedError, ProtocolError, RequestError
from aiproxy_desktop.core.events import Finished, ReasoningDelta, StreamEvent, TextDelta
from aiproxy_desktop.core.failures import failure
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.openai import (
    COMPATIBLE,
    OFFICIAL,
    ChatCompletionDecoder,
    ChatDialect,
    OpenAICompatibleProvider,
)
from tests.dialects import OPENAI, sse
from tests.wire import ByteServer, Exchange, Reply

REQUEST = CompletionRequest("m", (Message.of("user", "Hi"),), temperature=0.5, max_tokens=9)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def provider(http: HttpClient, url: str, dialect: ChatDialect | None = None) -> OpenAICompatibleProvider:
    return OpenAICompatibleProvider(
        "mine", "Mine", url, http, StaticCredentials({}), needs_key=False, dialect=dialect
    )


def decoded(stream: bytes) -> tuple[list[StreamEvent], AnswerDecoder]:
    decoder = ChatCompletionDecoder(lambda refusal: failure(refusal, label="It", provider="it"))
    events = decoder.feed(stream)
    return events + decoder.end(), decoder


def delta(value: dict[str, Any], reason: str | None = None) -> bytes:
    return sse({"choices": [{"delta": value, "finish_reason": reason}]})


async def test_openai_itself_bounds_an_answer_by_its_own_word(http: HttpClient) -> None:
    official = OpenAICompatibleProvider(
        "openai", "OpenAI", "https://api.openai.com/v1", http, StaticCredentials({})
    )
    body = official.completion_body(CompletionRequest("gpt-5.4", REQUEST.messages, 0.5, 9))
    assert body["max_completion_tokens"] == 9
    assert body["temperature"] == 0.5
    assert "max_tokens" not in body
    body = provider(http, "https://api.example.com/v1").completion_body(REQUEST)
    assert body["max_tokens"] == 9
    assert "max_completion_tokens" not in body


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5", "gpt-5-nano", "gpt-6-astra"])
async def test_openais_reasoning_models_get_no_temperature(http: HttpClient, model: str) -> None:
    request = CompletionRequest(model, REQUEST.messages, temperature=0.5)
    assert "temperature" not in provider(http, "http://x", OFFICIAL).completion_body(request)
    assert "temperature" in provider(http, "http://x", COMPATIBLE).completion_body(request)


async def test_what_a_server_refuses_to_read_is_left_out_from_then_on(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        for name in ("stream_options", "temperature", "max_tokens"):
            if name in exchange.json:
                return Reply.json({"error": {"message": f"Unrecognized request argument: {name}"}}, 400)
        return OPENAI.reply(OPENAI.text("Hi"), delta({}, "stop"), b"data: [DONE]\n\n")

    async with ByteServer(serve) as server:
        mine = provider(http, server.url)
        first = [event async for event in mine.stream(REQUEST)]
        tries = len(server.exchanges)
        second = [event async for event in mine.stream(REQUEST)]
        assert len(server.exchanges) == tries + 1
        assert server.exchanges[-1].json["max_completion_tokens"] == 9
    assert first == second
    assert first[-2:] == [TextDelta("Hi"), Finished("stop")]


async def test_a_refusal_for_another_reason_is_told(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"error": {"message": "messages is too odd"}}, 400)) as server:
        with pytest.raises(RequestError, match="messages is too odd"):
            [event async for event in provider(http, server.url).stream(REQUEST)]
        assert len(server.exchanges) == 1


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 900. This model supports at most 100 completion tokens.",
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        "temperature must be between 0 and 1",
        "`max_tokens` must be at least 1",
    ],
)
async def test_a_value_out_of_bounds_is_told_and_not_left_out(http: HttpClient, message: str) -> None:
    async with ByteServer(Reply.json({"error": {"message": message}}, 400)) as server:
        with pytest.raises(RequestError) as caught:
            [event async for event in provider(http, server.url).stream(REQUEST)]
        assert caught.value.detail == message
        assert len(server.exchanges) == 1


async def test_a_refusal_that_never_changes_ends(http: HttpClient) -> None:
    message = "stream_options temperature max_tokens max_completion_tokens"
    async with ByteServer(Reply.json({"error": {"message": message}}, 400)) as server:
        with pytest.raises(RequestError):
            [event async for event in provider(http, server.url).stream(REQUEST)]
        assert len(server.exchanges) <= 4


async def test_an_optional_key_is_sent_where_there_is_one(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"data": []})) as server:
        await provider(http, server.url).list_models()
        keys = StaticCredentials({"mine": "sk-1"})
        await OpenAICompatibleProvider("mine", "Mine", server.url, http, keys, needs_key=False).list_models()
        assert "authorization" not in server.exchanges[0].headers
        assert server.exchanges[1].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize(
    "tail",
    [
        delta({}, "stop") + b"data: [DONE]\n\n",
        delta({}, "stop"),
        delta({}, "eos") + b"data: [DONE]",
        b"data: [DONE]\n\n",
        b'data: {"choices": [{"finish_reason": "stop"}]}\n\n',
        sse({"choices": [{"delta": None, "finish_reason": "stop"}], "usage": None}),
    ],
)
def test_every_usual_end_is_an_end(tail: bytes) -> None:
    events, decoder = decoded(delta({"role": "assistant", "content": None}) + delta({"content": "Hi"}) + tail)
    assert decoder.failure is None
    assert events == [TextDelta("Hi"), Finished("stop")]


@pytest.mark.parametrize(
    ("value", "events"),
    [
        ({"reasoning_content": "a"}, [ReasoningDelta("a")]),
        ({"reasoning": "a", "content": ""}, [ReasoningDelta("a")]),
        ({"reasoning": "a", "reasoning_content": "a", "content": "b"}, [ReasoningDelta("a"), TextDelta("b")]),
        ({"refusal": "No."}, [TextDelta("No.")]),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "a"}]},
                    {"type": "text", "text": "b"},
                ]
            },
            [ReasoningDelta("a"), TextDelta("b")],
        ),
        ({"content": 5}, []),
    ],
)
def test_each_servers_way_to_say_it(value: dict[str, Any], events: list[StreamEvent]) -> None:
    assert decoded(delta(value) + delta({}, "stop"))[0] == [*events, Finished("stop")]


def test_an_error_event_by_name() -> None:
    events, decoder = decoded(sse({"error": {"message": "x", "code": "invalid_api_key"}}, "error"))
    assert events == []
    assert isinstance(decoder.failure, AuthenticationError)


def test_filtered_content_is_an_error_after_what_came() -> None:
    events, decoder = decoded(delta({"content": "Hel"}) + delta({}, "content_filter"))
    assert events == [TextDelta("Hel")]
    assert isinstance(decoder.failure, ContentBlockedError)


def test_nothing_but_the_end_is_no_answer() -> None:
    assert decoded(b"data: [DONE]\n\n")[1].finish is None


LISTED = [
    *("gpt-5.4", "gpt-5.5-mini", "gpt-6-astra", "o3-mini", "chatgpt-4o-latest", "gpt-4o-search-preview"),
    *("ft:gpt-4.1:me::x",),
]
LEFT_OUT = [
    *("text-embedding-3-small", "omni-moderation-latest", "babbage-002", "gpt-3.5-turbo-instruct"),
    *("whisper-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-transcribe", "gpt-audio", "gpt-realtime-2.1-mini"),
    *("dall-e-3", "gpt-image-2", "chatgpt-image-latest", "sora-2"),
    *("gpt-5-codex", "computer-use-preview", "o3-deep-research"),
]


async def test_openais_list_without_what_cannot_chat(http: HttpClient) -> None:
    rows = [{"id": name, "object": "model"} for name in LISTED + LEFT_OUT]
    async with ByteServer(Reply.json({"object": "list", "data": rows})) as server:
        models = await provider(http, server.url, OFFICIAL).list_models()
    assert [model.id for model in models] == LISTED


async def test_a_compatible_servers_list(http: HttpClient) -> None:
    rows: list[Any] = [
        {"id": "codex-of-mine", "context_length": 8192, "name": "My Codex"},
        {"id": "mistral", "max_context_length": 32768, "capabilities": {"completion_chat": True}},
        {"id": "mistral-ocr", "capabilities": {"completion_chat": False}},
        {"id": "painter", "architecture": {"output_modalities": ["image"]}},
        {"id": "nomic-embed-text"},
        {"id": "mistral", "max_context_length": 32768, "capabilities": {"completion_chat": True}},
        {"name": "no id"},
        "odd",
    ]
    for body in ({"data": rows}, rows):
        async with ByteServer(Reply.json(body)) as server:
            models = await provider(http, server.url).list_models()
        assert [(model.id, model.display_name, model.context_window) for model in models] == [
            ("codex-of-mine", "My Codex", 8192),
            ("mistral", "mistral", 32768),
        ]


@pytest.mark.parametrize("body", [{"data": None}, "text", 5, {"object": "list"}])
async def test_what_is_no_list(http: HttpClient, body: Any) -> None:
    async with ByteServer(Reply.json(body)) as server:
        with pytest.raises(ProtocolError):
            await provider(http, server.url).list_models()


async def test_nothing_to_send_is_not_sent(http: HttpClient) -> None:
    empty = CompletionRequest("m", (Message.of("system", "Be brief."), Message.of("user", "")))
    with pytest.raises(RequestError, match="nothing to send"):
        [event async for event in provider(http, "http://127.0.0.1:1").stream(empty)]
