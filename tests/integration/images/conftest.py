"""Services that make images, and a client of both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aiproxy_desktop.core import (
    NO_RETRY,
    CompletionClient,
    HttpClient,
    Registry,
)
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from tests.image_servers import GeminiImages, OpenAIImages

KEYS = StaticCredentials({"openai": "sk-openai-0123", "gemini": "g-0123456789", "azure": "az-0123456789"})


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIImages]:
    async with OpenAIImages() as server:
        yield server


@pytest.fixture
async def gemini() -> AsyncIterator[GeminiImages]:
    async with GeminiImages() as server:
        yield server


@pytest.fixture
async def client(openai: OpenAIImages, gemini: GeminiImages) -> AsyncIterator[CompletionClient]:
    http = HttpClient()
    registry = Registry(
        [
            OpenAICompatibleProvider("openai", "OpenAI", f"{openai.url}/v1", http, KEYS),
            GeminiProvider(http, KEYS, gemini.url),
        ]
    )
    async with CompletionClient(registry, retries=NO_RETRY) as made:
        yield made
    await registry.aclose()
    await http.aclose()
