from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.events import Finished, Noted, TextDelta, UsageReported
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message, ResponseFormat
from aiproxy_desktop.core.providers.openai.provider import OFFICIAL, ChatDialect, OpenAICompatibleProvider
from tests.dialects import OPENAI, RESPONSES, sse
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


async def test_what_a_server_refuses_to_read_is_left_out_from_then_on(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        for name in ("stream_options", "temperature", "max_tokens"):
            if name in exchange.json:
                return Reply.json({"error": {"message": f"Unrecognized request argument: {name}"}}, 400)
        end = sse({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        return OPENAI.reply(OPENAI.text("Hi"), end, b"data: [DONE]\n\n")

    async with ByteServer(serve) as server:
        mine = provider(http, server.url)
        first = [event async for event in mine.stream(REQUEST)]
        tries = len(server.exchanges)
        second = [event async for event in mine.stream(REQUEST)]
        assert len(server.exchanges) == tries + 1
        assert server.exchanges[-1].json["max_completion_tokens"] == 9
    assert first == second
    note, *answer = first[1:]
    assert isinstance(note, Noted)
    assert (note.parameter, note.sentence) == (
        "temperature",
        "m does not take temperature, so it was left out.",
    )
    assert answer == [TextDelta("Hi"), Finished("stop")]


async def test_a_field_of_the_callers_own_that_is_refused_is_left_out_with_a_note(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        if "parallel_tool_calls" in exchange.json:
            return Reply.json({"error": {"message": "Unsupported parameter: 'parallel_tool_calls'"}}, 400)
        return OPENAI.reply(OPENAI.text("Hi"), OPENAI.finish("stop"))

    request = replace(REQUEST, extra={"parallel_tool_calls": False, "seed": 7})
    async with ByteServer(serve) as server:
        events = [event async for event in provider(http, server.url).stream(request)]
        assert server.exchanges[-1].json["seed"] == 7
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["parallel_tool_calls"]


async def test_a_server_without_schemas_gets_the_schema_in_words(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        if exchange.json["response_format"]["type"] == "json_schema":
            message = "'response_format.type' : value is not one of the allowed values ['text','json_object']"
            return Reply.json({"error": {"message": message}}, 400)
        return OPENAI.reply(OPENAI.text("{}"), OPENAI.finish("stop"))

    schema = {"type": "object", "required": ["city"]}
    request = replace(REQUEST, response_format=ResponseFormat("json_schema", schema))
    async with ByteServer(serve) as server:
        events = [event async for event in provider(http, server.url).stream(request)]
        sent = server.exchanges[-1].json
    assert '"required": ["city"]' in sent["messages"][0]["content"]
    assert sent["messages"][0]["role"] == "system"
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["response_format"]


async def test_a_wrong_schema_is_for_its_author_to_hear(http: HttpClient) -> None:
    message = "Invalid schema for response_format 'answer': 'colour' is not a type"
    request = replace(REQUEST, response_format=ResponseFormat("json_schema", {"type": "colour"}))
    async with ByteServer(Reply.json({"error": {"message": message}}, 400)) as server:
        with pytest.raises(RequestError, match="is not a type"):
            [event async for event in provider(http, server.url).stream(request)]
        assert len(server.exchanges) == 1


async def test_a_model_that_only_responses_serves_is_asked_there(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        if exchange.path.endswith("/chat/completions"):
            message = "This model is only supported in v1/responses and not in v1/chat/completions."
            return Reply.json({"error": {"message": message, "code": None}}, 404)
        return RESPONSES.reply(RESPONSES.text("Hi"), RESPONSES.finish("stop"))

    async with ByteServer(serve) as server:
        official = provider(http, server.url, OFFICIAL)
        for _ in range(2):
            events = [event async for event in official.stream(REQUEST)]
            assert events[-3:] == [TextDelta("Hi"), UsageReported(RESPONSES.usage), Finished("stop")]
        assert [exchange.path for exchange in server.exchanges] == [
            "/chat/completions",
            "/responses",
            "/responses",
        ]


async def test_a_key_that_may_not_see_summaries_gets_the_answer_without(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        if "summary" in exchange.json["reasoning"]:
            message = "Your organization must be verified to generate reasoning summaries."
            return Reply.json({"error": {"message": message, "param": "reasoning.summary"}}, 400)
        return RESPONSES.reply(RESPONSES.text("Hi"), RESPONSES.finish("stop"))

    request = CompletionRequest("o3", (Message.of("user", "Hi"),), effort="high")
    async with ByteServer(serve) as server:
        events = [event async for event in provider(http, server.url, OFFICIAL).stream(request)]
        assert server.exchanges[-1].json["reasoning"] == {"effort": "high"}
    assert TextDelta("Hi") in events


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


async def test_a_key_goes_where_the_dialect_says(http: HttpClient) -> None:
    dialect = ChatDialect(key_header="api-key", query=(("api-version", "2026-01 preview"),))
    keys = StaticCredentials({"mine": "sk-1"})
    async with ByteServer(Reply.json({"data": []})) as server:
        await OpenAICompatibleProvider("mine", "Mine", server.url, http, keys, dialect=dialect).list_models()
        (exchange,) = server.exchanges
    assert exchange.headers["api-key"] == "sk-1"
    assert "authorization" not in exchange.headers
    assert exchange.path == "/models?api-version=2026-01+preview"


async def test_a_large_image_arrives_whole(http: HttpClient) -> None:
    data = bytes(range(256)) * 4096
    request = CompletionRequest("m", (Message("user", (MediaPart("image", "image/png", data),)),))
    async with ByteServer(OPENAI.reply(OPENAI.text("Hi"), OPENAI.finish("stop"))) as server:
        [event async for event in provider(http, server.url).stream(request)]
        assert OPENAI.read is not None
        assert OPENAI.read(server.exchanges[0].json).turns == [("user", [("image", "image/png", data)])]


async def test_nothing_to_send_is_not_sent(http: HttpClient) -> None:
    empty = CompletionRequest("m", (Message.of("system", "Be brief."), Message.of("user", "")))
    with pytest.raises(RequestError, match="nothing to send"):
        [event async for event in provider(http, "http://127.0.0.1:1").stream(empty)]
