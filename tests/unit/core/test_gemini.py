from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import AIProxyError, ContentBlockedError, ProviderFailureError
from aiproxy_desktop.core.events import Finished, ImageReceived, Noted, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.failures import failure
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message, ResponseFormat
from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.core.providers.gemini.decoding import GenerateContentDecoder
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from tests.dialects import GEMINI, sse
from tests.wire import ByteServer, Exchange, Reply

REQUEST = CompletionRequest("thinker", (Message.of("user", "Hi"),))


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def decoded(stream: bytes) -> tuple[list[StreamEvent], AIProxyError | None]:
    decoder = GenerateContentDecoder(lambda refusal: failure(refusal, label="It", provider="it"))
    events = decoder.feed(stream)
    return events + decoder.end(), decoder.failure


def ended(reason: str, text: str = "Hel") -> bytes:
    return sse({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": reason}]})


@pytest.mark.parametrize(
    "reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "LANGUAGE"]
)
def test_a_blocked_answer_is_an_error_with_its_reason(reason: str) -> None:
    events, error = decoded(ended(reason))
    assert events == [TextDelta("Hel")]
    assert isinstance(error, ContentBlockedError)
    assert reason in error.advice


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "OTHER"])
def test_an_answer_that_went_wrong_is_a_failure(reason: str) -> None:
    _, error = decoded(ended(reason))
    assert isinstance(error, ProviderFailureError)
    assert reason in error.detail


def test_a_reason_not_known_ends_an_answer_but_is_none() -> None:
    assert decoded(ended("SOMETHING_NEW"))[0][-1] == Finished("stop")
    assert isinstance(decoded(ended("SOMETHING_NEW", ""))[1], ProviderFailureError)


def test_a_reason_on_every_chunk_does_not_end_the_answer() -> None:
    events, _ = decoded(ended("STOP", "a") + ended("STOP", "b"))
    assert events == [TextDelta("a"), TextDelta("b"), Finished("stop")]


async def test_pages_are_read_to_the_end_and_thinkers_remembered(http: HttpClient) -> None:
    def row(name: str, thinking: bool = False, methods: str = "generateContent") -> dict[str, object]:
        return {
            "name": f"models/{name}",
            "displayName": name.title(),
            "inputTokenLimit": 1000,
            "outputTokenLimit": 10,
            "supportedGenerationMethods": [methods],
            "thinking": thinking,
        }

    def serve(exchange: Exchange) -> Reply:
        if exchange.method == "POST":
            return GEMINI.reply(GEMINI.finish("stop"))
        if "pageToken=next%2F2" in exchange.path:
            return Reply.json(
                {"models": [row("gemini-3-pro-image"), row("plain"), row("x", methods="embedContent")]}
            )
        return Reply.json({"models": [row("thinker", thinking=True)], "nextPageToken": "next/2"})

    async with ByteServer(serve) as server:
        provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url)
        models = await provider.list_models()
        [event async for event in provider.stream(REQUEST)]
        assert server.exchanges[-1].json["generationConfig"] == {"thinkingConfig": {"includeThoughts": True}}
    assert [(model.id, model.display_name, model.context_window, model.output_limit) for model in models] == [
        ("thinker", "Thinker", 1000, 10),
        ("plain", "Plain", 1000, 10),
        ("gemini-3-pro-image", "Gemini-3-Pro-Image", 1000, 10),
    ]


async def test_a_list_tells_what_each_model_can_do(http: HttpClient) -> None:
    rows: list[dict[str, object]] = [
        {"name": "models/gemini-nano-banana-2.1", "description": "Draws."},
        {"name": "models/gemini-3.8-flash", "description": "Fast.", "thinking": True},
        {"name": "models/gemma-3-27b-it"},
        {"name": "models/someone-s-own"},
    ]
    others = ("imagen-4", "veo-3", "gemini-3.1-flash-tts", "gemini-3.8-live")
    rows += [{"name": f"models/{other}"} for other in others]
    listed = {"models": [{**row, "supportedGenerationMethods": ["generateContent"]} for row in rows]}
    async with ByteServer(Reply.json(listed)) as server:
        models = await GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url).list_models()
    assert [model.id for model in models] == [
        "gemini-3.8-flash",
        "gemma-3-27b-it",
        "someone-s-own",
        "gemini-nano-banana-2.1",
    ]
    flash, gemma, own, banana = (model.capabilities for model in models)
    assert models[0].description == "Fast."
    assert flash == Capabilities(
        vision=True,
        audio=True,
        video=True,
        documents=True,
        tools=True,
        json_mode=True,
        json_schema=True,
        streaming=True,
        thinking=True,
        sampling=False,
        web_search=True,
        images_out=False,
        audio_out=False,
    )
    assert (gemma.tools, gemma.json_mode, gemma.audio) == (False, False, None)
    assert (own.vision, own.tools, own.images_out, own.streaming) == (None, None, None, True)
    assert (banana.images_out, banana.vision, banana.tools, banana.audio) == (True, True, False, False)


