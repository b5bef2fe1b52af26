"""Images of each account: its own address and key, its own list, its own way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core import (
    CompletionClient,
    HttpClient,
    ImageMade,
    ImagesFinished,
    ImagesStarted,
    InterruptedStreamError,
    Registry,
    RequestError,
    UnsupportedError,
)
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.images.values import ImageEvent
from aiproxy_desktop.core.providers.openai.vendors import build_endpoint
from tests.dialects import OPENAI
from tests.image_servers import OpenAIImages
from tests.seed.run import PNG
from tests.wire import ByteServer, Exchange, Reply

KEYS = StaticCredentials({"azure": "az-0123456789"})


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIImages]:
    async with OpenAIImages() as server:
        yield server


async def events_of(client: CompletionClient, model: str, **options: Any) -> list[ImageEvent]:
    async with client.stream_images("A red boat", model, **options) as events:
        return [event async for event in events]


async def test_a_hiccup_is_mended_unseen_and_what_is_paid_for_is_not_asked_for_again(
    openai: OpenAIImages,
) -> None:
    async with CompletionClient(Registry()) as client:
        client.add_endpoint("team", f"{openai.url}/v1", "sk-team-0123456789")
        openai.behave(fault="rate", times=1)
        events = await events_of(client, "team:gpt-image-2", size="64x64")
        assert [type(event) for event in events] == [ImagesStarted, ImageMade, ImagesFinished]
        assert len(openai.requests) == 2
        openai.behave(fault="disconnect", times=1)
        with pytest.raises(InterruptedStreamError):
            await events_of(client, "team:gpt-image-2", size="64x64")
        assert len(openai.requests) == 3
        await client.registry.aclose()


async def test_a_server_without_images_says_so() -> None:
    nowhere = Reply.json({"detail": "Not Found"}, 404)
    async with ByteServer(nowhere) as server, CompletionClient(Registry()) as client:
        client.add_endpoint("team", f"{server.url}/v1")
        with pytest.raises(RequestError, match="has no images at this address"):
            await client.generate_image("A red boat", "team:llama")
        await client.registry.aclose()


async def test_each_account_is_asked_at_its_own_address_with_its_own_key(openai: OpenAIImages) -> None:
    http = HttpClient()
    azure = build_endpoint("azure", "Azure", f"{openai.url}/openai/v1", http, KEYS, vendor_id="azure")
    async with CompletionClient(Registry([azure])) as client:
        client.add_endpoint("team", f"{openai.url}/proxy/v1", "sk-team-0123456789")
        options: dict[str, Any] = {"size": "64x64", "steps": 4, "style": "oil"}
        found = await client.generate_image("A red boat", "team:flux-9", **options)
        assert found["cost"] is None
        assert (await client.generate_image("A red boat", "azure:gpt-image-2", size="64x64"))["cost"]
        first, second = openai.requests
        assert (first.path, first.key) == ("/proxy/v1/images/generations", "sk-team-0123456789")
        assert first.fields == options  # of an unknown model, what was given
        assert (second.path, second.key) == ("/openai/v1/images/generations", "az-0123456789")
        await client.registry.aclose()
    await http.aclose()


async def test_a_bare_name_belongs_to_the_account_that_lists_it(openai: OpenAIImages) -> None:
    openai.models = ("flux-9",)
    async with CompletionClient(Registry()) as client:
        client.add_endpoint("team", f"{openai.url}/v1", "sk-team-0123456789")
        await client.models("team")
        await client.generate_image("A red boat", "flux-9", size="64x64")
        assert openai.requests[0].model == "flux-9"
        await client.registry.aclose()


async def test_a_router_draws_in_its_chat() -> None:
    assert OPENAI.image is not None
    row = {"id": "google/gemini-3-pro-image", "architecture": {"output_modalities": ["image", "text"]}}
    answer = OPENAI.reply(OPENAI.text("There."), OPENAI.image("image/png", PNG), OPENAI.finish("stop"))
    lists = Reply.json({"data": [row]})
    http = HttpClient()

    def serve(exchange: Exchange) -> Reply:
        return answer if exchange.method == "POST" else lists

    async with ByteServer(serve) as server:
        keys = StaticCredentials({"openrouter": "or-0123456789"})
        router = build_endpoint("openrouter", "OpenRouter", server.url, http, keys, vendor_id="openrouter")
        async with CompletionClient(Registry([router])) as client:
            await client.models("openrouter")
            assert [model.id for model in router.image_models()] == [row["id"]]
            name = f"openrouter:{row['id']}"
            found = await client.generate_image("A red boat", name, aspect_ratio="16:9")
            assert found["images"]["data"] == PNG
            assert found["text"] == "There."
            body = server.exchanges[-1].json
            assert body["modalities"] == ["image", "text"]
            assert body["image_config"] == {"aspect_ratio": "16:9"}
            with pytest.raises(UnsupportedError, match="no mask"):
                await client.edit_image(PNG, "Make it lime", PNG, name)
            await client.registry.aclose()
    await http.aclose()


async def test_a_provider_without_images_names_models_that_have_them() -> None:
    class Plain:
        id, label = "plain", "Plain"

        async def aclose(self) -> None:
            return None

    registry = Registry([Plain()])  # type: ignore[list-item]  # it need not answer
    async with CompletionClient(registry) as client:
        with pytest.raises(UnsupportedError, match="makes no images") as caught:
            await client.generate_image("A red boat", "plain:thing")
    assert "openai:gpt-image-2" in caught.value.alternatives
    await registry.aclose()
