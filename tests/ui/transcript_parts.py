"""A transcript in a real window, and someone in front of it whose presses go through the X server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.waiting import until

SIZE = (800, 600)


def answer(text: str, name: str = "answer", **more: object) -> TranscriptMessage:
    """An answer of the model."""
    return TranscriptMessage(name, "assistant", text, **more)  # type: ignore[arg-type]  # checked by the class


def question(text: str, name: str = "question") -> TranscriptMessage:
    """A message of the person."""
    return TranscriptMessage(name, "user", text)


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone reading a transcript."""

    transcript: Transcript
    themes: ThemeController

    # -- what is seen

    async def settled(self) -> None:
        """Let everything that is due be laid out."""
        self.transcript.settle()
        for _ in range(3):
            await asyncio.sleep(0)

    def picture(self) -> QImage:
        """The picture of the messages, without buttons that come and go."""
        return self.transcript.viewport().grab().toImage()

    def buttons(self, name: str) -> list[QPushButton]:
        """The visible buttons of a name, from the top down."""
        found = self.transcript.findChildren(QPushButton, name)
        return sorted((button for button in found if button.isVisible()), key=lambda button: button.y())

    def top_of(self, message: int) -> int:
        """Where a message in view begins, in pixels of the viewport."""
        span = self.transcript.column.message_span(message)
        assert span is not None, f"message {message} is not in view"
        return span[0]

    def piece_with(self, text: str) -> tuple[Piece, int]:
        """The piece in view that holds a text, and its top."""
        column = self.transcript.column
        for shown in column.shown:
            piece = column.piece(shown.message, shown.piece)
            if text in piece.text:
                return piece, shown.top
        raise AssertionError(f"{text!r} is not in view")

    def place_of(self, text: str, within: int = 0) -> QPoint:
        """The point on the screen at the start of a text, `within` characters into it."""
        piece, top = self.piece_with(text)
        position = piece.text.index(text) + within
        transcript = self.transcript
        for y in range(piece.margin + 2, piece.height, 10):
            for x in range(0, transcript.column.width, 2):
                if piece.position_at(x, y) == position:
                    at = QPoint(transcript.column_left + x + 1, top + y + 4)
                    return transcript.viewport().mapToGlobal(at)
        raise AssertionError(f"no point leads to {text!r}")

    # -- what is done

    async def point_at(self, place: QPoint) -> None:
        """Move the mouse."""
        # By two steps: where it stands there already, from the test before, nothing would move.
        x, y = str(place.x()), str(place.y())
        await xdotool("mousemove", str(place.x() + 1), y, "mousemove", x, y)

    async def point_until(self, place: QPoint, seen: Callable[[], object], what: str) -> None:
        """Move the mouse there until something is seen: a window that is only being mapped misses a move."""
        for _try in range(200):
            await self.point_at(place)
            await asyncio.sleep(0.25)
            if seen():
                return
        raise AssertionError(f"never came true: {what}")

    async def click(self, target: QWidget | QPoint, *, times: int = 1, button: int = 1) -> None:
        """Press in the middle of a widget, or at a place on the screen."""
        place = target if isinstance(target, QPoint) else target.mapToGlobal(target.rect().center())
        await self.point_at(place)
        await xdotool("click", "--repeat", str(times), "--delay", "40", str(button))

    async def drag(self, start: QPoint, *stations: QPoint) -> None:
        """Press, move slowly from place to place, let go."""
        await self.point_at(start)
        await xdotool("mousedown", "1")
        before = start
        for station in stations:
            for step in range(1, 6):
                between = before + (station - before) * step / 5
                await self.point_at(between)
            before = station
        await xdotool("mouseup", "1")

    async def wheel(self, *, up: bool, times: int = 1) -> None:
        """Turn the wheel over the middle of the transcript."""
        viewport = self.transcript.viewport()
        await self.point_at(viewport.mapToGlobal(viewport.rect().center()))
        await xdotool("click", "--repeat", str(times), "--delay", "10", "4" if up else "5")

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await xdotool("key", "--delay", "20", *keys)

    async def copied(self) -> str:
        """What Ctrl+C brings."""
        QGuiApplication.clipboard().clear()
        await self.press("ctrl+c")
        await until(lambda: QGuiApplication.clipboard().text(), "the clipboard")
        return QGuiApplication.clipboard().text()


@asynccontextmanager
async def reading(
    *messages: TranscriptMessage, size: tuple[int, int] = SIZE, exports: Path | None = None
) -> AsyncIterator[Reader]:
    """A shown transcript with the keyboard's focus."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    themes = ThemeController(application, "light")
    transcript = Transcript(themes, exports=exports)
    transcript.resize(*size)
    transcript.move(20, 20)
    transcript.set_messages(messages)
    transcript.show()
    transcript.activateWindow()
    try:
        await until(transcript.isActiveWindow, "the window has the keyboard")
        transcript.setFocus()
        reader = Reader(transcript, themes)
        await reader.settled()
        yield reader
    finally:
        transcript.close()
        transcript.deleteLater()
        themes.deleteLater()
        await asyncio.sleep(0)


async def xdotool(*arguments: str) -> None:
    """Press and move as a person does."""
    # On a thread: the window must live on to take what is pressed.
    await asyncio.to_thread(subprocess.run, ["xdotool", *arguments], check=True, timeout=60)
