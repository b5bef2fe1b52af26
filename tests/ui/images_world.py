"""The application on its images tab, with image services on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.page import ImagesPage
from aiproxy_desktop.ui.images.viewmodel import ImagesViewModel
from tests.application import Person, running
from tests.image_servers import picture
from tests.ui.dragging import dragged_onto, xdotool
from tests.waiting import until

KEY = "sk-test-1234567890"


def openai_at(url: str) -> dict[str, str]:
    """The variables that put OpenAI there."""
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1"}


def gemini_at(url: str) -> dict[str, str]:
    """The variables that put Gemini there."""
    return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": url}


def photo(path: Path, size: tuple[int, int] = (600, 400)) -> Path:
    """A picture of which no two parts look alike, without loss."""
    noise = [Image.effect_noise(size, spread).resize(size) for spread in (30.0, 60.0, 90.0)]
    Image.merge("RGB", noise).save(path)
    return path


@dataclass
class Images:
    """Someone in front of the images tab."""

    person: Person
    page: ImagesPage

    @property
    def vm(self) -> ImagesViewModel:
        return self.page.view_model

    @property
    def versions(self) -> list[str]:
        """The numbers in the strip."""
        return [version.number for version in self.vm.edit.versions]

    def current(self) -> StoredImage:
        """The image on the canvas."""
        image = self.vm.edit.current
        assert image is not None
        return image

    def pixels(self, image: StoredImage) -> Image.Image:
        """Of an image that is kept."""
        return picture(self.page.view_model.gallery.path(image.hash).read_bytes())

    def colour_at(self, x: int, y: int) -> tuple[int, ...]:
        """Of a pixel of the picture on the canvas, as it is kept."""
        return tuple(self.pixels(self.current()).convert("RGB").crop((x, y, x + 1, y + 1)).tobytes())

    async def go(self, part: str) -> None:
        """Show one of the three parts."""
        await self.person.click(f"images.part.{part}")
        await until(lambda: self.vm.part == part, part)

    async def drop(self, *urls: str) -> None:
        """Let another program's files fall onto the page."""
        async with dragged_onto(self.page, *urls) as source:
            await until(lambda: self.person.sees("images.dropHere"), "the page says that it takes it")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"

    async def drop_picture(self, path: Path) -> StoredImage:
        """Drop a file and wait until it is on the canvas."""
        before = self.vm.edit.current
        await self.drop(path.as_uri())
        await until(lambda: self.vm.edit.current is not before, "the picture is on the canvas")
        await self.settled()
        return self.current()

    async def settled(self) -> None:
        """Wait until nothing is being opened."""
        await until(lambda: not self.vm.edit.loading, "nothing is being opened")

    def on_canvas(self, x: float, y: float) -> QPoint:
        """Where a pixel of the picture is, on the canvas."""
        canvas = self.page.edit.canvas
        place = canvas.stage.view.to_room(QPointF(x, y)) / canvas.devicePixelRatioF()
        return QPoint(round(place.x()), round(place.y()))

    async def stroke(self, *places: tuple[float, float]) -> None:
        """Draw from pixel to pixel of the picture, the button down, with the real mouse."""
        canvas = self.page.edit.canvas
        points = [canvas.mapToGlobal(self.on_canvas(*place)) for place in places]
        await xdotool("mousemove", points[0].x(), points[0].y(), "mousedown", 1)
        for point in points[1:]:
            await xdotool("mousemove", point.x(), point.y())
            await asyncio.sleep(0.05)
        await xdotool("mouseup", 1)
        await asyncio.sleep(0.1)

    async def ask(self, prompt: str, room: str = "edit") -> None:
        """Write a prompt and send it by its key."""
        await self.person.click(f"images.{room}.prompt")
        await self.person.press("ctrl+a")
        await self.person.write(prompt)
        request = self.vm.changing if room == "edit" else self.vm.making
        await until(lambda: request.prompt.strip() == prompt, "the prompt")
        await self.person.press("ctrl+Return")

    async def mask_of(self, image: StoredImage) -> Image.Image:
        """The mask an image was made with: white where it was changed."""
        digest = image.mask_hash
        assert digest, "it was made without a mask"
        return await on_thread(lambda: picture(self.vm.gallery.path(digest).read_bytes()), "test")


async def open_images(person: Person) -> Images:
    """Go to the tab as a person does."""
    await person.click("shell.rail.images")
    await until(lambda: person.sees("images.part"), "the tab")
    page = person.window.page("images")
    assert isinstance(page, ImagesPage)
    return Images(person, page)


@asynccontextmanager
async def images_tab(
    home: Path, patch: pytest.MonkeyPatch, environ: Mapping[str, str], model: str = "openai:gpt-image-2"
) -> AsyncIterator[Images]:
    """The application on its images tab, with these variables set and `model` chosen once it is offered."""
    for name, value in environ.items():
        patch.setenv(name, value)
    async with running(home) as person:
        images = await open_images(person)
        await until(lambda: model in _ready(images.vm), f"{model} is offered")
        for request in (images.vm.making, images.vm.changing):
            request.choose(model)
        yield images


def _ready(view_model: ImagesViewModel) -> Sequence[str]:
    return [offer.reference for offer in view_model.making.offers if offer.ready]
