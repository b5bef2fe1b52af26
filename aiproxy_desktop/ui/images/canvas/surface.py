"""The widget under the canvas: it paints what the stage shows, and hands events to pointer and keys."""

from __future__ import annotations

from math import ceil, floor
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.canvas.accessible import SurfaceAccessibility
from aiproxy_desktop.ui.images.canvas.comparing import Comparing
from aiproxy_desktop.ui.images.canvas.frames import margins_of
from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch
from aiproxy_desktop.ui.images.canvas.hands.brush import BrushHand
from aiproxy_desktop.ui.images.canvas.hands.crop import CropHand
from aiproxy_desktop.ui.images.canvas.hands.extend import ExtendHand
from aiproxy_desktop.ui.images.canvas.hands.fill import FillHand
from aiproxy_desktop.ui.images.canvas.hands.lasso import LassoHand
from aiproxy_desktop.ui.images.canvas.hands.pan import PanHand
from aiproxy_desktop.ui.images.canvas.hands.rectangle import RectangleHand
from aiproxy_desktop.ui.images.canvas.layers import rects
from aiproxy_desktop.ui.images.canvas.place import draw_place
from aiproxy_desktop.ui.images.canvas.pointer import Pointer
from aiproxy_desktop.ui.images.canvas.stage import Stage
from aiproxy_desktop.ui.images.canvas.tools import Hovered, Tool
from aiproxy_desktop.ui.theme.controller import ThemeController

_KEYBOARD: Final = (
    *(Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason),
    Qt.FocusReason.ShortcutFocusReason,
)


class Surface(QWidget):
    """Events in, device pixels out. What the pictures and tools are is the business of `Canvas`.

    Signals:
        hovered: a `Hovered`, or None when the pointer has left the picture.
    """

    hovered = Signal(object)

    def __init__(self, themes: ThemeController, background: Background, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._ringed = False
        self.accessibility = SurfaceAccessibility(self)
        self.stage = Stage(themes, self)
        self._desk = Desk(themes, self.stage, background, self)
        self._comparing = Comparing(themes, self.stage)
        self._hands = self._made_hands()
        self._pointer = Pointer(self, self._desk, self._hands["pan"], self._comparing)
        self._pointer.hand = self._hands["brush"]
        self.stage.stale.connect(self._repaint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)

    def _made_hands(self) -> dict[Tool, Hand]:
        desk = self._desk
        self._hands_crop, self._hands_extend = CropHand(desk), ExtendHand(desk)
        return {
            "brush": BrushHand(desk, "brush", "add"),
            "eraser": BrushHand(desk, "eraser", "subtract"),
            "rectangle": RectangleHand(desk),
            "lasso": LassoHand(desk),
            "fill": FillHand(desk),
            "crop": self._hands_crop,
            "extend": self._hands_extend,
            "pan": PanHand(desk),
        }

    def key_pressed(self, event: QKeyEvent) -> bool:
        """A key went down; False leaves it to the window."""
        del event
        return False

    def key_released(self, event: QKeyEvent) -> bool:
        """A key came up."""
        del event
        return False

    def keyboard_left(self) -> None:
        """The keyboard went elsewhere."""

    # -- frames

    @property
    def crop_box(self) -> QRect:
        """What the crop tool would keep; empty with another tool."""
        frame = self._hands_crop.frame
        return QRect() if frame is None else QRect(frame.box)

    @property
    def extend_margins(self) -> tuple[int, int, int, int]:
        """What the extend tool would add at the left, top, right and bottom."""
        frame = self._hands_extend.frame
        return (0, 0, 0, 0) if frame is None else margins_of(frame)

    def set_crop_box(self, box: QRect) -> None:
        """Move the frame of the crop tool; it stays within the picture."""
        self._hands_crop.set_box(box)

    def set_extend_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Move the frame of the extend tool; what is below 0 becomes 0."""
        self._hands_extend.set_margins((left, top, right, bottom))

    # -- Qt's events

    def sizeHint(self) -> QSize:
        return QSize(760, 596)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()
        if isinstance(event, QNativeGestureEvent) and self._pointer.pinch(event):
            return True
        return super().event(event)

    def _measure(self) -> None:
        ratio = self.devicePixelRatioF()
        self.stage.resize(QSize(ceil(self.width() * ratio), ceil(self.height() * ratio)), ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        layer, ratio = self.stage.layer(), self.stage.ratio
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        for rect in rects(event.region()):
            part = _device(rect, ratio)
            painter.drawImage(part.topLeft(), layer, part)
        if self.stage.after is not None:
            self._pointer.hand.paint(painter)
            self._comparing.paint(painter)
            draw_place(painter, self.stage.view, self.stage.panes, ratio)
        if self.hasFocus() and self._ringed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._themes.theme.accent), 2 * ratio, j=Qt.PenJoinStyle.MiterJoin))
            room = self.stage.room
            painter.drawRect(QRectF(ratio, ratio, room.width() - 2 * ratio, room.height() - 2 * ratio))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_ring(shown=False)
        if self.stage.after is not None:
            self._pointer.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.stage.after is not None:
            self._pointer.double(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.stage.after is not None:
            self._tell_hovered(self._pointer.move(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.stage.after is not None:
            self._pointer.release(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        if self.stage.after is not None:
            self._pointer.tablet(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer.leave()
        self.hovered.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.stage.after is not None:
            self._pointer.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.stage.after is None or not self.key_pressed(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.key_released(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_ring(shown=event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keyboard_left()
        self._show_ring(shown=False)

    def _show_ring(self, *, shown: bool) -> None:
        if shown != self._ringed:
            self._ringed = shown
            self.update()

    def _tell_hovered(self, touch: Touch) -> None:
        place = QPoint(floor(touch.place.x()), floor(touch.place.y()))
        picture = self.stage.after
        if picture is None or not self.stage.view.picture_rect.contains(place):
            self.hovered.emit(None)
            return
        colour = picture.full.pixelColor(place) if picture.full.size() == picture.size else QColor()
        self.hovered.emit(Hovered(place, colour))

    def _repaint(self, region: QRegion) -> None:
        ratio = self.stage.ratio
        if ratio == 1.0:
            self.update(region)
            return
        for rect in rects(region):
            self.update(_logical(rect, ratio))


def _device(rect: QRect, ratio: float) -> QRect:
    """The device pixels that logical ones touch."""
    left, top = floor(rect.left() * ratio), floor(rect.top() * ratio)
    right, bottom = ceil((rect.right() + 1) * ratio), ceil((rect.bottom() + 1) * ratio)
    return QRect(left, top, right - left, bottom - top)


def _logical(rect: QRect, ratio: float) -> QRect:
    return _device(rect, 1 / ratio)
