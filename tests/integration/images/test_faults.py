"""What goes wrong with images: one sentence, nothing taken for a picture."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aiproxy_desktop.core import (
    AIProxyError,
    AuthenticationError,
    CompletionClient,
    ContentBlockedError,
    InterruptedStreamError,
    ProtocolError,
    ProviderFailureError,
    RateLimitError,
)
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.images.models import IMAGE_MODELS
from tests.image_servers import GeminiImages, OpenAIImages
from tests.integration.images.parts import events_of
from tests.waiting import until

KEYS = StaticCredentials({"openai": "sk-openai-0123", "gemini": "g-0123456789", "azure": "az-0123456789"})
ROWS = {facts.id: facts for facts in IMAGE_MODELS}


@pytest.mark.parametrize("model", ["gpt-image-2", "gemini-3-pro-image"])
async def test_leaving_closes_the_connection_at_once(
    model: str, client: CompletionClient, openai: OpenAIImages, gemini: GeminiImages
) -> None:
    server = openai if model.startswith("gpt") else gemini
    server.behave(fault="silent")
    options: dict[str, Any] = {"partial_images": 1, "size": "64x64"} if server is openai else {"n": 3}

    async def follow() -> None:
        await events_of(client, "A red boat", model, **options)

    task = asyncio.create_task(follow())
    await until(lambda: len(server.requests) == options.get("n", 1))
    await asyncio.sleep(0.05)  # let it read on
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for call in server.requests:
        await asyncio.wait_for(call.closed.wait(), 10)


FAULTS: list[tuple[str, type[AIProxyError], str]] = [
    ("html", ProtocolError, "web page"),
    ("no_image", ProtocolError, "without images"),
    ("empty", ProtocolError, "sent nothing instead of an image"),
    ("page", ProtocolError, "sent a web page instead of an image"),
    ("executable", ProtocolError, "sent a program instead of an image"),
    ("truncated_base64", ProtocolError, "cannot be read"),
    ("bomb", ProtocolError, "60,000 x 60,000 pixels"),
    ("disconnect", InterruptedStreamError, "broke off"),
    ("refusal", ContentBlockedError, "safety_violations"),
    ("key", AuthenticationError, "key"),
    ("rate", RateLimitError, "wait"),
    ("server", ProviderFailureError, "failed on its side"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS, ids=[one[0] for one in FAULTS])
async def test_what_is_no_image_is_one_sentence(
    fault: str, kind: type[AIProxyError], words: str, client: CompletionClient, openai: OpenAIImages
) -> None:
    openai.behave(fault=fault)
    with pytest.raises(kind, match=words) as caught:
        await client.generate_image("A red boat", "gpt-image-2", size="64x64")
    assert caught.value.provider == "openai"
    with pytest.raises(kind):
        await events_of(client, "A red boat", "gpt-image-2", size="64x64", partial_images=1)


GEMINI_FAULTS: list[tuple[str, type[AIProxyError], str]] = [
    ("html", ProtocolError, "web page"),
    ("no_image", AIProxyError, "made no image. It said: I would rather not."),
    ("NO_IMAGE", AIProxyError, "made no image"),
    ("IMAGE_SAFETY", ContentBlockedError, "IMAGE_SAFETY"),
    ("refusal", ContentBlockedError, "PROHIBITED_CONTENT"),
    ("empty", AIProxyError, "made no image"),
    ("executable", ProtocolError, "sent a program instead of an image"),
    ("truncated_base64", ProtocolError, "cannot be read"),
    ("disconnect", InterruptedStreamError, "broke off"),
    ("late_error", ProviderFailureError, "failed on its side"),
    ("key", AuthenticationError, "key"),
    ("rate", RateLimitError, "asks to wait"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), GEMINI_FAULTS, ids=[one[0] for one in GEMINI_FAULTS])
async def test_what_is_no_image_of_geminis_is_one_sentence(
    fault: str, kind: type[AIProxyError], words: str, client: CompletionClient, gemini: GeminiImages
) -> None:
    gemini.behave(fault=fault, words="I would rather not.")
    with pytest.raises(kind) as caught:
        await client.generate_image("A red boat", "gemini-3-pro-image")
    assert words in str(caught.value)
    assert caught.value.provider == "gemini"


async def test_an_error_in_the_middle_of_a_stream_is_one(
    client: CompletionClient, openai: OpenAIImages
) -> None:
    openai.behave(fault="late_error")
    with pytest.raises(ProviderFailureError):
        await events_of(client, "A red boat", "gpt-image-2", size="64x64", partial_images=1)
