"""The image services of the tests, asked by the vendors' own packages."""

from __future__ import annotations

import base64
from importlib import import_module
from io import BytesIO

import pytest
from PIL import Image

from tests.image_servers import GeminiImages, OpenAIImages, picture

# As values: what comes is read as a program of the person's would, without looking at types first.
openai, genai = import_module("openai"), import_module("google.genai")


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def half_open(size: tuple[int, int]) -> Image.Image:
    """A mask whose left half is transparent."""
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    return mask


async def test_openais_package_reads_what_the_openai_service_says() -> None:
    async with (
        OpenAIImages() as server,
        openai.AsyncOpenAI(api_key="k", base_url=f"{server.url}/v1", max_retries=0) as client,
    ):
        made = await client.images.generate(model="gpt-image-2", prompt="A red boat", size="1536x1024", n=2)
        before = Image.new("RGB", (64, 48), (10, 20, 30))
        changed = await client.images.edit(
            model="gpt-image-2.5-flare",
            prompt="Make it lime",
            image=("a.png", png(before), "image/png"),
            mask=("mask.png", png(half_open(before.size)), "image/png"),
        )
        events = [
            event.type
            async for event in await client.images.generate(
                model="gpt-image-2", prompt="A boat", partial_images=2, stream=True
            )
        ]
        wrong = {"image": png(before), "mask": png(half_open((65, 48)))}
        files = {name: (f"{name}.png", data, "image/png") for name, data in wrong.items()}
        with pytest.raises(openai.BadRequestError, match="mask has"):
            await client.images.edit(model="gpt-image-2", prompt="x", **files)
        names = [model.id async for model in client.models.list()]
    assert picture(base64.b64decode(made.data[0].b64_json)).size == (1536, 1024)
    assert picture(base64.b64decode(made.data[0].b64_json)).getpixel((700, 500)) == (255, 0, 0)
    assert made.usage.input_tokens_details.text_tokens == 3
    after = picture(base64.b64decode(changed.data[0].b64_json))
    assert after.getpixel((31, 0)) == (0, 255, 0)
    assert after.getpixel((32, 0)) == (13, 23, 33)
    assert events == [*["image_generation.partial_image"] * 2, "image_generation.completed"]
    assert "gpt-image-2.6-flare" in names


@pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")
async def test_googles_package_reads_what_the_gemini_service_says() -> None:
    async with GeminiImages(words="There.") as server:
        options = genai.types.HttpOptions(base_url=server.url, api_version="v1beta")
        client = genai.Client(api_key="k", http_options=options)
        config = genai.types.GenerateContentConfig(
            response_modalities=["TEXT", "IMAGE"],
            image_config=genai.types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
        )
        found = await client.aio.models.generate_content(
            model="gemini-3-pro-image", contents="A blue boat", config=config
        )
        server.behave(fault="IMAGE_SAFETY")
        refused = await client.aio.models.generate_content(
            model="gemini-3-pro-image", contents="A blue boat", config=config
        )
        await client.aio.aclose()
    text, blob = found.candidates[0].content.parts[:2]
    assert text.text == "There."
    assert picture(blob.inline_data.data).size == (2688, 1536)
    assert picture(blob.inline_data.data).getpixel((900, 900)) == (0, 0, 255)
    assert refused.candidates[0].finish_reason.name == "IMAGE_SAFETY"
    assert server.refusals == []
