"""Files of a message and images of an answer, as they are shown and as they leave the window."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from aiproxy_desktop.ui.chat.transcript.images.image_piece import ImagePiece
from aiproxy_desktop.ui.chat.transcript.images.image_viewer import ImageViewer
from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment, TranscriptMessage
from tests.source import REPOSITORY
from tests.ui.image_files import RED, stored_file, stored_image
from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until


@asynccontextmanager
async def _other_program(x: int, y: int) -> AsyncIterator[asyncio.StreamReader]:
    """A drop target in a process of its own; what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ui.drop_target", str(x), str(y)),
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    try:
        assert json.loads(await asyncio.wait_for(process.stdout.readline(), 60)) == "ready"
        yield process.stdout
    finally:
        process.terminate()
        await process.wait()


def _with(*files: ShownAttachment, text: str = "See") -> TranscriptMessage:
    return TranscriptMessage("question", "user", text, attachments=files)


def _drawn(*images: ShownAttachment) -> TranscriptMessage:
    return answer("Here it is.", attachments=images)


def _image_place(reader: Reader) -> QPoint:
    """A point on the last image in view, on the screen."""
    column = reader.transcript.column
    for shown in reversed(column.shown):
        piece = column.piece(shown.message, shown.piece)
        if isinstance(piece, ImagePiece):
            top = max(shown.top + piece.margin, 0)
            bottom = min(shown.top + piece.height - 40, column.view_height)
            middle = QPoint(reader.transcript.column_left + 60, (top + bottom) // 2)
            return reader.transcript.viewport().mapToGlobal(middle)
    raise AssertionError("no image is in view")


def _color_at(reader: Reader, place: QPoint) -> str:
    point = reader.transcript.viewport().mapFromGlobal(place)
    return reader.picture().pixelColor(point).name().upper()


def _has_words(reader: Reader, place: QPoint) -> bool:
    start = reader.transcript.viewport().mapFromGlobal(place) - QPoint(0, 20)
    picture = reader.picture().copy(QRect(start, QSize(300, 40)))
    return len({picture.pixel(x, y) for x in range(300) for y in range(0, 40, 3)}) > 3


def _thumbs(reader: Reader) -> list[QRect]:
    buttons = reader.buttons("chat.transcript.openImage")
    return sorted((button.geometry() for button in buttons), key=lambda box: box.x())


def _viewer(reader: Reader) -> ImageViewer | None:
    found = [viewer for viewer in reader.transcript.window().findChildren(ImageViewer) if viewer.isVisible()]
    return found[0] if found else None


async def test_images_stand_above_the_words_in_room_of_the_right_size(tmp_path: Path) -> None:
    wide, tall = stored_image(tmp_path), stored_image(tmp_path, "tall.png", (100, 800), "#2040C0")
    async with reading(_with(wide, tall), answer("Because.")) as reader:
        # The room is there before any byte is read.
        boxes = _thumbs(reader)
        assert [(box.width(), box.height()) for box in boxes] == [(240, 120), (64, 120)]
        transcript = reader.transcript
        assert boxes[1].right() + 1 == transcript.column_left + transcript.column.width
        top = reader.top_of(1)
        corner = transcript.viewport().mapToGlobal(boxes[0].center())
        await until(lambda: _color_at(reader, corner) == RED, "the picture")
        assert reader.top_of(1) == top
        piece, below = reader.piece_with("See")
        assert below + piece.margin >= boxes[0].bottom()


async def test_other_files_are_chips_and_what_is_gone_says_so(tmp_path: Path) -> None:
    here = tmp_path / "b"
    here.write_bytes(b"x")
    files = (stored_file(here, "a-very-long-name-of-a-report-" * 5 + ".pdf"), stored_file(None, "gone.wav"))
    async with reading(_with(*files), answer("Because.")) as reader:
        # A chip is no button, and no image is made of it.
        assert not _thumbs(reader)
        assert reader.top_of(1) - reader.top_of(0) > 44 + 40
        interface = QAccessible.queryAccessibleInterface(reader.transcript)
        said = interface.child(0).text(QAccessible.Text.Description)
        assert "184 KB" in said
        assert "gone.wav, no longer there" in said


async def test_files_alone_have_no_empty_bubble(tmp_path: Path) -> None:
    async with reading(_with(stored_image(tmp_path), text=""), answer("Because.")) as reader:
        assert reader.top_of(1) - reader.top_of(0) == 120 + 2 + 28 + 2


async def test_files_that_lie_about_what_they_are_show_that_they_cannot_be_shown(tmp_path: Path) -> None:
    image = stored_image(tmp_path)
    drawing = tmp_path / "drawing"
    inside = f'<image href="{image.path}" width="600" height="300"/>'
    drawing.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300">{inside}</svg>')
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "half").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    for name in ("drawing", "empty", "half"):
        async with reading(_drawn(replace(image, path=tmp_path / name))) as reader:
            place = _image_place(reader)
            # Words stand in the quiet room of the image.
            await until(partial(_has_words, reader, place), "it says so")
            assert _color_at(reader, place) != RED


