"""The gallery over a real library, with the real mouse and real keys."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit, QMenu, QWidget

from aiproxy_desktop.services.images.exporting import ImageExports
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.thumbnails import ThumbnailFiles
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.image_records import ImageParent, NewImage, StoredImage
from aiproxy_desktop.storage.images import ImageStore
from aiproxy_desktop.ui.images.gallery.grid import GalleryGrid
from aiproxy_desktop.ui.images.gallery.view import GalleryView
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.brought import ids_in
from tests.source import REPOSITORY
from tests.ui.dragging import xdotool
from tests.waiting import until

COLOURS = ("#D03030", "#30A040", "#3050C0", "#C0A020", "#803090", "#208090")
NEW = NewImage("generated", "image/png", 64, 48, model="openai:gpt-image-2", cost=0.04)


def png(colour: str, size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


@dataclass
class Visitor:
    """Someone in front of a gallery."""

    view: GalleryView
    vm: GalleryViewModel
    library: ImageLibrary
    notices: list[Notice]

    @property
    def grid(self) -> GalleryGrid:
        return self.view.grid

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.grid.rows]

    @property
    def chosen(self) -> list[str]:
        return [row.name for row in self.grid.chosen_rows]

    def cell(self, name: str) -> QPoint:
        """The middle of a tile, on the screen."""
        box = self.grid.cell_rect(self.names.index(name))
        return self.grid.viewport().mapToGlobal(QPoint(box.center().x(), box.top() + box.width() // 2))

    async def click(self, name: str, *, button: int = 1) -> None:
        at = self.cell(name)
        await xdotool("mousemove", at.x(), at.y(), "click", button)

    async def press_widget(self, name: str) -> None:
        await until(lambda: self.seen(name), name)
        widget = self.seen(name)[0]
        at = widget.mapToGlobal(widget.rect().center())
        await xdotool("mousemove", at.x(), at.y(), "click", 1)

    def seen(self, name: str) -> list[QWidget]:
        return [one for one in self.view.window().findChildren(QWidget, name) if one.isVisible()]

    def reads(self, words: str) -> bool:
        return any(words in line.text() for line in self.view.findChildren(QLabel) if line.isVisible())


async def kept(library: ImageLibrary, name: str, **more: object) -> StoredImage:
    colour = COLOURS[len(name) % len(COLOURS)]
    return await library.add(replace(NEW, name=name, prompt=f"A picture of {name}", **more), png(colour))  # type: ignore[arg-type]  # by name


@asynccontextmanager
async def gallery(folder: Path, *names: str, size: tuple[int, int] = (1000, 640)) -> AsyncIterator[Visitor]:
    """A gallery that shows these, the last first."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    errors: list[Exception] = []
    database = await Database.open(folder / "conversations.db")
    library = ImageLibrary(ImageStore(database), BlobStore(folder / "attachments"))
    for name in names:
        await kept(library, name)
    exports = ImageExports(library, folder / "dragged")
    vm = GalleryViewModel(library, exports, ThumbnailFiles(folder / "thumbnails"), errors.append)
    view = GalleryView(ThemeController(application, "light"), vm)
    notices: list[Notice] = []
    vm.noticed.connect(notices.append)
    view.resize(*size)
    view.move(0, 0)
    view.show()
    view.activateWindow()
    try:
        await until(view.isActiveWindow, "the keyboard")
        await until(lambda: len(view.grid.rows) == len(names), "the images")
        yield Visitor(view, vm, library, notices)
        assert not errors, errors
    finally:
        view.thumbnails.close()
        view.grid.close_drag()
        view.close()
        await vm.close()
        await database.close()
        view.deleteLater()


async def test_an_empty_gallery_says_what_to_do_and_fills_as_images_come(tmp_path: Path) -> None:
    async with gallery(tmp_path) as visitor:
        await until(lambda: visitor.reads("No images yet"))
        assert not visitor.view.panel.isVisible()
        await kept(visitor.library, "fox")
        await until(lambda: visitor.names == ["fox"])
        await visitor.click("fox")
        await until(lambda: visitor.reads("A picture of fox"))
        assert visitor.reads("$0.04")
        colour = visitor.grid.viewport().mapFromGlobal(visitor.cell("fox"))
        wanted = QColor(COLOURS[len("fox")])

        def painted() -> bool:
            seen = visitor.grid.viewport().grab().toImage().pixelColor(colour)
            return abs(seen.hue() - wanted.hue()) < 8 and abs(seen.value() - wanted.value()) < 8

        await until(painted, "its thumbnail")


