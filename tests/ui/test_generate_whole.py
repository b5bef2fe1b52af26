"""Pictures made in the whole window, with real keys and the real mouse."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.generate.card import CardView
from tests.image_servers import OpenAIImages
from tests.ui.dragging import dragged_onto, xdotool
from tests.ui.images_world import Images, images_tab, openai_at, photo
from tests.waiting import until


async def test_pictures_are_made_marked_and_taken_to_be_changed(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        OpenAIImages(delay=0.05) as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        await images.go("generate")
        await images.person.click("images.generate.n.more")
        await images.ask("a red boat", "generate")
        await until(lambda: len(_made(images)) == 2, "two pictures")
        assert server.requests[0].prompt == "a red boat"
        card = _made(images)[0]
        await images.person.click_at(card.picture, card.picture.rect().center())
        await until(lambda: images.person.sees("chat.imageViewer"), "it is shown larger")
        await images.person.press("Escape")
        await until(lambda: not images.person.sees("chat.imageViewer"), "the viewer closes")
        await until(card.picture.hasFocus, "the keys are on the picture again")
        await images.person.press("f")
        await until(lambda: _image(card).favourite, "it is marked")
        assert isinstance(card.bar, QWidget)
        await images.person.click(f"{card.objectName()}.edit")
        await until(
            lambda: images.vm.part == "edit" and images.vm.edit.current is not None, "it is on the canvas"
        )
        assert images.current().id == _image(card).id
        await images.settled()


async def test_a_file_that_is_dropped_on_the_strip_goes_along(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = photo(tmp_path / "mug.png", (64, 48))
    async with (
        OpenAIImages() as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        await images.go("generate")
        making = images.vm.making
        async with dragged_onto(images.page.making.references, path.as_uri()) as source:
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
        await until(lambda: len(making.pictures.references) == 1, "it is a reference")
        assert images.vm.part == "generate"
        await images.ask("a red boat", "generate")
        await until(lambda: bool(_made(images)), "a picture")
        (call,) = server.requests
        assert call.edit
        assert len(call.images) == 1


def _made(images: Images) -> list[CardView]:
    """What is finished."""
    blocks = images.page.generate.block_views
    cards = [card for block in blocks for column in block.columns for card in column.cards]
    return [card for card in cards if card.card is not None and card.card.image is not None]


def _image(card: CardView) -> StoredImage:
    assert card.card is not None
    assert card.card.image is not None
    return card.card.image