async def test_an_image_of_an_answer_is_shown_whole_and_no_larger_than_it_is(tmp_path: Path) -> None:
    for size, shown in (((1600, 800), (720, 360)), ((400, 1600), (120, 480)), ((90, 60), (90, 60))):
        async with reading(_drawn(stored_image(tmp_path, size=size))) as reader:
            pieces = reader.transcript.column.views[0].pieces
            piece = next(piece for piece in pieces if isinstance(piece, ImagePiece))
            assert piece.holds(shown[0] - 1, piece.margin + shown[1] - 1)
            assert not piece.holds(shown[0] + 1, piece.margin + 10)
            assert not piece.holds(5, piece.margin + shown[1] + 1)
            await until(lambda: _color_at(reader, _image_place(reader)) == RED, "the picture")


async def test_copying_an_image(tmp_path: Path) -> None:
    async with reading(_drawn(stored_image(tmp_path))) as reader:
        QGuiApplication.clipboard().clear()
        await reader.click(reader.buttons("chat.transcript.copyImage")[0])
        await until(lambda: not QGuiApplication.clipboard().image().isNull(), "the clipboard")
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (600, 300)
        assert image.pixelColor(3, 3) == QColor(RED)


async def test_saving_an_image(tmp_path: Path) -> None:
    shown = stored_image(tmp_path)
    async with reading(_drawn(shown)) as reader:
        await reader.click(reader.buttons("chat.transcript.saveImage")[0])
        await until(lambda: reader.transcript.findChild(QFileDialog) is not None, "the dialog")
        dialog = reader.transcript.findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        assert Path(dialog.selectedFiles()[0]).name == "plan.png"
        target = tmp_path / "kept.png"
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(field, QLineEdit)
        field.setText(str(target))
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(target.is_file, "the file")
        assert shown.path is not None
        assert target.read_bytes() == shown.path.read_bytes()
        await until(lambda: reader.transcript.findChild(QFileDialog) is None, "it is gone")


@pytest.mark.parametrize("way", ["button", "image", "thumbnail"])
async def test_an_image_is_looked_at_over_the_whole_window(tmp_path: Path, way: str) -> None:
    shown = stored_image(tmp_path, size=(1600, 1200))
    message = _with(shown) if way == "thumbnail" else _drawn(shown)
    async with reading(message, question("And?", "last")) as reader:
        if way == "image":
            await reader.click(_image_place(reader))
        else:
            name = "openImage" if way == "thumbnail" else "viewImage"
            await reader.click(reader.buttons(f"chat.transcript.{name}")[0])
        await until(lambda: _viewer(reader), "the viewer")
        viewer = _viewer(reader)
        assert viewer is not None
        assert viewer.size() == reader.transcript.window().size()
        await until(lambda: viewer.shown_size().width() > 0, "the image")
        assert viewer.shown_size().width() < viewer.width()
        await reader.press("1")
        await until(lambda: not viewer.whole, "pixel by pixel")
        assert viewer.shown_size().width() == 1600
        await reader.press("0", "Tab", "Tab")
        await until(lambda: viewer.whole, "all of it")
        focused = QApplication.focusWidget()
        assert isinstance(focused, QPushButton)
        assert focused.objectName().startswith("chat.imageViewer.")
        await reader.press("Escape")
        await until(lambda: _viewer(reader) is None, "closed")
        assert reader.transcript.isActiveWindow()


async def test_images_out_of_view_are_not_read(tmp_path: Path) -> None:
    image = stored_image(tmp_path)
    messages = [replace(_drawn(image), id=str(number)) for number in range(500)]
    async with reading(*messages) as reader:
        await until(lambda: _color_at(reader, _image_place(reader)) == RED, "the last one")
        views = reader.transcript.column.views
        assert sum(bool(view.pieces) for view in views) < 10


async def test_an_image_is_dragged_into_another_program(tmp_path: Path) -> None:
    shown = stored_image(tmp_path, name="a/plan?.png")
    async with _other_program(900, 100) as said, reading(_drawn(shown), exports=tmp_path / "out") as reader:
        await until(lambda: _color_at(reader, _image_place(reader)) == RED, "the picture")
        await reader.drag(_image_place(reader), QPoint(600, 200), QPoint(950, 200), QPoint(1050, 250))
        given = json.loads(await asyncio.wait_for(said.readline(), 60))
        assert given["size"] == [600, 300]
        assert given["color"] == RED.lower()
        (file,) = given["files"]
        assert Path(file).name == "a_plan_.png"
        assert QImage(file).size().width() == 600
        # A drag is no click.
        assert _viewer(reader) is None
        assert reader.transcript.selection is None
