"""Images over the local API, asked for with OpenAI's own client."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types import ImagesResponse
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from PIL import Image

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from aiproxy_desktop.core.telemetry import Telemetry
from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import TOKEN, Served, served
from tests.image_servers import GeminiImages, OpenAIImages, colour_of, picture
from tests.image_servers.painting import encoded
from tests.integration.images.parts import mask_with_hole, noise
from tests.waiting import until

GPT = "pictures:gpt-image-2"
KEYS = StaticCredentials({"pictures": "sk-pictures-0123", "gemini": "g-0123456789"})


@pytest.fixture
async def pictures() -> AsyncIterator[OpenAIImages]:
    async with OpenAIImages() as server:
        yield server


@asynccontextmanager
async def asking(pictures: OpenAIImages, **more: Any) -> AsyncIterator[tuple[Served, openai.AsyncOpenAI]]:
    """The local API over an image service, and OpenAI's client of it."""
    provider = lambda http: [  # noqa: E731 - a function for one line
        OpenAICompatibleProvider("pictures", "Pictures", f"{pictures.url}/v1", http, KEYS)
    ]
    async with (
        served(providers=more.pop("providers", provider), **more) as api,
        openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key=TOKEN, max_retries=0) as client,
    ):
        yield api, client


def shown(b64: str | None) -> Image.Image:
    assert b64
    return picture(base64.b64decode(b64))


async def test_images_are_made_as_openais_client_asks_for_them(pictures: OpenAIImages) -> None:
    async with asking(pictures, names=ModelNames(aliases={"gpt-image-2": GPT})) as (api, client):
        made = await client.images.generate(
            prompt="A red boat", n=2, size="1536x1024", output_format="webp", quality="low"
        )
        assert made.data
        assert len(made.data) == 2
        image = shown(made.data[0].b64_json)
        assert (image.format, image.size) == ("WEBP", (1536, 1024))
        assert (made.output_format, made.size, made.quality) == ("webp", "1536x1024", "low")
        assert made.usage
        assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
        assert pictures.requests[0].fields["quality"] == "low"

        listed = {model.id async for model in client.models.list()}
        assert {"gpt-image-2", GPT} <= listed
        assert (await client.models.retrieve(GPT)).owned_by == "pictures"

        as_url = await client.images.generate(prompt="A red boat", model=GPT, response_format="url")
        assert as_url.data
        assert (as_url.data[0].url or "").startswith("data:image/png;base64,")

        line = api.log.recent()[0]
        assert (line.model, line.status, line.path) == (GPT, 200, "/v1/images/generations")
        assert line.input_tokens == made.usage.input_tokens
        assert line.output_tokens == made.usage.output_tokens
        assert line.cost is None  # nobody knows what this service takes


async def test_images_are_edited_from_files_and_from_json(pictures: OpenAIImages) -> None:
    first, second = encoded(noise((64, 32))), encoded(noise((64, 32)), "jpeg")
    mask = mask_with_hole((64, 32), (8, 8, 24, 24))
    async with asking(pictures) as (api, client):
        made = await client.images.edit(
            model=GPT,
            prompt="A green door",
            image=[("one.png", first), ("two.jpg", second)],
            mask=BytesIO(mask),
            n=1,
            output_compression=40,
            output_format="jpeg",
        )
        assert made.data
        assert shown(made.data[0].b64_json).format == "JPEG"
        asked = pictures.requests[0]
        assert (asked.images, asked.mask, asked.prompt) == ((first, second), mask, "A green door")
        assert asked.fields["output_compression"] in {40, "40"}

        async with api.http() as http:
            url = f"data:image/png;base64,{base64.b64encode(first).decode()}"
            body = {"model": GPT, "prompt": "A green door", "images": [{"image_url": url}]}
            answer = await http.post("/v1/images/edits", json=body | {"mask": {"image_url": url[:40]}})
            assert answer.status_code == 400, answer.text
            answer = await http.post("/v1/images/edits", json=body)
            assert answer.status_code == 200, answer.text
            linked = body | {"images": [{"image_url": f"{pictures.url}{await _kept(pictures, client)}"}]}
            assert (await http.post("/v1/images/edits", json=linked)).status_code == 200
        assert pictures.requests[1].images == (first,)
        assert not pictures.refusals


