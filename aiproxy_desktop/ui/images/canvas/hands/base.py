"""What every tool of the canvas has."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QRegion

from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.canvas.mask.model import Hand as MaskHand
from aiproxy_desktop.ui.images.canvas.stage import Stage
from aiproxy_desktop.ui.images.canvas.tools import FillMode, Tool
from aiproxy_desktop.ui.theme.controller import ThemeController


@dataclass(frozen=True, slots=True)
class Touch:
    """The pointer: where, in the picture and on the widget (device pixels), and what is held with it."""

    place: QPointF
    point: QPointF
    shift: bool = False
    alt: bool = False
    pressure: float = 1.0

    @property
    def hand(self) -> MaskHand:
        """Alt takes away."""
        return "subtract" if self.alt else "add"


class Desk(QObject):
    """What the tools share.

    Signals:
        crop_wanted: see `Canvas`.
        extend_wanted: see `Canvas`.
        frame_changed: see `Canvas`.
        busy_changed: see `Canvas`.
        said: a sentence for screen readers.
        brush_stepped: the brush is to be larger by so many steps, or smaller.
    """

    crop_wanted = Signal(QRect)
    extend_wanted = Signal(int, int, int, int)
    frame_changed = Signal()
    busy_changed = Signal(bool)
    said = Signal(str)
    brush_stepped = Signal(int)

    def __init__(
        self, themes: ThemeController, stage: Stage, background: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.themes = themes
        self.stage = stage
        self.background = background
        self.brush_size = 96
        self.fill_mode: FillMode = "colour"
        self.tolerance = 32

    def spoil(self, box: QRectF, room: int = 4) -> None:
        """What a tool draws over a box has changed, `room` logical pixels around it as well."""
        grown = round(room * self.stage.ratio)
        for seen in self.stage.in_room(box):
            rect = seen.toAlignedRect().adjusted(-grown, -grown, grown, grown)
            self.stage.stale.emit(QRegion(rect))


class Hand:
    """A tool that does nothing yet. Places are pixels of the picture."""

    tool: Tool = "pan"
    cursor = Qt.CursorShape.CrossCursor
    # Whether the view follows where the pointer leaves it in the middle of a drag.
    leads = True

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def stage(self) -> Stage:
        """What is shown."""
        return self.desk.stage

    def press(self, touch: Touch) -> None:
        """The button went down."""

    def drag(self, touch: Touch) -> None:
        """The pointer moved with the button down."""

    def release(self, touch: Touch) -> None:
        """The button went up."""

    def double(self, touch: Touch) -> None:
        """It was pressed twice."""
        self.press(touch)

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        """The pointer moved with no button down, or left; returns its shape."""
        del touch
        return self.cursor

    def key(self, event: QKeyEvent) -> bool:
        """A key; False leaves it to others."""
        del event
        return False

    def cancel(self) -> bool:
        """Esc: leave what is half made; False if nothing is."""
        return False

    def take_up(self) -> None:
        """The tool is chosen, or there is another picture."""

    def put_down(self) -> None:
        """Another tool is chosen."""
        self.cancel()

    def paint(self, painter: QPainter) -> None:
        """Draw what is half made, in device pixels."""
