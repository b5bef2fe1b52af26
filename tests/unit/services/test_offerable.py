from __future__ import annotations

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.local_api.offerable import offerable
from aiproxy_desktop.services.provider_states import ProviderState


async def test_models_that_draw_and_talk_can_be_offered_too() -> None:
    http = HttpClient()
    registry = Registry([GeminiProvider(http, StaticCredentials({"gemini": "key-0123456789"}))])
    listed = ModelInfo("gemini-2.5-flash", "gemini", "Gemini 2.5 Flash")
    state = ProviderState("gemini", "Gemini", "gemini", "ready", models=(listed,))
    found = {one.reference: one for one in offerable([state], registry)}
    assert (found["gemini:gemini-2.5-flash"].name, found["gemini:gemini-2.5-flash"].kind) == (
        "Gemini 2.5 Flash",
        "chat",
    )
    assert {"chat", "images", "live"} == {one.kind for one in found.values()}
    # What nobody can ask is not there to be ticked.
    keyless = ProviderState("gemini", "Gemini", "gemini", "no_key")
    assert offerable([keyless], registry) == ()
    await registry.aclose()
    await http.aclose()