@pytest.mark.parametrize("alias", ["gemini-2.5-flash-image", "g2.5-flash-image"])
async def test_an_alias_is_asked_for_by_its_real_name_and_keeps_its_own(http: HttpClient, alias: str) -> None:
    async with ByteServer(GEMINI.reply(GEMINI.finish("stop"))) as server:
        provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url)
        request = CompletionRequest(alias, REQUEST.messages, images=True)
        events = [event async for event in provider.stream(request)]
        assert server.paths[0].startswith("/v1beta/models/gemini-2.5-flash-image-preview:")
    assert events[0] == Started("gemini", alias)


async def test_a_name_that_the_service_lists_is_no_alias(http: HttpClient) -> None:
    row = {"name": "models/gemini-2.5-flash-image", "supportedGenerationMethods": ["generateContent"]}
    async with ByteServer(
        Reply.json({"models": [row]}), GEMINI.reply(GEMINI.text("Hi"), GEMINI.finish("stop"))
    ) as server:
        provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url)
        await provider.list_models()
        [
            event
            async for event in provider.stream(CompletionRequest("gemini-2.5-flash-image", REQUEST.messages))
        ]
        assert server.paths[1].startswith("/v1beta/models/gemini-2.5-flash-image:")


async def test_a_refusal_is_learned_from_and_asked_again_with_a_note(http: HttpClient) -> None:
    refusal = Reply.json({"error": {"code": 400, "message": "JSON mode is not enabled for models/m"}}, 400)
    request = CompletionRequest("m", REQUEST.messages, response_format=ResponseFormat("json_object"))
    async with ByteServer(refusal, GEMINI.reply(GEMINI.text("{}"), GEMINI.finish("stop"))) as server:
        provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url)
        events = [event async for event in provider.stream(request)]
        first, second = (exchange.json for exchange in server.exchanges)
    assert first["generationConfig"] == {"responseMimeType": "application/json"}
    assert "JSON" in second["systemInstruction"]["parts"][0]["text"]
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["response_format"]


async def test_a_large_image_arrives_from_an_image_model(http: HttpClient) -> None:
    assert GEMINI.image is not None
    large = b"\x01" * 7_000_000  # more base64 than an answer in text may hold in one piece
    async with ByteServer(GEMINI.reply(GEMINI.image("image/png", large), GEMINI.finish("stop"))) as server:
        provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url)
        request = CompletionRequest("gemini-3-pro-image", REQUEST.messages)
        events = [event async for event in provider.stream(request)]
    assert ImageReceived("image/png", large) in events


async def test_pages_without_end_are_left(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"models": [], "nextPageToken": "again"})) as server:
        assert (
            await GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), server.url).list_models() == ()
        )
        assert len(server.exchanges) == 10


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "/v1beta/models/gemini-3.8-flash:stream"),
        ("models/gemini-3.8-flash", "/v1beta/models/gemini-3.8-flash:stream"),
        ("tunedModels/mine", "/v1beta/tunedModels/mine:stream"),
        ("../../v1/x?y#z", "/v1beta/models/..%2F..%2Fv1%2Fx%3Fy%23z:stream"),
    ],
)
async def test_a_model_name_stays_within_its_part_of_the_address(
    http: HttpClient, model: str, path: str
) -> None:
    async with ByteServer(GEMINI.reply(GEMINI.finish("stop"))) as server:
        for base in (server.url, f"{server.url}/v1beta/"):
            provider = GeminiProvider(http, StaticCredentials({"gemini": "g-1"}), base)
            [event async for event in provider.stream(CompletionRequest(model, REQUEST.messages))]
        assert all(seen.startswith(path) for seen in server.paths)
