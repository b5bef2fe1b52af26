"""The image studio as a person uses it: a picture dropped, painted over, changed, compared, kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QLabel

from aiproxy_desktop.ui.chat.page import ChatPage
from aiproxy_desktop.ui.models.page import ModelsPage
from aiproxy_desktop.ui.widgets.brought import brought
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
            await images.person.press("e", "b")  # the keys of the tools, at once
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


async def test_versions_are_walked_and_branched_from(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        OpenAIImages() as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        first = await images.drop_picture(photo(tmp_path / "desk.png"))
        await images.stroke((200, 200), (320, 200))
        await images.ask("make it red")
        await changed(images)
        await images.person.click("images.version.1")
        await until(lambda: images.current().id == first.id, "the first version")
        await images.ask("make it blue")
        await changed(images, 3)
        assert images.versions == ["1", "2", "2b"]
        # Cropped by the frame's handle: another version, and no pixel of it is another.
        await images.person.click("images.tool.crop")
        await images.stroke((0, 0), (150, 100))
        await images.person.click("images.applyFrame")
        await changed(images, 4)
        cropped = images.current()
        assert cropped.origin == "cropped"
        assert 440 <= cropped.width <= 460
        whole = images.pixels(images.vm.edit.family[2])
        left, top = 600 - cropped.width, 400 - cropped.height
        assert images.pixels(cropped).tobytes() == whole.crop((left, top, 600, 400)).convert("RGB").tobytes()
        # Before and after, by key; and back along the chain.
        await images.person.press("ctrl+b")
        await until(lambda: images.page.edit.canvas.compare_mode == "slider", "the slider")
        await images.person.press("alt+Prior")
        await until(lambda: images.current().id != cropped.id, "the version before")
        # Its mask did not fit the smaller picture; it is there again.
        await until(lambda: images.page.edit.canvas.has_mask, "the mask of this size")


async def test_extending_asks_for_what_is_new_and_keeps_the_rest(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = photo(tmp_path / "desk.png", (320, 240))
    async with (
        OpenAIImages() as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        await images.drop_picture(path)
        await images.person.click("images.tool.extend")
        images.page.edit.canvas.set_extend_margins(0, 0, 80, 0)
        await images.person.click("images.applyFrame")
        await changed(images)
        assert (images.current().width, images.current().height) == (400, 240)
        await until(lambda: images.page.edit.canvas.has_mask, "what is new is masked")
        await images.ask("more of it, all red")
        await changed(images, 3)
        result = images.pixels(images.current()).convert("RGB")
        assert result.crop((0, 0, 320, 240)).tobytes() == Image.open(path).convert("RGB").tobytes()
        assert images.colour_at(390, 120) == (255, 0, 0)


async def test_what_is_no_picture_is_refused_in_a_sentence(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        OpenAIImages(fault="page") as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        fake = tmp_path / "holiday.png"
        fake.write_bytes(b"\x7fELF" + bytes(400))
        await images.drop(fake.as_uri())
        await until(lambda: images.person.reads("holiday.png"), "why it is not opened")
        assert images.vm.edit.current is None
        await images.drop("http://127.0.0.1:9/picture.png")
        await until(lambda: images.person.reads("127.0.0.1"), "why it is not fetched")
        # A web page in place of a picture: said, and nothing of it is kept.
        await images.go("generate")
        await images.ask("a red boat", "generate")
        await until(lambda: images.vm.generate.blocks and not images.vm.making.running, "it ended")
        await until(lambda: images.person.sees("images.generate.view"), "where it is said")
        await images.go("gallery")
        await until(lambda: images.vm.gallery.loaded, "the gallery is read")
        assert images.vm.gallery.rows == ()
        # Where a picture is changed it is said as well, and stands there.
        await images.go("edit")
        await images.drop_picture(photo(tmp_path / "desk.png"))
        await images.ask("make it red")
        status = images.person.find("images.status", QLabel)
        await until(lambda: "a web page instead" in status.text(), "why there is no other version")
        assert images.versions == ["1"]


async def test_a_picture_goes_to_the_chat_and_comes_back(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with GeminiImages() as server:
        model = "gemini:gemini-3.1-flash-image"
        async with images_tab(aiproxy_home, monkeypatch, gemini_at(server.url), model) as images:
            person = images.person
            await images.drop_picture(photo(tmp_path / "desk.png"))
            await person.click("images.toChat")
            await until(lambda: person.window.current_page == "chat", "the chat")
            chat = person.window.page("chat")
            assert isinstance(chat, ChatPage)
            chat.view_model.models.pick(model)
            attaching = chat.view_model.attaching
            await until(lambda: attaching.items and attaching.sendable, "it is attached")
            assert attaching.items[0].name == "desk.png"
            await person.click("chat.composer")
            await person.write("make it red")
            await person.press("Return")
            await person.click("chat.transcript.editImage")
            await until(lambda: person.window.current_page == "images", "the studio")
            await until(lambda: images.current().origin == "chat", "the answer's picture")
            await images.settled()
            assert images.vm.part == "edit"


async def test_a_model_of_the_browser_makes_pictures(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with GeminiImages() as server:
        model = "gemini:gemini-3.1-flash-image"
        async with images_tab(aiproxy_home, monkeypatch, gemini_at(server.url), model) as images:
            images.person.window.show_page("models")
            models = images.person.window.page("models")
            assert isinstance(models, ModelsPage)
            models.choose(model)
            button = "models.details.imageStudio"
            await until(lambda: images.person.sees(button), "what can be done with it")
            await until(lambda: models.view_model.details.asked != "loading", "what its provider says")
            await asyncio.sleep(0.3)  # the panel has found its places
            await images.person.click(button)
            await until(lambda: images.person.window.current_page == "images", "the studio")
            await images.ask("a teal boat", "generate")
            await images.go("gallery")
            await until(lambda: len(images.vm.gallery.rows) == 1, "it is kept")
            assert server.requests[-1].prompt.startswith("a teal boat")


def test_a_browser_tells_where_its_picture_lies() -> None:
    dragged = QMimeData()
    dragged.setUrls([QUrl("https://example.org/article")])
    dragged.setHtml('<a href="/article"><img src="data:image/png;base64,iVBORw0KGgo=" alt=""></a>')
    assert brought(dragged).address == "data:image/png;base64,iVBORw0KGgo="
    plain = QMimeData()
    plain.setUrls([QUrl("https://example.org/boat.png")])
    assert brought(plain).address == "https://example.org/boat.png"
    local = QMimeData()
    local.setHtml('<img src="file:///etc/passwd">')
    assert brought(local).address == ""
