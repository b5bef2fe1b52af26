from __future__ import annotations

import asyncio

from PIL import Image

from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.services.images.pictures import PictureShelf


def square(side: int) -> Picture:
    return Picture(Image.new("RGB", (side, side)))


async def test_those_looked_at_last_are_held_within_a_bound() -> None:
    shelf = PictureShelf(most_bytes=3 * 10 * 10 * 4)
    made: list[str] = []

    async def look(name: str, side: int = 10) -> Picture:
        async def make() -> Picture:
            made.append(name)
            return square(side)

        return await shelf.get(name, make)

    for name in ("a", "b", "c", "a", "d", "a", "c", "b"):
        await look(name)
    assert made == ["a", "b", "c", "d", "b"]
    assert shelf.held_bytes == 3 * 400

    await look("large", 100)
    assert shelf.held_bytes == 40_000  # larger than the bound, and still at hand
    await look("large", 100)
    assert made.count("large") == 1


async def test_a_picture_that_several_wait_for_is_made_once() -> None:
    shelf, made, ready = PictureShelf(), 0, asyncio.Event()

    async def make() -> Picture:
        nonlocal made
        made += 1
        await ready.wait()
        return square(4)

    waiting = [asyncio.ensure_future(shelf.get("one", make)) for _ in range(5)]
    await asyncio.sleep(0)
    ready.set()
    pictures = await asyncio.gather(*waiting)
    assert made == 1
    assert all(picture is pictures[0] for picture in pictures)
