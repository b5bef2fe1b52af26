"""The window where text is read from right to left, and such text in a window that is read from the left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.widgets.banner import Banner
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import TextField
from tests.ui.chat_parts import answer, themes
from tests.ui.chat_window import Window, opened
from tests.waiting import until

QUESTION = "مرحبا، كيف الحال؟"
TABLE = "| الاسم | القيمة |\n|---|---|\n| واحد | 1 |\n\n> اقتباس\n\n- عنصر"


@pytest.fixture
def leftwards(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def pieces(window: Window, message: int) -> list[Piece]:
    return list(window.transcript.column.views[message].pieces)


async def talk(window: Window) -> None:
    window.window.resize(1280, 800)
    window.parts.model.play(*answer(TABLE))
    window.composer.insertPlainText(QUESTION)
    window.press(Qt.Key.Key_Return)
    await window.answered()
    await until(lambda: all(piece.exact for piece in pieces(window, 1)), "the answer is laid out")


def left(window: QWidget, widget: QWidget) -> int:
    return widget.mapTo(window, QPoint(0, 0)).x()


def dark(image: QImage, box: QRect) -> int:
    """Pixels of text in a part of a picture."""
    return sum(
        image.pixelColor(x, y).lightness() < 120
        for x in range(box.left(), box.right() + 1)
        for y in range(box.top(), box.bottom() + 1)
    )


async def test_a_question_read_from_the_right_stands_in_its_bubble(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talk(window)
        area = window.transcript
        bubble = pieces(window, 0)[0]
        boxes = bubble.rectangles(0, len(bubble.text))
        assert boxes
        assert max(box.right() for box in boxes) <= area.column.width - 16 + 1
        span = area.column.message_span(0)
        assert span is not None
        picture = area.viewport().grab().toImage()
        assert dark(picture, QRect(area.column_left, span[0], area.column.width, 40)) > 50
        middle = boxes[0].center()
        assert 0 < bubble.position_at(middle.x(), middle.y()) < len(QUESTION)


async def test_a_table_begins_at_the_side_its_header_is_read_from(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talk(window)
        for row in pieces(window, 1)[:2]:
            first, second = (len(cell) for cell in row.text.split("\t"))
            (name,) = row.rectangles(0, first)
            (value,) = row.rectangles(first + 1, first + 1 + second)
            assert name.left() > value.right()
            assert row.position_at(name.center().x(), name.center().y()) <= first
            assert row.position_at(value.center().x(), value.center().y()) > first


async def test_the_window_is_mirrored(tmp_path: Path, leftwards: None) -> None:
    async with opened(tmp_path) as window:
        await talk(window)
        whole = window.window
        order = ("shell.rail.chat", "chat.conversations", "chat.title", "chat.find", "chat.options")
        places = [left(whole, window.find(QWidget, name)) for name in order]
        assert places == sorted(places, reverse=True)
        assert left(whole, window.find(QWidget, "chat.send")) < left(
            whole, window.find(QWidget, "chat.attach")
        )


def made(qtbot: QtBot, kind: str) -> tuple[QWidget, QRect]:
    look = themes()
    if kind == "button":
        button = Button(look, "New chat", name="b", icon="plus", hint="Ctrl N", large=True, align_start=True)
        button.resize(240, 32)
        return button, QRect(4, 4, 26, 24)
    if kind == "field":
        field = TextField(look, name="f", placeholder="Search", icon="search")
        field.resize(240, 32)
        return field, QRect(6, 6, 24, 20)
    banner = Banner(look, "info", "Something", name="n")
    banner.resize(400, 44)
    return banner, QRect(8, 8, 28, 28)


@pytest.mark.parametrize("kind", ["button", "field", "banner"])
@pytest.mark.usefixtures("leftwards")
def test_an_icon_stands_at_the_start(qapp: QApplication, qtbot: QtBot, kind: str) -> None:
    counts = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        qapp.setLayoutDirection(direction)
        widget, box = made(qtbot, kind)
        qtbot.addWidget(widget)
        if direction == Qt.LayoutDirection.RightToLeft:
            box.moveLeft(widget.width() - box.right() - 1)
        counts.append(dark(widget.grab().toImage(), box))
    assert counts[0] == counts[1] > 10


def test_a_label_begins_where_the_window_does(qtbot: QtBot, leftwards: None) -> None:
    label = Label("English in a window that is read from the right")
    qtbot.addWidget(label)
    label.resize(600, 24)
    picture = label.grab().toImage()
    assert dark(picture, QRect(500, 0, 100, 24)) > 20
    assert dark(picture, QRect(0, 0, 100, 24)) == 0
    label.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert dark(label.grab().toImage(), QRect(0, 0, 100, 24)) > 20


def test_a_label_that_was_centred_stays_so(qtbot: QtBot) -> None:
    label = Label("middle")
    qtbot.addWidget(label)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert label.alignment() == Qt.AlignmentFlag.AlignCenter
