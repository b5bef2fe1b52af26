from __future__ import annotations

import pytest

from aiproxy_desktop.core.errors import MissingKeyError, UnknownModelError
from aiproxy_desktop.core.model_manager import ModelManager
from aiproxy_desktop.core.model_providers import (
    AnthropicModelProvider,
    GeminiModelProvider,
    ModelProvider,
    OllamaModelProvider,
    OpenAIModelProvider,
)
from aiproxy_desktop.core.registry import Registry
from tests.wire import ByteServer, Reply

OPENAI = Reply.json({"object": "list", "data": [{"id": "gpt-5.5", "object": "model"}]})
GEMINI = Reply.json(
    {
        "models": [
            {
                "name": "models/gemini-3.8-flash",
                "displayName": "Gemini 3.8 Flash",
                "inputTokenLimit": 5000,
                "supportedGenerationMethods": ["generateContent"],
            }
        ]
    }
)
OLLAMA = Reply.json({"models": [{"model": "llama3.2:latest", "capabilities": ["completion", "tools"]}]})


@pytest.mark.parametrize(
    ("kind", "name", "local"),
    [
        (OpenAIModelProvider, "openai", False),
        (GeminiModelProvider, "gemini", False),
        (AnthropicModelProvider, "anthropic", False),
        (OllamaModelProvider, "ollama", True),
    ],
)
async def test_none_needs_a_key_to_be_made(kind: type[ModelProvider], name: str, local: bool) -> None:
    provider = kind()
    assert (provider.name, provider.supports_local_deployment) == (name, local)
    await provider.aclose()


async def test_openai_with_a_key_and_an_address() -> None:
    async with ByteServer(OPENAI) as server:
        provider = OpenAIModelProvider(api_key="k-1", base_url=f"{server.url}/v1")
        (model,) = await provider.list_models()
        assert (model.reference, model.context_window) == ("openai:gpt-5.5", 1_050_000)
        assert (await provider.get_model_info("gpt-5.5")).id == "gpt-5.5"
        await provider.ensure_model_available("gpt-5.5")
        for call in (provider.get_model_info("gpt-1"), provider.ensure_model_available("gpt-1")):
            with pytest.raises(UnknownModelError, match="gpt-1"):
                await call
        await provider.aclose()
    assert server.exchanges[0].headers["authorization"] == "Bearer k-1"


async def test_keys_and_addresses_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    openai = OpenAIModelProvider()
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY"):
        await openai.list_models()
    await openai.aclose()
    async with ByteServer(GEMINI) as server:
        monkeypatch.setenv("GEMINI_API_KEY", "g-1")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        gemini = GeminiModelProvider()
        (model,) = await gemini.list_models()
        assert (model.context_window, model.output_limit) == (5000, 65_536)
        await gemini.aclose()
    assert server.exchanges[0].headers["x-goog-api-key"] == "g-1"


async def test_in_a_manager_of_nothing_else() -> None:
    async with ByteServer(OLLAMA) as server, ModelManager(Registry()) as manager:
        manager.register_provider(OllamaModelProvider(server.url))
        (model,) = await manager.list_all_models()
        assert (model.reference, model.local) == ("ollama:llama3.2:latest", True)
        assert (await manager.get_model_info("llama3.2")) == model


async def test_a_server_of_ones_own_needs_no_key_and_is_not_sent_openais(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-0123456789")
    async with ByteServer(Reply.json({"data": [{"id": "own"}]})) as server:
        provider = OpenAIModelProvider(base_url=f"{server.url}/v1")
        assert [model.id for model in await provider.list_models()] == ["own"]
        await provider.aclose()
        assert "authorization" not in server.exchanges[0].headers
