"""Files that go with a message, as a person brings them: dropped from another program, pasted, chosen."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QWidget

from aiproxy_desktop.ui.chat.attachments.chip import Chip
from tests.source import REPOSITORY
from tests.ui.attachment_parts import (
    chips,
    items,
    loaded,
    names,
    picture,
    says,
    text,
)
from tests.ui.chat_window import Window, opened
from tests.ui.drag_source import SIDE
from tests.waiting import until

# Dropped


async def xdotool(*arguments: object) -> None:
    done = await asyncio.create_subprocess_exec("xdotool", *map(str, arguments))
    assert await done.wait() == 0


@asynccontextmanager
async def dragging(window: Window, *urls: str, onto: str = "") -> AsyncIterator[asyncio.StreamReader]:
    """Another program's window, dragged from as far as the middle of the page; the button is held.

    `onto` names a widget to drag to instead.
    """
    window.window.setGeometry(0, 0, 1000, 700)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ui.drag_source", "1050", "100", *urls),
        cwd=REPOSITORY,
        env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        await asyncio.sleep(0.3)  # the server maps the window a moment after it is shown
        await xdotool("mousemove", 1050 + SIDE // 2, 100 + SIDE // 2, "mousedown", 1)
        target = window.find(QWidget, onto) if onto else window.page
        end = target.mapToGlobal(target.rect().center())
        for step in range(1, 13):
            x = 1090 + (end.x() - 1090) * step // 12
            y = 140 + (end.y() - 140) * step // 12
            await xdotool("mousemove", x, y)
            await asyncio.sleep(0.04)
        await xdotool("mousemove", end.x() + 2, end.y() + 2)
        yield process.stdout
    finally:
        await xdotool("mouseup", 1)
        process.kill()
        await process.wait()


async def test_files_and_folders_dropped_from_another_program_are_attached(tmp_path: Path) -> None:
    image, notes = picture(tmp_path / "plan.png"), text(tmp_path / "notes.md")
    folder = tmp_path / "project"
    folder.mkdir()
    for at in range(3):
        text(folder / f"{at}.py", "x = 1\n")
    (folder / ".env").write_text("KEY=1")
    urls = [QUrl.fromLocalFile(str(path)).toString() for path in (image, notes, folder)]
    async with opened(tmp_path) as window:
        async with dragging(window, *urls) as source:
            await until(lambda: window.shows("chat.dropHere"), "the line that says where to drop")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
            await loaded(window, 3)
        assert not window.shows("chat.dropHere")
        assert names(window) == [
            names(window)[0],
            "notes.md, 20 bytes · about 5 tokens",
            "project, 3 files · 18 bytes · about 9 tokens; 1 was left out",
        ]
        assert names(window)[0].startswith("plan.png, ")
        assert image.exists()


@pytest.mark.parametrize("onto", ["chat.composer", "chat.transcript"])
async def test_files_are_attached_wherever_on_the_page_they_fall(tmp_path: Path, onto: str) -> None:
    url = QUrl.fromLocalFile(str(text(tmp_path / "notes.md"))).toString()
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        async with dragging(window, url, onto=onto) as source:
            await until(lambda: window.shows("chat.dropHere"), "the line that says where to drop")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
            await loaded(window, 1)
        assert not window.composer.toPlainText()


async def test_files_that_are_dragged_away_again_leave_nothing(tmp_path: Path) -> None:
    url = QUrl.fromLocalFile(str(text(tmp_path / "notes.md"))).toString()
    async with opened(tmp_path) as window, dragging(window, url):
        await until(lambda: window.shows("chat.dropHere"), "the line that says where to drop")
        await xdotool("mousemove", 1200, 600)
        await xdotool("mousemove", 1205, 605)
        await until(lambda: not window.shows("chat.dropHere"), "the line is gone")
        assert not items(window)


async def test_a_picture_dropped_from_another_program_is_attached(tmp_path: Path) -> None:
    async with opened(tmp_path) as window, dragging(window) as source:
        await until(lambda: window.shows("chat.dropHere"), "the line that says where to drop")
        await xdotool("mouseup", 1)
        assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
        await loaded(window, 1)
        assert names(window)[0].startswith("Picture.png, ")


async def test_links_are_not_fetched(tmp_path: Path) -> None:
    async with opened(tmp_path) as window, dragging(window, "https://example.com/cat.png") as source:
        await until(lambda: window.shows("chat.dropHere"))
        await xdotool("mouseup", 1)
        await asyncio.wait_for(source.readline(), 30)
        await until(lambda: says(window, "Links are not fetched"), "why nothing is attached")
        assert not items(window)
        assert not window.composer.toPlainText()


# Pasted


def paste(window: Window, mime: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(mime)
    window.composer.setFocus()
    QTest.keyClick(window.composer, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


async def test_a_picture_and_files_are_pasted(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        image = QMimeData()
        image.setImageData(QImage(str(picture(tmp_path / "a.png"))))
        paste(window, image)
        await loaded(window, 1)
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(text(tmp_path / "ä ö.txt")))])
        paste(window, files)
        await loaded(window, 2)
        assert [name.partition(",")[0] for name in names(window)] == ["Picture.png", "ä ö.txt"]
        assert not window.composer.toPlainText()


async def test_text_that_comes_with_a_picture_of_it_stays_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        table = QMimeData()
        table.setImageData(QImage(str(picture(tmp_path / "a.png"))))
        table.setText("1\t2")
        paste(window, table)
        assert window.composer.toPlainText() == "1\t2"
        link = QMimeData()
        link.setUrls([QUrl("https://example.com/")])
        link.setText("https://example.com/")
        paste(window, link)
        assert window.composer.toPlainText() == "1\t2https://example.com/"
        assert not items(window)


# Chosen


async def test_files_are_chosen_in_a_dialog(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        QTest.keyClick(
            window.composer,
            Qt.Key.Key_A,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
        menu = window.find(QMenu, "chat.attach.menu")
        assert [action.text() for action in menu.actions()] == ["Files…", "Folder…"]
        QTest.keyClick(menu, Qt.Key.Key_Return)
        await until(lambda: isinstance(QApplication.activeWindow(), QFileDialog), "the dialog")
        dialog = window.find(QFileDialog, "chat.attach.dialog")
        dialog.setDirectory(str(tmp_path))
        name = dialog.findChild(QWidget, "fileNameEdit")
        assert name is not None
        path = text(tmp_path / "notes.md")
        QTest.keyClicks(name, str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)
        await loaded(window, 1)
        # Without a window manager nobody gives the window the keyboard back.
        assert window.window.focusWidget() is window.composer


async def test_a_folder_is_chosen_and_the_dialog_can_be_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.click("chat.attach")
        menu = window.find(QMenu, "chat.attach.menu")
        action: QAction = menu.actions()[1]
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        await until(lambda: isinstance(QApplication.activeWindow(), QFileDialog), "the dialog")
        QTest.keyClick(window.find(QFileDialog, "chat.attach.dialog"), Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.attach.dialog"), "the dialog is gone")
        assert not items(window)


# Looked at, and taken away


async def test_chips_are_walked_and_removed_by_keys(tmp_path: Path) -> None:
    attached = [text(tmp_path / f"{at}.txt", str(at)) for at in range(4)]
    async with opened(tmp_path) as window:
        window.parts.view_model.attaching.add_paths(attached)
        await loaded(window, 4)
        first = chips(window)[0]
        window.composer.setFocus()
        for _step in range(20):
            window.press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
            if isinstance(QApplication.focusWidget(), Chip):
                break
        assert QApplication.focusWidget() is first
        window.press(Qt.Key.Key_Right)
        window.press(Qt.Key.Key_Delete)
        assert [item.name for item in items(window)] == ["0.txt", "2.txt", "3.txt"]
        focused = QApplication.focusWidget()
        assert isinstance(focused, Chip)
        assert focused.item.name == "2.txt"
        for _chip in range(3):
            window.press(Qt.Key.Key_Backspace)
        assert not items(window)
        assert window.composer.hasFocus()


async def test_the_cross_and_the_menu_remove(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.view_model.attaching.add_paths(
            [text(tmp_path / f"{at}.txt", str(at)) for at in range(3)]
        )
        await loaded(window, 3)
        cross = chips(window)[0].findChild(QAbstractButton)
        assert cross is not None
        assert cross.accessibleName() == "Remove 0.txt"
        QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
        await loaded(window, 2)
        QTest.mouseClick(chips(window)[0], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
        menu = window.find(QMenu, "chat.attachment.menu")
        menu.setActiveAction(menu.actions()[1])
        QTest.keyClick(menu, Qt.Key.Key_Return)
        await until(lambda: not items(window), "all are gone")
        assert not window.shows("chat.attachments")


async def test_many_chips_wrap_and_scroll_and_mirror(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        attached = [text(tmp_path / f"a longer name {at}.txt", str(at)) for at in range(20)]
        window.parts.view_model.attaching.add_paths(attached)
        await loaded(window, 20)
        strip = window.page.attachments.area.strip
        tops = [chip.y() for chip in chips(window)]
        assert len(set(tops)) > 3
        assert strip.height() < 160
        lefts = [chip.x() for chip in chips(window)]
        window.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        await until(lambda: [chip.x() for chip in chips(window)] != lefts, "the mirrored row")
        assert chips(window)[0].x() > chips(window)[1].x()
        window.window.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


async def test_what_is_refused_says_why_on_its_chip_and_above(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        (tmp_path / "setup.png").write_bytes(b"MZ" + b"\0" * 100)
        window.parts.view_model.attaching.add_paths([tmp_path / "setup.png", tmp_path / "gone.txt"])
        await loaded(window, 2)
        assert names(window)[0].startswith("setup.png, “setup.png” is a program, not an image")
        assert "not there" in names(window)[1]
        assert says(window, "2 files cannot be attached: each says why.")
        window.parts.view_model.attaching.remove(items(window)[0].key)
        assert says(window, "“gone.txt” cannot be read")
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        window.type("Hello")
        assert window.find(QAbstractButton, "chat.send").isEnabled()


async def test_what_is_on_its_way_in_can_be_given_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        attaching = window.parts.view_model.attaching
        begun = asyncio.Event()

        async def slow() -> bytes:
            begun.set()
            await asyncio.sleep(60)
            return b""

        window.type("Hello")
        attaching.add_made(slow, "slow.png")
        await begun.wait()
        assert names(window) == ["slow.png, Reading"]
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        attaching.remove(items(window)[0].key)
        assert not items(window)
        assert window.find(QAbstractButton, "chat.send").isEnabled()


async def test_what_is_refused_among_many_is_in_sight(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        (tmp_path / "empty.txt").touch()
        files = [text(tmp_path / f"{at}.txt", str(at)) for at in range(20)]
        window.parts.view_model.attaching.add_paths([*files, tmp_path / "empty.txt"])
        await loaded(window, 21)
        QApplication.processEvents()
        assert not chips(window)[-1].visibleRegion().isEmpty()
        assert says(window, "“empty.txt” is empty")


async def test_what_arrives_while_another_conversation_is_shown_is_kept_and_says_nothing_there(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as window:
        view = window.parts.view_model
        await window.ask("First")
        await window.answered()
        first = view.conversation
        assert first is not None
        gate = asyncio.Event()

        async def late() -> bytes:
            await gate.wait()
            return b"late"

        async def never() -> bytes:
            await gate.wait()
            return b""

        view.attaching.add_made(late, "late.txt")
        view.attaching.add_made(never, "never.txt")
        view.new_conversation()
        gate.set()
        await until(lambda: not view.attaching.loading(first.id), "both are done")
        assert not says(window, "never.txt")
        assert [one.name for one in view.writing.drafts.attachments(first.id)] == ["late.txt"]
        assert not view.writing.drafts.attachments("")
        view.open(first.id)
        await loaded(window, 2)


async def test_the_same_file_twice_is_one_chip(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        path = text(tmp_path / "a.txt")
        window.parts.view_model.attaching.add_paths([path, path])
        await loaded(window, 1)


async def test_there_is_a_bound_and_it_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        attached = [text(tmp_path / f"{at}.txt", str(at)) for at in range(52)]
        window.parts.view_model.attaching.add_paths(attached)
        await loaded(window, 50)
        assert says(window, "At most 50 files can go with one message.")
