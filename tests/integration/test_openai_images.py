"""The seed's image provider against a server that speaks OpenAI's images."""

from __future__ import annotations

import asyncio
import base64
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from aiproxy_desktop.core import (
    AuthenticationError,
    ImageModel,
    ImageQuality,
    ImageSize,
    ImageStyle,
    InvalidRequestError,
    MissingKeyError,
    OpenAIImageProvider,
    ProtocolError,
    UnsupportedError,
)
from tests.dialects import OPENAI
from tests.seed.run import PNG
from tests.wire import ByteServer, Exchange, Reply

ENCODED = base64.b64encode(PNG).decode()
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


def answer(count: int = 1) -> Reply:
    rows = [{"b64_json": ENCODED, "revised_prompt": "as told"} for _ in range(count)]
    return Reply.json({"created": 7, "data": rows, "usage": USAGE})


def provider_at(server: ByteServer) -> OpenAIImageProvider:
    return OpenAIImageProvider(api_key="sk-images-0123456789", base_url=f"{server.url}/v1")


async def test_one_image_comes_alone_and_several_as_a_list() -> None:
    async with ByteServer(answer(), answer(2)) as server:
        one = await provider_at(server).generate_async(ImageModel.GPT_IMAGE_2, "A lighthouse")
        two = await provider_at(server).generate_async(
            "gpt-image-2", "A lighthouse", n=2, size=ImageSize.AUTO
        )
    assert one == {
        "model": "gpt-image-2",
        "created": 7,
        "images": {"data": PNG, "mime_type": "image/png", "revised_prompt": "as told"},
        "text": None,
        "usage": USAGE,
        "cost": None,  # a server that is nobody's we know
        "notes": [],
    }
    assert [image["data"] for image in two["images"]] == [PNG, PNG]
    assert server.exchanges[0].json == {"model": "gpt-image-2", "prompt": "A lighthouse"}
    assert server.exchanges[1].json["n"] == 2
    assert server.exchanges[1].headers["authorization"] == "Bearer sk-images-0123456789"


async def test_it_waits_where_nobody_runs_a_loop() -> None:
    async with ByteServer(answer()) as server:
        provider = provider_at(server)
        found = await asyncio.to_thread(provider.generate, model=ImageModel.DALLE_3, prompt="A lighthouse")
    assert found["images"]["data"] == PNG
    assert server.exchanges[0].json["response_format"] == "b64_json"


async def test_what_a_model_does_not_take_is_left_out_with_a_note() -> None:
    async with ByteServer(answer()) as server:
        found = await provider_at(server).generate_async(
            "gpt-image-2", "A lighthouse", style=ImageStyle.VIVID, quality=ImageQuality.HIGH
        )
    assert server.exchanges[0].json == {"model": "gpt-image-2", "prompt": "A lighthouse", "quality": "high"}
    assert [note["parameter"] for note in found["notes"]] == ["style"]


async def test_an_unknown_model_gets_what_was_given() -> None:
    async with ByteServer(answer()) as server:
        await provider_at(server).generate_async("flux-9", "A lighthouse", steps=4, style="oil")
    assert server.exchanges[0].json == {
        "model": "flux-9",
        "prompt": "A lighthouse",
        "steps": 4,
        "style": "oil",
    }


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("dall-e-3", {"n": 2}),
        ("dall-e-2", {"size": "1792x1024"}),
        ("gpt-image-2", {"size": "1000x1000"}),
        ("gpt-image-2", {"size": "3200x1024"}),
        ("gpt-image-2", {"size": "3840x3840"}),
        ("gpt-image-2", {"quality": "hd"}),
        ("gpt-image-2", {"n": True}),
        ("dall-e-2", {"prompt": "x" * 1001}),
        ("gpt-image-2", {"prompt": "  "}),
    ],
)
async def test_what_would_be_refused_is_not_sent(model: str, options: dict[str, Any]) -> None:
    async with ByteServer(answer()) as server:
        with pytest.raises(InvalidRequestError):
            await provider_at(server).generate_async(model, **{"prompt": "A lighthouse", **options})
    assert server.exchanges == []


