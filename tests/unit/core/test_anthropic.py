from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.events import Finished, Noted, StreamEvent, TextDelta
from aiproxy_desktop.core.failures import failure, read_refusal
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    OpaquePart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
)
from aiproxy_desktop.core.name_rules import provider_by_vendor
from aiproxy_desktop.core.providers.anthropic.provider import AnthropicProvider
from aiproxy_desktop.core.providers.anthropic.thoughts import signed
from tests.dialects import ANTHROPIC
from tests.wire import ByteServer, Exchange, Reply

HELLO = (Message.of("user", "Hello"),)
ANSWER = ANTHROPIC.reply(ANTHROPIC.text("Hi"), ANTHROPIC.finish("stop"))


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def provider_at(url: str, http: HttpClient) -> AnthropicProvider:
    return AnthropicProvider(http, StaticCredentials({"anthropic": "a-key"}), url)


async def ask(provider: AnthropicProvider, model: str = "m", **fields: Any) -> list[StreamEvent]:
    request = CompletionRequest(model, fields.pop("messages", HELLO), **fields)
    return [event async for event in provider.stream(request)]


def refusal(message: str, kind: str = "invalid_request_error", status: int = 400) -> Reply:
    return Reply.json({"type": "error", "error": {"type": kind, "message": message}}, status)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_the_base_address_may_end_in_the_version(http: HttpClient, ending: str) -> None:
    async with ByteServer(ANSWER) as server:
        await ask(provider_at(server.url + ending, http))
        (exchange,) = server.exchanges
    assert exchange.path == "/v1/messages"
    assert exchange.headers["x-api-key"] == "a-key"
    assert exchange.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in exchange.headers
    assert "anthropic-beta" not in exchange.headers
    assert exchange.json["stream"] is True


async def test_files_by_id_and_own_features_are_announced(http: HttpClient) -> None:
    hosted = (Message("user", (HostedMediaPart("image", "image/png", "file_1"), TextPart("What is it?"))),)
    async with ByteServer(ANSWER) as server:
        await ask(provider_at(server.url, http), messages=hosted, extra={"betas": ["x-2026-01-01"]})
        (exchange,) = server.exchanges
    assert exchange.headers["anthropic-beta"] == "x-2026-01-01,files-api-2025-04-14"


async def test_notes_come_before_the_answer(http: HttpClient) -> None:
    async with ByteServer(ANSWER) as server:
        events = await ask(provider_at(server.url, http), "claude-opus-5-5", temperature=0.2)
    assert isinstance(events[1], Noted)
    assert events[1].parameter == "temperature"
    assert events[2] == TextDelta("Hi")


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": (Message("user", (MediaPart("audio", "audio/wav", b"RIFF"),)),)},
        {"messages": (*HELLO, Message("assistant", (ToolCallPart("t", "add", '{"n": NaN}'),)), *HELLO)},
        {"extra": {"metadata": {"a": object()}}},
        {"tools": (Tool("deep", parameters={}), Tool("odd", parameters={"x": object()}))},
    ],
    ids=["audio", "arguments", "extra", "schema"],
)
async def test_what_cannot_be_said_is_refused_before_anything_is_sent(
    http: HttpClient, fields: dict[str, Any]
) -> None:
    async with ByteServer(ANSWER) as server:
        with pytest.raises((errors.InvalidRequestError, errors.UnsupportedError)) as caught:
            await ask(provider_at(server.url, http), **fields)
        assert server.exchanges == []
    assert caught.value.provider == "anthropic"


async def test_what_the_service_will_not_take_is_left_out_at_once_and_from_then_on(http: HttpClient) -> None:
    def serve(exchange: Exchange) -> Reply:
        if "temperature" in exchange.json:
            return refusal("`temperature` is deprecated for this model.")
        if exchange.json.get("tool_choice") == {"type": "any"}:
            return refusal("tool_choice: forced tool use is not supported on this model")
        return ANSWER

    fields: dict[str, Any] = {
        "temperature": 0.5,
        "tools": (Tool("find"),),
        "tool_choice": ToolChoice("required"),
    }
    async with ByteServer(serve) as server:
        provider = provider_at(server.url, http)
        events = await ask(provider, "glm-5", **fields)
        assert len(server.exchanges) == 3
        await ask(provider, "glm-5", **fields)
        assert len(server.exchanges) == 4
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["tool_choice", "temperature"]
    assert events[-1] == Finished("stop")


