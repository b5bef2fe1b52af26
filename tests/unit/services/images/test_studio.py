"""Images taken in, cropped and extended, over a real database; nobody is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.image_records import ImageParent
from tests.image_servers import picture
from tests.image_servers.behaviour import EXECUTABLE, bomb
from tests.unit.services.images.desk import Desk, desk_in, noise, png


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path, {}) as found:
        yield found


async def test_the_bytes_of_a_file_are_kept_as_they_are(desk: Desk) -> None:
    data = png(noise((40, 30)))
    image = await desk.images.studio.take_in(data, "/home/someone/Pictures/../Träume \u202egnp.exe.png")
    assert (image.origin, image.mime, image.width, image.height) == ("opened", "image/png", 40, 30)
    assert "/" not in image.name
    assert "\u202e" not in image.name
    assert image.name.startswith("Träume")
    assert await desk.images.library.data(image) == data
    assert (await desk.images.studio.picture_of(image)).image.tobytes() == noise((40, 30)).tobytes()


async def test_the_same_bytes_twice_are_one_image_until_it_is_deleted(desk: Desk) -> None:
    data = png(noise((40, 30)))
    first, twin = await asyncio.gather(*(desk.images.studio.take_in(data, "a.png") for _ in range(2)))
    assert twin == first
    again = await desk.images.studio.take_in(data, "b.png", "chat", "c1", "m1")
    assert again == first
    await desk.images.library.delete([first.id])
    other = await desk.images.studio.take_in(data, "b.png", "chat", "c1", "m1")
    assert other.id != first.id
    assert (other.origin, other.conversation_id, other.message_id) == ("chat", "c1", "m1")


@pytest.mark.parametrize(
    "data",
    [b"", EXECUTABLE, bomb(), b"<!DOCTYPE html><html></html>", png(noise((40, 30)))[:200]],
    ids=["empty", "program", "bomb", "page", "cut"],
)
async def test_what_is_no_image_is_not_kept(desk: Desk, data: bytes) -> None:
    with pytest.raises(AIProxyError) as told:
        await desk.images.studio.take_in(data, "holiday.png")
    assert told.value.advice
    assert await desk.images.library.search(GalleryQuery()) == ()


async def test_a_crop_and_an_extension_are_versions_of_their_image(desk: Desk) -> None:
    before = noise((40, 30))
    image = await desk.images.studio.take_in(png(before), "a.png")
    cropped = await desk.images.studio.crop_version(image, (10, 5, 30, 25))
    assert (cropped.origin, cropped.width, cropped.height) == ("cropped", 20, 20)
    assert (cropped.parents, cropped.family) == ((ImageParent(image.id),), image.id)
    kept = picture(await desk.images.library.data(cropped))
    assert kept.convert("RGB").tobytes() == before.crop((10, 5, 30, 25)).tobytes()

    extended, mask = await desk.images.studio.extend_version(cropped, (8, 0, 4, 2))
    assert (extended.origin, extended.width, extended.height) == ("extended", 32, 22)
    assert extended.family == image.id
    assert mask.size == (32, 22)
    inner = Image.new("L", (32, 22), 255)
    inner.paste(0, (8, 0, 28, 20))
    assert mask.image.tobytes() == inner.tobytes()
    assert len(await desk.images.library.family(image.id)) == 3
    with pytest.raises(AIProxyError, match="holds nothing"):
        await desk.images.studio.crop_version(image, (50, 50, 60, 60))


async def test_a_file_that_is_gone_is_said(desk: Desk) -> None:
    image = await desk.images.studio.take_in(png(noise((40, 30))), "a.png")
    cropped = await desk.images.studio.crop_version(image, (0, 0, 4, 4))
    desk.images.library.path(cropped).unlink()
    await desk.images.studio.picture_of(cropped)  # at hand
    async with desk_in(desk.database.path.parent / "other", {}) as other:
        with pytest.raises(StorageError, match="no longer there"):
            await other.images.studio.picture_of(cropped)