async def test_search_filters_and_the_way_back(tmp_path: Path) -> None:
    async with gallery(tmp_path, "fox", "lamp", "harbour") as visitor:
        visitor.view.focus_search()
        await xdotool("type", "--delay", "4", "lam")
        await until(lambda: visitor.names == ["lamp"])
        assert visitor.reads("1 of 3")
        await xdotool("type", "--delay", "4", "xx")
        await until(lambda: visitor.reads("No image matches"))
        await visitor.press_widget("images.gallery.empty.clear")
        await until(lambda: visitor.names == ["harbour", "lamp", "fox"])
        assert visitor.view.bar.search.text() == ""
        await visitor.library.set_favourite([visitor.grid.rows[2].id], True)
        await visitor.press_widget("images.gallery.filter.favourites")
        await until(lambda: visitor.names == ["fox"])
        await visitor.press_widget("images.gallery.filter.favourites")  # not on its cross: off again
        await until(lambda: len(visitor.names) == 3)
        await visitor.press_widget("images.gallery.filter.made_from")
        await xdotool("key", "Return")
        await until(lambda: visitor.vm.query.made_from is not None, "today's")
        assert len(visitor.names) == 3
        visitor.view.bar.clear.click()


async def test_mouse_and_keys_choose(tmp_path: Path) -> None:
    names = [f"n{number:02}" for number in range(30)]
    async with gallery(tmp_path, *names) as visitor:
        order = names[::-1]
        await visitor.click("n29")
        await until(lambda: visitor.chosen == ["n29"])
        await xdotool("keydown", "shift")
        await visitor.click("n26")
        await xdotool("keyup", "shift")
        await until(lambda: visitor.chosen == order[:4])
        await xdotool("keydown", "ctrl")
        await visitor.click("n28")
        await xdotool("keyup", "ctrl")
        await until(lambda: visitor.chosen == ["n29", "n27", "n26"])
        assert visitor.reads("3 images chosen")
        await visitor.click("n27")  # without a drag, one of several becomes the only one
        await until(lambda: visitor.chosen == ["n27"])
        await xdotool("key", "Right")
        await until(lambda: visitor.chosen == ["n26"])
        await xdotool("key", "End")
        await until(lambda: visitor.chosen == ["n00"])
        assert visitor.grid.viewport().rect().contains(visitor.grid.cell_rect(29))
        await xdotool("key", "Home", "shift+Down")
        await until(
            lambda: visitor.chosen[0] == "n29" and len(visitor.chosen) == visitor.grid._cells.columns + 1
        )
        await xdotool("key", "ctrl+a")
        await until(lambda: len(visitor.chosen) == 30)
        opened: list[str] = []
        visitor.vm.edit_wanted.connect(opened.append)
        await xdotool("key", "Home", "Return")
        await until(lambda: opened == [visitor.grid.rows[0].id])