async def test_a_refusal_that_nothing_can_mend_is_told(http: HttpClient) -> None:
    async with ByteServer(refusal("temperature: must be a number")) as server:
        with pytest.raises(errors.RequestError, match="must be a number"):
            await ask(provider_at(server.url, http), "claude-opus-5-5")
        assert len(server.exchanges) == 1


async def test_thoughts_that_are_not_taken_back_are_left_out(http: HttpClient) -> None:
    model = "claude-sonnet-5-5"
    answer = Message("assistant", (OpaquePart("anthropic", signed("old", model)), TextPart("Hi")))

    def serve(exchange: Exchange) -> Reply:
        kinds = [block["type"] for turn in exchange.json["messages"] for block in turn["content"]]
        if "thinking" in kinds:
            return refusal("messages.1.content.0: Invalid `signature` in `thinking` block")
        return ANSWER

    async with ByteServer(serve) as server:
        provider = provider_at(server.url, http)
        events = await ask(provider, model, messages=(*HELLO, answer, *HELLO))
        assert events[-1] == Finished("stop")
        await ask(provider, model, messages=(*HELLO, answer, *HELLO))
        assert len(server.exchanges) == 3


async def test_pages_are_read_to_the_end_and_what_models_take_is_remembered(http: HttpClient) -> None:
    def row(name: str, **more: Any) -> dict[str, Any]:
        return {"type": "model", "id": name, "display_name": name.title(), **more}

    def serve(exchange: Exchange) -> Reply:
        if exchange.method == "POST":
            return ANSWER
        if exchange.path.endswith("&after_id=claude%2Fb"):
            rows = [row("claude-c", lifecycle="retired"), row("glm-5", max_tokens=2_000)]
            return Reply.json({"data": rows, "has_more": False, "last_id": "glm-5"})
        return Reply.json(
            {"data": [row("claude-a"), row("claude/b")], "has_more": True, "last_id": "claude/b"}
        )

    async with ByteServer(serve) as server:
        provider = provider_at(server.url, http)
        models = await provider.list_models()
        assert server.paths == ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=claude%2Fb"]
        assert [model.id for model in models] == ["claude-a", "claude/b", "glm-5"]
        await ask(provider, "glm-5")
        assert server.exchanges[-1].json["max_tokens"] == 2_000


@pytest.mark.parametrize("payload", [{"data": {}}, [], {"models": []}])
async def test_a_list_that_is_none_is_refused(http: HttpClient, payload: Any) -> None:
    async with ByteServer(Reply.json(payload)) as server:
        with pytest.raises(errors.ProtocolError, match="list of models"):
            await provider_at(server.url, http).list_models()


@pytest.mark.parametrize(
    ("status", "kind", "message", "expected"),
    [
        (401, "authentication_error", "invalid x-api-key", errors.AuthenticationError),
        (403, "permission_error", "Your API key does not have permission.", errors.AuthenticationError),
        (404, "not_found_error", "model: claude-none", errors.ModelNotFoundError),
        (404, "not_found_error", "Not found", errors.InvalidEndpointError),
        (429, "rate_limit_error", "This request would exceed the rate limit", errors.RateLimitError),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 9 tokens > 8 maximum",
            errors.RequestTooLargeError,
        ),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 9 + 9 > 10",
            errors.RequestTooLargeError,
        ),
        (413, "request_too_large", "Request exceeds the maximum size", errors.RequestTooLargeError),
        (400, "invalid_request_error", "Your credit balance is too low to access", errors.QuotaError),
        (
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits.",
            errors.QuotaError,
        ),
        (402, "billing_error", "Payment required", errors.QuotaError),
        (400, "invalid_request_error", "messages: roles must alternate", errors.RequestError),
        (500, "api_error", "Internal server error", errors.ProviderFailureError),
        (504, "timeout_error", "Request timed out", errors.ProviderFailureError),
        (529, "overloaded_error", "Overloaded", errors.ProviderFailureError),
    ],
)
def test_each_refusal_has_its_kind(
    status: int, kind: str, message: str, expected: type[errors.AIProxyError]
) -> None:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    error = failure(read_refusal(body), label="Anthropic", provider="anthropic", status=status)
    assert type(error) is expected
    assert error.detail == message


def test_claude_goes_to_anthropic_without_being_told() -> None:
    assert provider_by_vendor("claude-opus-5-5") == "anthropic"
