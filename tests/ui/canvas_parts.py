"""A canvas with a picture, and a hand for it."""

from __future__ import annotations

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.images.canvas.canvas import Canvas
from aiproxy_desktop.ui.images.pixels import mask_of
from aiproxy_desktop.ui.theme.controller import ThemeController

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
WIDTH, HEIGHT = 640, 480


def picture(width: int = WIDTH, height: int = HEIGHT) -> QImage:
    """A grey picture with a green square in it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(120, 120, 120))
    painter = QPainter(image)
    painter.fillRect(width // 4, height // 4, width // 4, height // 4, QColor(20, 160, 60))
    painter.end()
    return image


class Person:
    """Uses the canvas with mouse and keyboard; places are pixels of the picture."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def at(self, x: float, y: float) -> QPoint:
        """Where a place of the picture is on the widget."""
        seen = self.canvas.stage.view.to_room(QPointF(x, y)) / self.canvas.stage.ratio
        return seen.toPoint()

    def drag(
        self,
        *places: tuple[float, float],
        held: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Press at the first place, go through the others, let go at the last."""
        points = [self.at(*place) for place in places]
        QTest.mousePress(self.canvas, button, held, points[0])
        for point in points[1:]:
            self.move_with(point, button, held)
        QTest.mouseRelease(self.canvas, button, held, points[-1])

    def move_with(self, point: QPoint, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
        """Move while a button is down: QTest's own knows neither button nor key."""
        there = QPointF(self.canvas.mapToGlobal(point))
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(point), there, Qt.MouseButton.NoButton, button, held
        )
        QApplication.sendEvent(self.canvas, event)

    def click(self, x: float, y: float, held: Qt.KeyboardModifier = NONE) -> None:
        """Click once."""
        QTest.mouseClick(self.canvas, LEFT, held, self.at(x, y))

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        """Press a key."""
        for _ in range(times):
            QTest.keyClick(self.canvas, key, held)

    def masked(self) -> Image.Image:
        """The mask, mode L."""
        return mask_of(self.canvas.mask_image()).image

    def value(self, x: int, y: int) -> int:
        """The mask at one pixel."""
        return self.canvas.mask_image().pixelColor(x, y).red()

    def seen(self, x: float, y: float) -> QColor:
        """The colour on the screen at a place of the picture."""
        return self.canvas.grab().toImage().pixelColor(self.at(x, y) * self.canvas.devicePixelRatioF())


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Person:
    """With a picture of 640 x 480 at 100 %, in a window."""
    canvas = Canvas(ThemeController(qapp, "light"))
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    qtbot.waitUntil(lambda: canvas.windowHandle() is not None and canvas.windowHandle().isExposed())
    canvas.show_image(picture(), name="lamp.png")
    canvas.set_zoom(1.0)
    canvas.setFocus()
    return Person(canvas)
