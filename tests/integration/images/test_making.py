"""Images through the client, against services that read strictly and return real pictures."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from aiproxy_desktop.core import (
    CompletionClient,
    InvalidRequestError,
    UnsupportedError,
)
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts
from aiproxy_desktop.core.images.values import (
    ImageMade,
    ImagePreview,
    ImagesFinished,
    ImagesStarted,
    ImageWords,
)
from aiproxy_desktop.core.provider import ImageMaker
from tests.image_servers import GeminiImages, OpenAIImages, picture
from tests.image_servers.painting import encoded
from tests.integration.images.parts import events_of, mask_with_hole, noise, wishes

KEYS = StaticCredentials({"openai": "sk-openai-0123", "gemini": "g-0123456789", "azure": "az-0123456789"})
ROWS = {facts.id: facts for facts in IMAGE_MODELS}


@pytest.mark.parametrize("facts", IMAGE_MODELS, ids=lambda facts: facts.id)
async def test_the_service_takes_every_word_of_every_row(
    facts: ImageModelFacts, client: CompletionClient, openai: OpenAIImages, gemini: GeminiImages
) -> None:
    small = {"size": "256x256"} if "256x256" in facts.sizes else {}
    for options in wishes(facts):
        found = await client.generate_image("A red boat", facts.id, **{**small, **options})
        images = found["images"] if isinstance(found["images"], list) else [found["images"]]
        assert len(images) == options.get("n", 1)
        assert found["notes"] == []
        kind = options.get("output_format", "png")
        assert images[0]["mime_type"] == f"image/{kind}"
        if "x" in options.get("size", ""):
            assert picture(images[0]["data"]).size == tuple(map(int, options["size"].split("x")))
    assert openai.refusals == gemini.refusals == []


@pytest.mark.parametrize("facts", [one for one in IMAGE_MODELS if one.edits], ids=lambda facts: facts.id)
async def test_every_row_that_edits_does_and_takes_as_many_images_as_it_says(
    facts: ImageModelFacts, client: CompletionClient, openai: OpenAIImages, gemini: GeminiImages
) -> None:
    image = encoded(noise((64, 48)))
    fidelity = {"input_fidelity": "high"} if facts.fidelities else {}
    mask = mask_with_hole((64, 48), (0, 0, 8, 8)) if facts.masks else None
    await client.edit_image(image, "Make it lime", mask, facts.id, **fidelity)
    await client.edit_image([image] * facts.most_inputs, "Make it lime", model=facts.id)
    with pytest.raises(InvalidRequestError, match="at once"):
        await client.edit_image([image] * (facts.most_inputs + 1), "Make it lime", model=facts.id)
    server = openai if facts.maker == "openai" else gemini
    assert [len(call.images) for call in server.requests] == [1, facts.most_inputs]
    assert all(call.edit for call in server.requests)
    assert server.refusals == []


@pytest.mark.parametrize(
    ("model", "options", "named"),
    [
        ("gpt-image-2", {"size": "1000x1000"}, "1536x1024, 1024x1536, or any size in steps of 16"),
        ("gpt-image-1.5", {"size": "1920x1088"}, "It takes auto, 1024x1024, 1536x1024, 1024x1536."),
        ("gpt-image-2", {"quality": "max"}, "It takes auto, low, medium, high."),
        ("gpt-image-2.6-flare", {"quality": "hd"}, "xhigh, max"),
        ("gpt-image-2", {"background": "green"}, "opaque, transparent"),
        ("gpt-image-2", {"background": "transparent", "output_format": "jpeg"}, "png or webp"),
        ("gpt-image-2", {"output_compression": 50}, "jpeg or webp"),
        ("gpt-image-2", {"output_compression": 101, "output_format": "webp"}, "0 to 100"),
        ("gpt-image-2", {"output_format": "gif"}, "png, jpeg, webp"),
        ("gpt-image-2", {"moderation": "off"}, "auto, low"),
        ("gpt-image-2", {"partial_images": 4}, "0 to 3"),
        ("dall-e-2", {"partial_images": 1}, "n, size, user"),
        ("gpt-image-2", {"n": 11}, "1 to 10"),
        ("gpt-image-2", {"n": 2.0}, "1 to 10"),
        ("dall-e-3", {"n": 2}, "Ask for 1."),
        ("dall-e-3", {"style": "oil"}, "vivid, natural"),
        ("gpt-image-2", {"style": "vivid"}, "quality, safety_identifier, size"),
        ("gpt-image-1.5", {"input_fidelity": "high"}, "without an image"),
        ("gpt-image-2", {"user": 5}, "text"),
        ("gemini-3-pro-image", {"aspect_ratio": "5:1"}, "16:9, 21:9"),
        ("gemini-3-pro-image", {"image_size": "8K"}, "1K, 2K, 4K"),
        ("gemini-3-pro-image", {"size": "1024x1024"}, "aspect_ratio, image_size"),
        ("gemini-2.5-flash-image", {"image_size": "2K"}, "aspect_ratio"),
        ("gemini-3-pro-image", {"n": 5}, "1 to 4"),
        ("gpt-image-2", {"images": [encoded(noise((8, 8)))], "moderation": "low"}, "background, n"),
        ("gemini-3-pro-image", {"images": [encoded(noise((8, 8)))], "mask": b"x"}, "gpt-image-2"),
    ],
)
async def test_what_would_be_refused_names_what_is_taken_and_is_not_sent(
    model: str,
    options: dict[str, Any],
    named: str,
    client: CompletionClient,
    openai: OpenAIImages,
    gemini: GeminiImages,
) -> None:
    with pytest.raises((InvalidRequestError, UnsupportedError)) as caught:
        await events_of(client, "A red boat", model, **options)
    assert named in str(caught.value)
    assert openai.exchanges == gemini.exchanges == []


async def test_a_mask_is_open_where_it_is_transparent_and_keeps_its_place(
    client: CompletionClient, openai: OpenAIImages
) -> None:
    before = noise((64, 48))
    mask = mask_with_hole(before.size, (10, 20, 30, 40))
    found = await client.edit_image(encoded(before), "Make it lime", mask, "gpt-image-2.5-flare")
    after = picture(found["images"]["data"])
    lime = {(x, y) for x in range(64) for y in range(48) if after.getpixel((x, y)) == (0, 255, 0)}
    assert lime == {(x, y) for x in range(10, 30) for y in range(20, 40)}
    assert openai.refusals == []


@pytest.mark.parametrize(
    ("mask", "named"),
    [
        (mask_with_hole((65, 48), (0, 0, 8, 8)), "65 x 48"),
        (encoded(Image.new("RGB", (64, 48))), "transparency"),
        (encoded(Image.new("RGB", (64, 48)), "jpeg"), "not a PNG"),
        ("no base64!", "base64"),
    ],
)
async def test_a_mask_that_does_not_fit_is_not_sent(
    mask: bytes | str, named: str, client: CompletionClient, openai: OpenAIImages
) -> None:
    with pytest.raises(InvalidRequestError, match=named):
        await client.edit_image(encoded(noise((64, 48))), "Make it lime", mask)
    assert openai.exchanges == []


@pytest.mark.parametrize("images", [[], [encoded(noise((32, 32)))]], ids=["generated", "edited"])
async def test_unfinished_images_come_before_the_finished_one(
    images: list[bytes], client: CompletionClient, openai: OpenAIImages
) -> None:
    options: dict[str, Any] = {"partial_images": 3, "size": "256x256", "output_format": "webp"}
    events = await events_of(client, "A red boat", "gpt-image-2", images=images, **options)
    started, *previews, made, end = events
    assert started == ImagesStarted("openai", "gpt-image-2")
    assert [(one.index, one.step, one.mime) for one in previews if isinstance(one, ImagePreview)] == [
        (0, step, "image/webp") for step in range(3)
    ]
    assert isinstance(made, ImageMade)
    assert picture(made.data).size == (256, 256)
    assert isinstance(end, ImagesFinished)
    assert end.usage is not None
    assert end.cost is not None
    assert openai.requests[0].streamed
    with pytest.raises(InvalidRequestError, match="stream_images"):
        await client.generate_image("A red boat", "gpt-image-2", partial_images=2)


async def test_several_images_each_have_their_own_unfinished_ones(
    client: CompletionClient, openai: OpenAIImages
) -> None:
    events = await events_of(client, "A red boat", "gpt-image-2", n=3, partial_images=2, size="64x64")
    previews = [(one.index, one.step) for one in events if isinstance(one, ImagePreview)]
    assert sorted(previews) == [(index, step) for index in range(3) for step in range(2)]
    assert sorted(one.index for one in events if isinstance(one, ImageMade)) == [0, 1, 2]
    end = events[-1]
    assert isinstance(end, ImagesFinished)
    assert end.usage is not None
    assert end.usage.output_tokens == 3 * (64 * 64 // 1000)
    assert end.cost == pytest.approx(3 * (3 * 5 + 4 * 30) / 1e6)
    assert "by itself" in end.notes["partial_images"]
    assert [call.fields.get("n") for call in openai.requests] == [None] * 3


async def test_an_image_of_another_size_is_told(client: CompletionClient, openai: OpenAIImages) -> None:
    openai.behave(result_size=(48, 32))
    found = await client.generate_image("A red boat", "gpt-image-2", size="64x64")
    assert [note["parameter"] for note in found["notes"]] == ["size"]
    assert "48x32" in found["notes"][0]["sentence"]


async def test_an_image_behind_an_address_of_the_server_is_fetched_without_the_key(
    client: CompletionClient, openai: OpenAIImages
) -> None:
    openai.behave(as_url=True)
    found = await client.generate_image("A red boat", "gpt-image-2", size="64x64")
    assert picture(found["images"]["data"]).getpixel((30, 30)) == (255, 0, 0)
    assert "authorization" not in openai.exchanges[-1].headers


async def test_the_lists_tell_which_models_make_images(
    client: CompletionClient, openai: OpenAIImages, gemini: GeminiImages
) -> None:
    for name, model in (("openai", "gpt-image-2.6-flare"), ("gemini", "gemini-nano-banana-2.1")):
        provider: Any = client.registry.get(name)
        assert isinstance(provider, ImageMaker)
        await client.models(name)
        drawing = {one.id: one for one in provider.image_models()}
        assert drawing[model].capabilities.images_out
    assert not any("image" in model.id for model in await client.models("openai"))
    with pytest.raises(UnsupportedError, match="makes no images"):
        await client.generate_image("A red boat", "gemini-3.8-flash")


async def test_several_of_geminis_are_asked_for_at_once_and_one_that_fails_is_told(
    client: CompletionClient, gemini: GeminiImages
) -> None:
    gemini.behave(words="There.", fault="IMAGE_SAFETY", times=1)
    events = await events_of(client, "A red boat", "gemini-3.1-flash-image", n=3, aspect_ratio="16:9")
    made = [event for event in events if isinstance(event, ImageMade)]
    assert len(made) == 2
    assert len({one.index for one in made}) == 2
    assert {picture(one.data).size for one in made} == {(1344, 768)}
    assert ImageWords("There.") in events
    end = events[-1]
    assert isinstance(end, ImagesFinished)
    assert "1 of 3" in end.notes["n"]
    whole = await client.generate_image("A red boat", "gemini-3.1-flash-image", n=2)
    # 2 x 1,290 tokens of images at 60 dollars a million, and 2 x 3 tokens of text at half a dollar.
    assert whole["cost"] == pytest.approx((2580 * 60 + 6 * 0.5) / 1e6)


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "g2.5-flash-image", "gemini-3-pro-image"])
async def test_a_completion_makes_images_of_several_in_the_shape_asked_for(
    model: str, client: CompletionClient, gemini: GeminiImages
) -> None:
    data = b64encode(encoded(noise((32, 32)))).decode()
    link: dict[str, Any] = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    content = [link, link, {"type": "text", "text": "Both in one, red"}]
    found = await client.create_completion(
        [{"role": "user", "content": content}], model, return_images=True, aspect_ratio="16:9"
    )
    assert picture(found["images"]["data"]).size == (1344, 768)
    assert len(gemini.requests[0].images) == 2
    assert gemini.requests[0].fields["imageConfig"] == {"aspectRatio": "16:9"}
    with pytest.raises(InvalidRequestError, match="16:9, 21:9"):
        await client.create_completion(
            [{"role": "user", "content": "Red"}], model, return_images=True, aspect_ratio="7:1"
        )
    assert len(gemini.requests) == 1


async def test_gemini_is_shown_where_to_paint(client: CompletionClient, gemini: GeminiImages) -> None:
    from aiproxy_desktop.services.images.instructing import instruction, marked_area
    from aiproxy_desktop.services.images.picture import Mask

    before = noise((1024, 1024))
    area = Image.new("L", before.size, 0)
    area.paste(255, (100, 200, 300, 400))
    mask = Mask(area)
    images = [encoded(before), encoded(marked_area(before, mask))]
    asked = instruction("Make it lime", mask, marked=True)
    found = await client.edit_image(images, asked, model="gemini-3.1-flash-image")
    after = picture(found["images"]["data"])
    assert after.getpixel((200, 300)) == (0, 255, 0)
    assert after.getpixel((98, 300)) != (0, 255, 0)
    assert after.getpixel((302, 300)) != (0, 255, 0)
