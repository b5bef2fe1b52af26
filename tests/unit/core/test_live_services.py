"""Where live services are, and which providers have them."""

from __future__ import annotations

from typing import Any

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import ConfigurationError, InvalidEndpointError, MissingKeyError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.live.codec import LiveTalker
from aiproxy_desktop.core.live.models import known_live_models
from aiproxy_desktop.core.live.services import GeminiLiveService, OpenAIRealtimeService
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.providers.openai.provider import openai_provider
from aiproxy_desktop.core.providers.openai.vendors import build_endpoint, build_vendor, vendor_by_id
from tests.wire import ByteServer, Reply

KEY = "live-key-0123456789"
KEYS = StaticCredentials({"gemini": KEY, "openai": KEY, "mine": KEY})
OPTIONS = LiveOptions("a model/2")
METHOD = "GenerativeService.BidiGenerateContent"


@pytest.mark.parametrize(
    ("base", "address"),
    [
        (
            "https://generativelanguage.googleapis.com",
            f"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.{METHOD}",
        ),
        (
            "http://localhost:8080/v1/",
            f"ws://localhost:8080/ws/google.ai.generativelanguage.v1.{METHOD}",
        ),
        (
            "https://proxy.example/gemini/v1alpha",
            f"wss://proxy.example/gemini/ws/google.ai.generativelanguage.v1alpha.{METHOD}",
        ),
    ],
)
async def test_where_gemini_is(base: str, address: str) -> None:
    found = await GeminiLiveService(KEYS, base).address(OPTIONS)
    assert (found.url, dict(found.headers)) == (address, {"x-goog-api-key": KEY})
    assert KEY not in repr(found)


async def test_where_openai_is() -> None:
    found = await OpenAIRealtimeService(KEYS).address(OPTIONS)
    assert found.url == "wss://api.openai.com/v1/realtime?model=a%20model%2F2"
    assert found.headers["authorization"] == f"Bearer {KEY}"
    open_one = OpenAIRealtimeService(StaticCredentials({}), "http://[::1]:9/v1", needs_key=False)
    found = await open_one.address(OPTIONS)
    assert (found.url[:16], dict(found.headers)) == ("ws://[::1]:9/v1/", {})


@pytest.mark.parametrize("kind", [GeminiLiveService, OpenAIRealtimeService])
async def test_what_is_wrong_is_said_in_a_sentence(kind: Any) -> None:
    with pytest.raises(InvalidEndpointError, match="encrypted"):
        await kind(KEYS, "http://192.168.0.2/v1").address(OPTIONS)
    with pytest.raises(InvalidEndpointError):
        await kind(KEYS, "nowhere").address(OPTIONS)
    with pytest.raises(MissingKeyError):
        await kind(StaticCredentials({})).address(OPTIONS)
    with pytest.raises(ConfigurationError):
        await kind(StaticCredentials({"gemini": "a\nb", "openai": "a\nb"})).address(OPTIONS)


async def test_who_holds_conversations() -> None:
    http = HttpClient()
    openai = openai_provider(ProviderContext(http, KEYS, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}))
    named = build_endpoint("mine", "Mine", "https://relay.example/v1", http, KEYS, vendor_id="openai")
    groq = vendor_by_id("groq")
    assert groq is not None
    talkers: tuple[tuple[Any, str], ...] = (
        (openai, "openai"),
        (named, "openai"),
        (GeminiProvider(http, KEYS), "gemini"),
    )
    for talker, vendor in talkers:
        assert isinstance(talker, LiveTalker)
        assert talker.live_models() == known_live_models(vendor)
    services = [talker.live_service() for talker, _ in talkers]
    assert [(one.provider, one.label) for one in services] == [
        ("openai", "OpenAI"),
        ("mine", "Mine"),
        ("gemini", "Gemini"),
    ]
    address = await services[0].address(OPTIONS)
    assert address.url.startswith("ws://127.0.0.1:9/v1/realtime?")
    for other in (
        build_vendor(groq, http, KEYS),
        build_endpoint("mine", "Mine", "https://relay.example/v1", http, KEYS),
    ):
        assert not isinstance(other, LiveTalker)
    await http.aclose()


async def test_which_models_the_lists_name() -> None:
    rows = [{"id": name} for name in ("gpt-realtime-3", "gpt-6", "gpt-realtime-whisper", "gpt-realtime-3")]
    async with ByteServer(Reply.json({"data": rows})) as server:
        http = HttpClient()
        openai = openai_provider(ProviderContext(http, KEYS, {"OPENAI_BASE_URL": f"{server.url}/v1"}))
        await openai.list_models()
        await http.aclose()
    assert isinstance(openai, LiveTalker)
    assert openai.live_models() == ("gpt-realtime-3",)
    names = ("gemini-4-live", "gemini-3.5-live-translate", "gemini-4-flash")
    methods = (["bidiGenerateContent"], ["bidiGenerateContent"], ["generateContent"])
    models = [
        {"name": f"models/{name}", "supportedGenerationMethods": method}
        for name, method in zip(names, methods, strict=True)
    ]
    async with ByteServer(Reply.json({"models": models})) as server:
        http = HttpClient()
        gemini = GeminiProvider(http, KEYS, server.url)
        listed = await gemini.list_models()
        await http.aclose()
    assert [model.id for model in listed] == ["gemini-4-flash"]
    assert gemini.live_models() == ("gemini-4-live",)