async def test_a_size_of_its_own_is_taken_where_the_model_is_free() -> None:
    async with ByteServer(answer()) as server:
        await provider_at(server).generate_async("gpt-image-2-2026-04-21", "A lighthouse", size="1920x1088")
    assert server.exchanges[0].json["size"] == "1920x1088"


def form_of(exchange: Exchange) -> list[tuple[str, bytes]]:
    head = f"content-type: {exchange.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + exchange.body).get_payload()
    assert isinstance(parts, list)
    return [(_name(part), _payload(part)) for part in parts if isinstance(part, Message)]


def _name(part: Message) -> str:
    name = part.get_param("name", header="content-disposition")
    assert isinstance(name, str)
    return name


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


async def test_an_edit_is_a_form_with_its_files() -> None:
    async with ByteServer(answer()) as server:
        provider = provider_at(server)
        await provider.edit_async(PNG, "A sunset", mask=ENCODED, model=ImageModel.DALLE_2, n=2)
        await provider.edit_async([PNG, PNG], "Together", background="transparent")
    one, two = (form_of(exchange) for exchange in server.exchanges)
    assert dict(one) == {
        "model": b"dall-e-2",
        "prompt": b"A sunset",
        "n": b"2",
        "response_format": b"b64_json",
        "image": PNG,
        "mask": PNG,
    }
    assert [name for name, _ in two] == ["model", "prompt", "background", "image[]", "image[]"]


@pytest.mark.parametrize(
    ("image", "mask"),
    [(b"no picture", None), ("not base64!", None), ([], None), (PNG, b"\xff\xd8\xff"), ([PNG] * 17, None)],
)
async def test_what_is_no_picture_is_not_sent(image: Any, mask: Any) -> None:
    async with ByteServer(answer()) as server:
        with pytest.raises(InvalidRequestError):
            await provider_at(server).edit_async(image, "A sunset", mask=mask)
    assert server.exchanges == []


async def test_a_model_that_does_not_edit_names_those_that_do() -> None:
    with pytest.raises(UnsupportedError) as caught:
        await OpenAIImageProvider(api_key="k").edit_async(PNG, "A sunset", model=ImageModel.DALLE_3)
    assert "openai:gpt-image-2" in caught.value.alternatives


async def test_an_image_behind_an_address_is_fetched() -> None:
    def serve(exchange: Exchange) -> Reply:
        if exchange.path == "/kept/1.png":
            return Reply(200, "image/png", (PNG,))
        return Reply.json({"data": [{"url": f"{server.url}/kept/1.png"}]})

    async with ByteServer(serve) as server:
        found = await provider_at(server).generate_async("flux-9", "A lighthouse")
    assert found["images"]["data"] == PNG
    assert "authorization" not in server.exchanges[1].headers


@pytest.mark.parametrize("body", [{"data": []}, {}, [], {"data": [{"b64_json": "?"}]}, {"data": [5]}])
async def test_an_answer_without_images_is_no_answer(body: Any) -> None:
    async with ByteServer(Reply.json(body)) as server:
        with pytest.raises(ProtocolError):
            await provider_at(server).generate_async("gpt-image-2", "A lighthouse")


async def test_no_key_and_a_wrong_key() -> None:
    with pytest.raises(MissingKeyError, match="OpenAI"):
        await OpenAIImageProvider().generate_async("gpt-image-2", "A lighthouse")
    async with ByteServer(OPENAI.refusal(401, "key")) as server:
        with pytest.raises(AuthenticationError):
            await provider_at(server).generate_async("gpt-image-2", "A lighthouse")


async def test_openais_key_goes_to_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-0123456789")
    async with ByteServer(answer()) as server:
        await OpenAIImageProvider(base_url=f"{server.url}/v1").generate_async("flux", "A lighthouse")
        assert "authorization" not in server.exchanges[0].headers
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        await OpenAIImageProvider().generate_async("flux", "A lighthouse")
        assert server.exchanges[1].headers["authorization"] == "Bearer sk-openai-0123456789"
