"""Runs over real services on loopback: what is asked for, what is kept, what it cost, how it ends."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

from aiproxy_desktop.core.errors import (
    AuthenticationError,
    ContentBlockedError,
    InvalidRequestError,
    UnsupportedError,
)
from aiproxy_desktop.core.images.models import IMAGE_MODELS
from aiproxy_desktop.core.images.values import ImageMade, ImagesFinished
from aiproxy_desktop.services.images.estimates import EarlierCosts
from aiproxy_desktop.services.images.folding import RunFold
from aiproxy_desktop.services.images.making import Call, ImageWork, prepare
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.services.images.tasks import ImageTask, Run, Slot
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_bookkeeping import ImageBookkeeping
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.image_records import ImageParent
from tests.image_servers import GeminiImages, OpenAIImages, picture
from tests.unit.services.images.desk import Desk, desk_in, gemini_at, noise, openai_at, png
from tests.waiting import until

GPT = "openai:gpt-image-2"
NANO = "gemini:gemini-3.1-flash-image"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIImages]:
    async with OpenAIImages() as found:
        yield found


@pytest.fixture
async def desk(server: OpenAIImages, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path, openai_at(server.url)) as found:
        yield found


def disc(size: tuple[int, int], box: tuple[int, int, int, int]) -> Mask:
    image = Image.new("L", size)
    ImageDraw.Draw(image).ellipse(box, fill=255)
    return Mask(image)


def changed(before: Image.Image, after: Image.Image, *, outside: Image.Image) -> tuple[int, ...] | None:
    """The box around what differs where `outside` is 0; None where nothing does."""
    difference = ImageChops.difference(before, after)
    difference.paste(0, mask=outside.point([0] + [255] * 255))
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).getbbox()


async def kept(desk: Desk) -> int:
    return len(await desk.images.library.search(GalleryQuery()))


async def test_images_are_kept_as_they_come_with_their_share_of_what_they_cost(
    server: OpenAIImages, desk: Desk
) -> None:
    task = ImageTask(GPT, "A red boat", {"size": "1536x1024", "quality": "low"}, count=3, group="g")
    run = desk.images.runs.start(task)
    assert (run.state, len(run.slots)) == ("running", 3)
    run = await desk.over(run)

    assert (run.state, run.error, run.task.group) == ("done", None, "g")
    assert [slot.index for slot in run.slots] == [0, 1, 2]
    assert {(image.width, image.height) for image in run.images} == {(1536, 1024)}
    assert any(slot.preview for value in desk.heard for slot in value.slots)
    assert [request.fields.get("n") for request in server.requests] == [None] * 3
    assert run.cost is not None
    assert run.usage is not None
    stored = [await desk.images.library.get(image.id) for image in run.images]
    assert tuple(stored) == run.images
    assert sum(image.cost or 0 for image in stored) == pytest.approx(run.cost)
    first = stored[0]
    assert (first.origin, first.prompt, first.model, first.run) == ("generated", "A red boat", GPT, run.id)
    assert first.parameters == {"size": "1536x1024", "quality": "low"}
    assert first.parents == ()
    data = await desk.images.library.data(first)
    assert picture(data).getpixel((700, 500)) == (255, 0, 0)
    assert await kept(desk) == 3


async def test_several_versions_come_of_one_request_for_images_that_go_along_cost(
    server: OpenAIImages, desk: Desk
) -> None:
    base = await desk.images.studio.take_in(png(noise((64, 64))), "photo.png")
    run = await desk.over(desk.images.runs.start(ImageTask(GPT, "Make it lime", count=3, base=base)))
    assert (run.error, len(run.images)) == (None, 3)
    assert [request.fields.get("n") for request in server.requests] == [3]
    assert run.cost is not None
    assert run.images[0].cost == pytest.approx(run.cost / 3)
    assert desk.images.models.default is not None
    assert desk.images.models.default.reference == GPT


async def test_images_to_go_by_are_sent_without_where_they_were_taken(
    server: OpenAIImages, desk: Desk
) -> None:
    photo = BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Secret Camera"
    noise((64, 48)).save(photo, "JPEG", exif=exif)
    drawing = BytesIO()
    noise((32, 32)).save(drawing, "BMP")
    beside = [await desk.images.studio.take_in(one.getvalue(), "x") for one in (photo, drawing)]
    run = await desk.over(desk.images.runs.start(ImageTask(GPT, "A lime boat", references=tuple(beside))))
    assert run.error is None
    assert [parent.role for parent in run.images[0].parents] == ["reference", "reference"]
    assert run.images[0].origin == "generated"
    (request,) = server.requests
    assert [image.format for image in request.pictures()] == ["JPEG", "PNG"]
    assert not any(b"Secret" in data for data in request.images)
    assert not server.refusals


async def test_a_model_that_makes_one_at_a_time_gets_several_requests(
    server: OpenAIImages, desk: Desk
) -> None:
    run = await desk.over(desk.images.runs.start(ImageTask("openai:dall-e-3", "A lime boat", count=3)))
    assert (run.state, len(run.images)) == ("done", 3)
    assert [request.fields.get("n") for request in server.requests] == [None] * 3


async def test_what_came_stays_where_other_requests_fail(server: OpenAIImages, desk: Desk) -> None:
    server.behave(fault="refusal", times=1)
    run = await desk.over(desk.images.runs.start(ImageTask("openai:dall-e-3", "A lime boat", count=3)))
    assert run.state == "failed"
    assert len(run.images) == 2
    assert len(run.slots) == 3
    assert run.error is not None
    assert await kept(desk) == 2


@pytest.mark.parametrize(
    "fault",
    [
        *("html", "no_image", "refusal", "truncated_base64", "empty", "executable", "page", "bomb", "cut"),
        *("disconnect", "key", "late_error"),
    ],
)
@pytest.mark.parametrize("masked", [False, True], ids=["generated", "masked"])
async def test_nothing_is_kept_that_is_no_image(
    server: OpenAIImages, desk: Desk, fault: str, masked: bool
) -> None:
    base = mask = None
    if masked:
        base = await desk.images.studio.take_in(png(noise((96, 64))), "photo.png")
        mask = disc((96, 64), (20, 20, 60, 50))
    before = await kept(desk)
    server.behave(fault=fault)
    run = await desk.over(desk.images.runs.start(ImageTask(GPT, "A boat", base=base, mask=mask)))
    assert run.state == "failed"
    assert run.images == ()
    assert run.error is not None
    sentence = str(run.error)
    assert run.error.title
    assert run.error.advice
    assert "\n" not in sentence
    assert await kept(desk) == before


@pytest.mark.parametrize(
    ("feather", "behaviour"),
    [
        (0.0, {}),
        (6.0, {}),
        (0.0, {"result_size": (640, 400)}),
        (3.5, {"shift": (5, 3)}),
        (0.0, {"disturb": 60, "result_size": (1024, 1024)}),
    ],
    ids=["hard", "feathered", "another size", "shifted", "another shape"],
)
async def test_every_pixel_outside_the_mask_stays_as_it_was(
    server: OpenAIImages, desk: Desk, feather: float, behaviour: dict[str, Any]
) -> None:
    server.behave(**behaviour)
    size, box = (480, 320), (100, 80, 260, 220)
    before = noise(size)
    base = await desk.images.studio.take_in(png(before), "photo.png")
    painted = disc(size, box)
    task = ImageTask(GPT, "Make it lime", base=base, mask=painted, feather=feather)
    run = await desk.over(desk.images.runs.start(task))

    assert (run.error, run.state) == (None, "done")
    (image,) = run.images
    assert (image.origin, image.mime, image.width, image.height) == ("edited", "image/png", *size)
    assert image.parents == (ImageParent(base.id, "base"),)
    assert image.family == base.id
    assert image.parameters == {"feather": feather, "protect": True}
    after = picture(await desk.images.library.data(image)).convert("RGB")
    assert after.getpixel((180, 150)) == (0, 255, 0)
    reach = int(feather)
    may_change = painted.image.filter(ImageFilter.MaxFilter(2 * reach + 1)).point([0] + [255] * 255)
    assert changed(before, after, outside=may_change) is None
    mask = await desk.images.studio.mask_of(image)
    assert mask is not None
    assert mask.image.tobytes() == painted.image.tobytes()
    assert server.requests[0].mask is not None


async def test_a_model_without_masks_is_told_where_and_changes_nothing_else(tmp_path: Path) -> None:
    size, box = (400, 400), (120, 120, 280, 280)
    before = noise(size)
    async with GeminiImages() as server, desk_in(tmp_path, gemini_at(server.url)) as desk:
        base = await desk.images.studio.take_in(png(before), "photo.png")
        beside = await desk.images.studio.take_in(png(noise((64, 64), 2)), "beside.png")
        task = ImageTask(NANO, "Make it lime", base=base, mask=disc(size, box), references=(beside,))
        run = await desk.over(desk.images.runs.start(task))
        assert (run.error, run.state) == (None, "done")
        (image,) = run.images
        after = picture(await desk.images.library.data(image)).convert("RGB")
        assert after.size == size
        assert changed(before, after, outside=disc(size, box).image) is None
        assert changed(before, after, outside=Image.new("L", size)) is not None
        assert image.parents == (ImageParent(base.id, "base"), ImageParent(beside.id, "reference"))
        assert not server.refusals
        several = await desk.over(desk.images.runs.start(ImageTask(NANO, "A red boat", count=2)))
        assert (several.error, len(several.images)) == (None, 2)
        assert several.words == "Here it is.\n\nHere it is."
        server.behave(fault="IMAGE_SAFETY", times=1)
        partly = await desk.over(desk.images.runs.start(ImageTask(NANO, "A red boat", count=3)))
        assert (type(partly.error), len(partly.images)) == (ContentBlockedError, 2)


async def test_a_model_nobody_knows_is_asked_as_it_is(server: OpenAIImages, tmp_path: Path) -> None:
    size, box = (200, 120), (50, 30, 120, 90)
    before, painted = noise(size), disc(size, box)
    async with desk_in(tmp_path, {}) as desk:
        lab = await desk.runtime.providers.add_endpoint("Lab", f"{server.url}/v1")
        model, odd = f"{lab.id}:flux-1-schnell", {"steps": 4, "n": 9, "feather": 2.0}
        run = await desk.over(desk.images.runs.start(ImageTask(model, "A red boat", odd, count=2)))
        assert (run.error, len(run.images)) == (None, 2)
        assert [dict(request.fields) for request in server.requests] == [{"steps": 4}] * 2
        base = await desk.images.studio.take_in(png(before), "photo.png")
        run = await desk.over(desk.images.runs.start(ImageTask(model, "lime", base=base, mask=painted)))
        assert run.error is None
        after = picture(await desk.images.library.data(run.images[0])).convert("RGB")
        assert changed(before, after, outside=painted.image) is None
        assert after.getpixel((85, 60)) == (0, 255, 0)


async def test_an_image_that_cannot_be_kept_can_be_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("aiproxy_desktop.storage.blobs.write_whole", full)
    run = await desk.over(desk.images.runs.start(ImageTask(GPT, "A red boat")))
    assert run.state == "failed"
    assert isinstance(run.error, StorageError)
    (slot,) = run.slots
    assert slot.image is None
    assert slot.preview is not None
    assert picture(slot.preview).getpixel((500, 500)) == (255, 0, 0)


async def test_cancelling_closes_the_connection_and_keeps_what_is_finished(
    server: OpenAIImages, desk: Desk
) -> None:
    server.behave(fault="silent", times=1)
    run = desk.images.runs.start(ImageTask("openai:dall-e-3", "A lime boat", count=2))
    await until(lambda: len(desk.now(run).images) == 1, "one image is there")
    desk.images.runs.cancel(run.id)
    desk.images.runs.cancel(run.id)
    run = await desk.over(run)
    assert (run.state, run.error, len(run.images), len(run.slots)) == ("cancelled", None, 1, 2)
    await server.requests[0].closed.wait()
    assert await kept(desk) == 1
    desk.images.runs.forget(run.id)
    assert desk.images.runs.all == ()


async def test_a_run_can_be_cancelled_before_it_has_done_anything(server: OpenAIImages, desk: Desk) -> None:
    run = desk.images.runs.start(ImageTask(GPT, "A boat"))
    desk.images.runs.cancel(run.id)
    assert (await desk.over(run)).state == "cancelled"
    desk.images.runs.forget(run.id)
    assert desk.images.runs.all == ()
    assert server.requests == []


async def test_a_change_asked_for_as_jpeg_is_kept_without_loss_and_said_so(
    server: OpenAIImages, desk: Desk
) -> None:
    base = await desk.images.studio.take_in(png(noise((320, 200))), "photo.png")
    mask = disc((320, 200), (40, 40, 90, 90))
    task = ImageTask(GPT, "A red boat", {"output_format": "jpeg"}, base=base, mask=mask)
    run = await desk.over(desk.images.runs.start(task))
    assert server.requests[0].fields["output_format"] == "jpeg"
    assert (run.images[0].mime, run.task.mask) == ("image/png", None)
    assert any("kept as PNG, not as jpeg" in note for note in run.notes)


async def test_what_broke_off_after_an_image_costs_nobody_knows_what(desk: Desk) -> None:
    fold = RunFold(
        Run("r", ImageTask(GPT, "A boat", count=2), "running", (Slot(0), Slot(1)), datetime.now(UTC)),
        desk.heard.append,
        *(desk.images.library, ImageBookkeeping(desk.database), EarlierCosts()),
        lambda work, name: asyncio.get_running_loop().create_task(work, name=name),
    )
    first, second = Call(0, 1), Call(1, 1)
    fold.ready = await prepare(ImageWork(GPT, "gpt-image-2", "A boat", None))
    fold.came(first, 0, ImageMade(0, png(noise((8, 8))), "image/png"))
    fold.failed(first, ContentBlockedError("It broke off"))
    fold.ended(second, ImagesFinished(cost=0.5))
    await fold.settled()
    fold.end(cancelled=False)
    assert (fold.run.cost, fold.run.state) == (None, "failed")


async def test_the_end_of_the_application_cancels_and_keeps_what_came(
    server: OpenAIImages, tmp_path: Path
) -> None:
    server.behave(fault="silent", times=1)
    async with desk_in(tmp_path, openai_at(server.url)) as desk:
        run = desk.images.runs.start(ImageTask("openai:dall-e-3", "A lime boat", count=2))
        await until(lambda: len(server.requests) == 2 and len(desk.now(run).images) == 1)
        await desk.images.runs.drain()
        assert desk.now(run).state == "cancelled"
        assert await kept(desk) == 1
        with pytest.raises(RuntimeError):
            desk.images.runs.start(ImageTask(GPT, "Another"))


async def test_one_provider_gets_so_many_requests_at_once(server: OpenAIImages, desk: Desk) -> None:
    server.behave(fault="silent")
    run = desk.images.runs.start(ImageTask("openai:dall-e-3", "A boat", count=6))
    await until(lambda: len(server.requests) == 4)
    desk.images.runs.cancel(run.id)
    await desk.over(run)
    assert len(server.requests) == 4


async def test_a_key_that_is_refused_is_not_tried_for_each_image(server: OpenAIImages, desk: Desk) -> None:
    server.behave(fault="key")
    run = await desk.over(desk.images.runs.start(ImageTask("openai:dall-e-3", "A boat", count=10)))
    assert (run.state, type(run.error)) == ("failed", AuthenticationError)
    assert len(server.requests) <= 4


async def test_what_cannot_be_is_said_before_anything_is_sent(server: OpenAIImages, desk: Desk) -> None:
    base = await desk.images.studio.take_in(png(noise((64, 64))), "photo.png")
    nothing = Mask(Image.new("L", (64, 64)))
    other = Mask(Image.new("L", (32, 32), 255))
    wrong = {
        "no prompt": ImageTask(GPT, "  \n"),
        "mask is empty": ImageTask(GPT, "A boat", base=base, mask=nothing),
        "the image 64": ImageTask(GPT, "A boat", base=base, mask=other),
        "mask and no image": ImageTask(GPT, "A boat", mask=other),
        "1024x1024": ImageTask("openai:dall-e-3", "A boat", {"size": "1000x1000"}),
        "dall-e-3": ImageTask("openai:dall-e-3", "A boat", base=base),
        "dall-e-2": ImageTask("openai:dall-e-2", "A boat", base=base, references=(base,)),
        "No model": ImageTask("", "A boat"),
        "no image model": ImageTask("nobody:x", "A boat"),
        "Ask for 1 to 10": ImageTask(GPT, "A boat", count=11),
    }
    for words, task in wrong.items():
        with pytest.raises((InvalidRequestError, UnsupportedError), match=words):
            await desk.images.runs.check(task)
        run = await desk.over(desk.images.runs.start(task))
        assert run.state == "failed"
        assert words in str(run.error)
    await desk.images.library.delete([base.id])
    gone = await desk.over(desk.images.runs.start(ImageTask(GPT, "A boat", base=base)))
    assert "no longer there" in str(gone.error)
    assert server.requests == []
    assert server.refusals == []


async def test_an_estimate_is_what_earlier_ones_cost(
    server: OpenAIImages, desk: Desk, tmp_path: Path
) -> None:
    task = ImageTask(GPT, "A red boat", {"size": "1024x1024", "quality": "low"}, count=2)
    assert desk.images.runs.estimate(task).certainty == "unknown"
    run = await desk.over(desk.images.runs.start(task))
    assert run.cost is not None
    found = desk.images.runs.estimate(task)
    assert (found.certainty, found.basis) == ("about", "earlier")
    assert found.usd == pytest.approx(run.cost)
    listed = desk.images.runs.estimate(ImageTask("openai:gpt-image-1", "A boat", task.options))
    assert (listed.certainty, listed.basis) == ("about", "table")

    await desk.images.runs.start_up()
    assert desk.images.runs.estimate(task).usd == pytest.approx(run.cost)


async def test_an_error_nobody_planned_for_ends_the_run_and_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("aiproxy_desktop.services.images.folding.finish", broken)
    run = await desk.over(desk.images.runs.start(ImageTask(GPT, "A boat")))
    assert run.state == "failed"
    assert "log has the details" in str(run.error)
    await until(lambda: desk.unexpected)
    assert isinstance(desk.unexpected.pop(), ZeroDivisionError)


async def test_an_estimate_of_nothing_in_particular_is_unknown(desk: Desk) -> None:
    for model in ("", "nobody:x", "openai:", "openai:flux"):
        assert desk.images.runs.estimate(ImageTask(model, "")).usd is None


@pytest.mark.parametrize("maker", ["openai", "gemini"])
async def test_every_model_of_the_table_changes_what_is_masked_alone(maker: str, tmp_path: Path) -> None:
    size, box = (400, 304), (100, 80, 220, 200)
    before, painted = noise(size), disc(size, box)
    async with AsyncExitStack() as stack:
        server: OpenAIImages | GeminiImages
        if maker == "openai":
            server = await stack.enter_async_context(OpenAIImages())
            environ = openai_at(server.url)
        else:
            server = await stack.enter_async_context(GeminiImages())
            environ = gemini_at(server.url)
        desk = await stack.enter_async_context(desk_in(tmp_path, environ))
        base = await desk.images.studio.take_in(png(before), "photo.png")
        for facts in (one for one in IMAGE_MODELS if one.maker == maker):
            model = f"{maker}:{facts.id}"
            task = ImageTask(model, "Make it lime", base=base, mask=painted)
            edited = await desk.over(desk.images.runs.start(task))
            if not facts.edits:
                assert isinstance(edited.error, UnsupportedError)
                continue
            assert (facts.id, edited.error) == (facts.id, None)
            after = picture(await desk.images.library.data(edited.images[0])).convert("RGB")
            assert changed(before, after, outside=painted.image) is None
            assert changed(before, after, outside=Image.new("L", size)) is not None
        assert not server.refusals
