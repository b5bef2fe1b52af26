"""The image studio as a person uses it: a picture dropped, painted over, changed, compared, kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops
from PySide6.QtWidgets import QLabel

from tests.image_servers import GeminiImages, OpenAIImages
from tests.ui.images_world import Images, gemini_at, images_tab, openai_at, photo
from tests.waiting import until


async def changed(images: Images, versions: int = 2) -> None:
    """Wait until what came of a change is on the canvas."""

    def there() -> bool:
        shown = images.vm.edit.version
        numbers = images.versions
        return len(numbers) == versions and shown is not None and shown.number == numbers[-1]

    await until(there, f"version {versions}")
    await images.settled()


async def assert_guaranteed(images: Images, original: Image.Image) -> None:
    """Outside the mask not one byte differs; in its middle stands what the service painted."""
    result = images.pixels(images.current()).convert("RGB")
    mask = await images.mask_of(images.current())
    assert result.size == original.size == mask.size
    protected = mask.point(lambda value: 255 if value == 0 else 0)
    differs = ImageChops.difference(result, original).convert("L").point(lambda value: 255 if value else 0)
    assert ImageChops.multiply(protected, differs).getbbox() is None
    box = mask.getbbox()
    assert box is not None
    assert protected.getextrema() == (0, 255), "something is protected, something is not"


@pytest.mark.parametrize("service", ["openai", "gemini"])
async def test_a_dropped_picture_changes_where_it_was_painted_and_nowhere_else(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str
) -> None:
    path = photo(tmp_path / "desk.png")
    server = OpenAIImages(shift=(3, -2)) if service == "openai" else GeminiImages(shift=(3, -2))
    model = "openai:gpt-image-2" if service == "openai" else "gemini:gemini-3.1-flash-image"
    async with server:
        environ = openai_at(server.url) if service == "openai" else gemini_at(server.url)
        async with images_tab(aiproxy_home, monkeypatch, environ, model) as images:
            await images.drop_picture(path)
            assert images.person.find("images.title", QLabel).text() == "desk.png"
            await images.stroke((200, 200), (260, 220), (320, 200))
            assert images.page.edit.canvas.has_mask
            await images.ask("make it red")
            await changed(images)
            original = Image.open(path).convert("RGB")
            await assert_guaranteed(images, original)
            red, *others = images.colour_at(260, 215)
            assert red > max(others) + 60, "painted where the mask was"
            # The mask stays for the next prompt, and the chain grows from what is on the canvas.
            assert images.page.edit.canvas.has_mask
            await images.ask("make it blue")
            await changed(images, 3)
            assert images.versions == ["1", "2", "3"]
            await assert_guaranteed(images, original)