async def test_a_band_chooses_what_it_touches(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two", "three") as visitor:
        corner = visitor.grid.viewport().mapToGlobal(QPoint(4, 4))
        end = visitor.cell("two")  # the middle one
        await xdotool("mousemove", corner.x(), corner.y(), "mousedown", 1)
        await xdotool("mousemove", (corner.x() + end.x()) // 2, end.y())
        await xdotool("mousemove", end.x(), end.y())
        await until(lambda: visitor.chosen == ["three", "two"])
        await xdotool("mouseup", 1)
        await until(lambda: not visitor.grid.band.active)


async def test_deleting_can_be_undone_and_the_keys_stay(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two", "three") as visitor:
        await visitor.click("two")
        await xdotool("key", "Delete")
        await until(lambda: visitor.names == ["three", "one"])
        await until(lambda: visitor.chosen == ["one"], "what took its place")
        (notice,) = visitor.notices
        assert notice.text == "“two” is deleted"
        assert notice.undo is not None
        notice.undo()
        await until(lambda: visitor.names == ["three", "two", "one"])
        await xdotool("key", "ctrl+a", "Delete")
        await until(lambda: visitor.reads("No images yet"))
        assert visitor.notices[-1].text == "3 images are deleted"


async def test_the_star_and_tags_are_kept(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two") as visitor:
        await visitor.library.set_tags(visitor.grid.rows[1].id, ["Winter"])
        await visitor.click("two")
        await until(lambda: visitor.reads("A picture of two"))
        await xdotool("key", "space")
        await until(lambda: visitor.grid.rows[0].favourite)
        visitor.view.panel.area.verticalScrollBar().setValue(10_000)
        await visitor.press_widget("images.gallery.addTag")
        await xdotool("type", "--delay", "4", "sunset, winter")
        await xdotool("key", "Return")
        await until(lambda: visitor.view.panel.tags._tags == ("sunset", "Winter"), "its case as it is in use")
        await until(lambda: visitor.seen("images.gallery.tag.sunset"))
        visitor.view.panel.area.verticalScrollBar().setValue(10_000)
        await asyncio.sleep(0.1)
        await visitor.press_widget("images.gallery.tag.sunset")
        await until(lambda: visitor.view.panel.tags._tags == ("Winter",))
        assert [(tag.name, tag.images) for tag in visitor.vm.tags] == [("Winter", 2)]
        visitor.view.panel.area.verticalScrollBar().setValue(0)
        await visitor.press_widget("images.gallery.name")
        await xdotool("key", "ctrl+a")
        await xdotool("type", "--delay", "4", "dusk")
        await xdotool("key", "Return")
        await until(lambda: visitor.names == ["dusk", "one"])
        await visitor.click("one")
        await xdotool("key", "ctrl+a")
        await visitor.press_widget("images.gallery.chosen.addTag")
        await xdotool("type", "--delay", "4", "both")
        await xdotool("key", "Return")
        await until(
            lambda: [(tag.name, tag.images) for tag in visitor.vm.tags] == [("both", 2), ("Winter", 2)]
        )


async def test_relatives_lead_to_one_another(tmp_path: Path) -> None:
    async with gallery(tmp_path, "first") as visitor:
        first = visitor.grid.rows[0].id
        await kept(visitor.library, "second", parents=(ImageParent(first),), origin="edited")
        await until(lambda: visitor.names == ["second", "first"])
        await visitor.click("second")
        await until(lambda: visitor.seen("images.gallery.parents.0"))
        visitor.view.panel.area.verticalScrollBar().setValue(10_000)
        await asyncio.sleep(0.1)
        await visitor.press_widget("images.gallery.parents.0")
        await until(lambda: visitor.chosen == ["first"])
        await until(lambda: visitor.seen("images.gallery.children.0"))


async def test_what_can_be_done_is_passed_on(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", size=(1000, 900)) as visitor:
        wished: list[object] = []
        vm = visitor.vm
        for signal in (vm.edit_wanted, vm.reference_wanted, vm.chat_wanted):
            signal.connect(wished.append)
        vm.settings_wanted.connect(lambda image: wished.append(image.prompt))
        await visitor.click("one")
        identity = visitor.grid.rows[0].id
        for act, told in (
            ("edit", identity),
            ("reference", identity),
            ("chat", identity),
            ("reuse", "A picture of one"),
        ):
            await visitor.press_widget(f"images.gallery.{act}")
            await until(lambda told=told: wished and wished[-1] == told, act)  # type: ignore[misc]  # its default
        await xdotool("key", "Escape")
        await until(visitor.grid.hasFocus, "the way back from the panel")
        await xdotool("key", "F2")
        await until(lambda: visitor.view.panel.focusWidget().objectName() == "images.gallery.name")
        await visitor.press_widget("images.gallery.copyPrompt")
        await until(lambda: QGuiApplication.clipboard().text() == "A picture of one")
        await visitor.press_widget("images.gallery.copy")
        await until(lambda: QGuiApplication.clipboard().image().width() == 64)


async def test_an_export_asks_how_and_where(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", size=(1000, 900)) as visitor:
        await visitor.click("one")
        await visitor.press_widget("images.gallery.export")
        await visitor.press_widget("images.gallery.export.format.jpeg")
        await until(lambda: visitor.seen("images.gallery.export.quality"))
        await visitor.press_widget("images.gallery.export.go")
        await until(lambda: visitor.view.window().findChildren(QFileDialog), "the dialog")
        (dialog,) = visitor.view.window().findChildren(QFileDialog)
        assert dialog.findChildren(QLineEdit)[0].text() == "one.jpg"
        target = tmp_path / "saved.jpg"
        dialog.fileSelected.emit(str(target))
        dialog.reject()
        await until(lambda: visitor.notices and "saved.jpg" in visitor.notices[-1].text)
        with Image.open(target) as opened:
            assert opened.format == "JPEG"


async def test_the_menu_does_the_same(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two") as visitor:
        await visitor.click("one", button=3)
        await until(lambda: visitor.view.findChildren(QMenu))
        (menu,) = visitor.view.findChildren(QMenu)
        assert visitor.chosen == ["one"]
        star = next(one for one in menu.actions() if one.objectName() == "images.gallery.menu.favourite")
        star.trigger()
        menu.close()
        await until(lambda: visitor.grid.rows[1].favourite)
        await xdotool("key", "ctrl+a")
        await until(lambda: len(visitor.chosen) == 2, "both")
        await xdotool("key", "ctrl+c")
        copied = QGuiApplication.clipboard().mimeData
        await until(lambda: len(copied().urls()) == 2, "files for other programs")
        assert ids_in(copied()) == tuple(row.id for row in visitor.grid.chosen_rows)


async def test_images_are_dragged_into_another_program_as_files(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two", size=(900, 640)) as visitor:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.ui.drop_target", "920", "100"),
            stdout=asyncio.subprocess.PIPE,
            cwd=REPOSITORY,
        )
        assert process.stdout is not None
        try:
            assert json.loads(await asyncio.wait_for(process.stdout.readline(), 60)) == "ready"
            await asyncio.sleep(0.3)
            await visitor.click("two")
            await xdotool("key", "ctrl+a")
            await until(lambda: len(visitor.chosen) == 2)
            start, end = visitor.cell("one"), QPoint(1070, 250)
            await xdotool("mousemove", start.x(), start.y(), "mousedown", 1)
            for step in range(1, 16):
                at = start + (end - start) * step / 15
                await xdotool("mousemove", at.x(), at.y())
                await asyncio.sleep(0.06)
            await xdotool("mousemove", end.x() + 2, end.y() + 2)
            await asyncio.sleep(0.3)
            await xdotool("mouseup", 1)
            told = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        finally:
            process.terminate()
            await process.wait()
        files = [Path(file) for file in told["files"]]
        assert [file.name for file in files] == ["two.png", "one.png"]
        assert files[0].read_bytes() == visitor.library.path(visitor.grid.rows[0]).read_bytes()


async def test_a_screen_reader_meets_a_list_of_images(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two") as visitor:
        await visitor.library.set_favourite([visitor.grid.rows[1].id], True)
        await until(lambda: visitor.grid.rows[1].favourite)
        await visitor.click("two")
        interface = QAccessible.queryAccessibleInterface(visitor.grid)
        assert interface.role() == QAccessible.Role.List
        first, second = interface.child(0), interface.child(1)
        assert first.text(QAccessible.Text.Name).startswith("two, Generated, ")
        assert second.text(QAccessible.Text.Name).endswith(", favourite")
        assert first.role() == QAccessible.Role.ListItem
        assert (first.state().selected, second.state().selected) == (True, False)
        assert first.rect().contains(visitor.cell("two"))
        for widget in visitor.view.findChildren(QAbstractButton):
            assert widget.objectName()
            assert widget.accessibleName(), widget.objectName()


async def test_right_to_left_the_grid_and_its_keys_are_mirrored(tmp_path: Path) -> None:
    async with gallery(tmp_path, "one", "two") as visitor:
        visitor.view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        visitor.grid.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        await until(lambda: visitor.cell("two").x() > visitor.cell("one").x())
        await visitor.click("two")
        await xdotool("key", "Left")
        await until(lambda: visitor.chosen == ["one"])