async def _kept(pictures: OpenAIImages, client: openai.AsyncOpenAI) -> str:
    """The path of an image that the service gives an address of."""
    pictures.behave(as_url=True)
    await client.images.generate(prompt="A blue house", model="pictures:sd-of-ours")
    pictures.behave(as_url=False)
    return next(exchange.path for exchange in pictures.exchanges if exchange.method == "GET")


async def test_curl_sends_a_form(pictures: OpenAIImages, tmp_path: Path) -> None:
    door, header = tmp_path / 'a "door".png', tmp_path / "header"
    door.write_bytes(encoded(noise((64, 32))))
    async with asking(pictures) as (api, _):
        header.write_text(f"Authorization: Bearer {TOKEN}")
        fields = (f"model={GPT}", "prompt=Grün", "n=2", f'image[]=@"{_escaped(door)}"')
        forms = [part for field in fields for part in ("-F", field)]
        url = f"{api.url}/v1/images/edits"
        curl = await asyncio.create_subprocess_exec(
            "curl", "-sS", "--fail-with-body", "-H", f"@{header}", *forms, url, stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await curl.communicate()
        assert curl.returncode == 0, answer
    made = json.loads(answer)
    assert len(made["data"]) == 2
    assert (pictures.requests[0].prompt, pictures.requests[0].images) == ("Grün", (door.read_bytes(),))


def _escaped(path: Path) -> str:
    return str(path).replace('"', '\\"')


async def test_unfinished_images_come_in_a_stream(pictures: OpenAIImages) -> None:
    async with asking(pictures) as (api, client):
        stream = await client.images.generate(
            model=GPT, prompt="A red boat", stream=True, partial_images=2, size="1024x1024"
        )
        events = [event async for event in stream]
        assert [event.type for event in events] == [
            "image_generation.partial_image",
            "image_generation.partial_image",
            "image_generation.completed",
        ]
        assert [getattr(event, "partial_image_index", None) for event in events] == [0, 1, None]
        last = events[-1]
        assert last.type == "image_generation.completed"
        assert shown(last.b64_json).getpixel((500, 500)) == colour_of("A red boat")
        assert (last.size, last.output_format) == ("1024x1024", "png")
        assert last.usage.total_tokens > 0

        edits = await client.images.edit(
            model=GPT, prompt="Greener", image=encoded(noise((32, 32))), stream=True, partial_images=1
        )
        kinds = [event.type async for event in edits]
        assert kinds == ["image_edit.partial_image", "image_edit.completed"]
        assert [line.status for line in api.log.recent()] == [200, 200]
        assert api.log.recent()[0].first_token_seconds is not None


async def test_what_fails_raises_the_clients_own_errors(pictures: OpenAIImages) -> None:
    async with asking(pictures) as (api, client):
        with pytest.raises(openai.BadRequestError, match="no images of the size 17x17"):
            await client.images.generate(model=GPT, prompt="A red boat", size="17x17")
        with pytest.raises(openai.BadRequestError, match="prompt"):
            await client.images.generate(model=GPT, prompt=" ", stream=True)
        with pytest.raises(openai.NotFoundError, match="No provider serves"):
            await client.images.generate(model="nobody:x", prompt="A red boat")
        with pytest.raises(openai.BadRequestError, match="Image 1"):
            await client.images.edit(model=GPT, prompt="A red boat", image=b"no image at all")
        async with api.http() as http:
            wrongs: list[dict[str, Any]] = [
                {"response_format": {}},
                {"n": "two"},
                {"n": True},
                {"image": [5]},
            ]
            for wrong in wrongs:
                asked = {"model": GPT, "prompt": "A red boat", "image": "AAAA", **wrong}
                answer = await http.post("/v1/images/edits", json=asked)
                assert answer.status_code == 400, (wrong, answer.text)
                assert answer.json()["error"]["param"] == next(iter(wrong))
        api.names = ModelNames(offered=frozenset({"pictures:other"}))
        with pytest.raises(openai.NotFoundError, match="is not offered"):
            await client.images.generate(model=GPT, prompt="A red boat")
        api.names = ModelNames()
        assert not pictures.requests
        pictures.behave(fault="refusal")
        with pytest.raises(openai.BadRequestError) as refused:
            await client.images.generate(model=GPT, prompt="A red boat", stream=True)
        assert refused.value.code == "content_policy_violation"
        pictures.behave(fault="late_error")
        stream = await client.images.generate(model=GPT, prompt="A boat", stream=True, partial_images=1)
        with pytest.raises(openai.APIError):
            _ = [event async for event in stream]
        assert [line.status for line in api.log.recent()][:4] == [400, 400, 404, 400]
        assert all(line.error for line in api.log.recent())


async def test_forms_that_are_none_are_refused_in_one_sentence(pictures: OpenAIImages) -> None:
    async with asking(pictures) as (api, _), api.http() as http:
        kind = "multipart/form-data"
        part = b'--x\r\ncontent-disposition: form-data; name="n"\r\n\r\nmany\r\n'
        for content_type, body, sentence in (
            (kind, b"", "has no boundary"),
            (f"{kind}; boundary=x", b"nothing", "cannot be read"),
            (f"{kind}; boundary=x", part, "ends early"),
            (f"{kind}; boundary=x", part + b"--x--\r\n", "no whole number"),
            (f"{kind}; boundary=x", part * 200 + b"--x--\r\n", "more than 128 parts"),
        ):
            answer = await http.post("/v1/images/edits", content=body, headers={"content-type": content_type})
            assert answer.status_code == 400
            assert sentence in answer.json()["error"]["message"]


async def test_gemini_draws_for_openais_client() -> None:
    async with (
        GeminiImages(words="Here it is.") as gemini,
        asking(OpenAIImages(), providers=lambda http: [GeminiProvider(http, KEYS, gemini.url)]) as (
            api,
            client,
        ),
    ):
        made = await client.images.generate(
            model="gemini:gemini-3.1-flash-image", prompt="A red boat", quality="low"
        )
        assert made.data
        assert shown(made.data[0].b64_json).getpixel((300, 300)) == colour_of("A red boat")
        ImagesResponse.model_validate(made.to_dict())  # which the client does not do itself
        assert made.usage
        details = made.usage.input_tokens_details
        assert (details.text_tokens, details.image_tokens) == (made.usage.input_tokens, 0)
        notes, cost = ((made.model_extra or {})[name] for name in ("notes", "cost"))
        assert cost > 0
        assert api.log.recent()[0].cost == cost
        assert [note["parameter"] for note in notes] == ["quality"]
        assert (made.model_extra or {})["text"] == "Here it is."


async def test_telemetry_knows_who_asked_for_an_image(pictures: OpenAIImages) -> None:
    spans = InMemorySpanExporter()
    traces, meters = TracerProvider(), MeterProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    async with asking(pictures, telemetry=Telemetry.over(traces, meters)) as (api, client):
        await client.images.generate(
            model=GPT, prompt="A boat", extra_headers={"X-App": "painter", "X-Client-Id": "desk-7"}
        )
        assert (api.log.recent()[0].client.app, api.log.recent()[0].client.client_id) == ("painter", "desk-7")
    (span,) = spans.get_finished_spans()
    told = dict(span.attributes or {})
    assert (told["client.app"], told["client.id"], told["client.ip"]) == ("painter", "desk-7", "127.0.0.1")
    traces.shutdown()
    meters.shutdown()


async def test_who_leaves_ends_the_request_to_the_service(pictures: OpenAIImages) -> None:
    pictures.behave(fault="silent")
    async with asking(pictures) as (api, client):
        stream = await client.images.generate(model=GPT, prompt="A boat", stream=True, partial_images=1)
        assert (await anext(stream)).type == "image_generation.partial_image"
        await stream.close()
        await until(pictures.requests[0].closed.is_set)
        await until(lambda: api.log.recent()[0].status == 499)
