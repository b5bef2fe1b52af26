"""Mouse, pen, wheel and touchpad on the canvas: who takes a press, and what scrolls or zooms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QTabletEvent, QWheelEvent

from aiproxy_desktop.ui.images.canvas.comparing import Comparing
from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_NOTCH: Final = 120
_SCROLLED: Final = 64
_ZOOM_NOTCHES: Final = 4  # to twice the zoom
_LEAST_PRESSURE: Final = 0.1
_FRAME_MS: Final = 16
_FASTEST: Final = 24  # logical pixels a frame, for a pointer that has left the canvas

Takes = Literal["hand", "pan", "divider"]


class Pointer:
    """Sends what the pointer does to the tool, to the slider, or to the view."""

    def __init__(self, widget: QWidget, desk: Desk, pan: Hand, comparing: Comparing) -> None:
        self._widget = widget
        self._desk = desk
        self._pan = pan
        self._comparing = comparing
        self.hand = pan
        self.space = False
        self._takes: Takes | None = None
        self._turned = 0
        self._last: Touch | None = None
        self._following = QTimer(widget, interval=_FRAME_MS)
        self._following.timeout.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether a button is down."""
        return self._takes is not None

    # -- presses

    def press(self, event: QMouseEvent) -> None:
        """A button went down; further ones are not heard until it is up."""
        if self._takes is None:
            self._begin(self._touch(event), event.button())

    def double(self, event: QMouseEvent) -> None:
        """A button went down twice."""
        if self._takes is not None:
            return
        touch = self._touch(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.space and not self._held(touch):
            self._takes = "hand"
            self.hand.double(touch)
        else:
            self._begin(touch, event.button())

    def move(self, event: QMouseEvent) -> Touch:
        """The pointer moved."""
        touch = self._touch(event)
        self._go(touch)
        return touch

    def release(self, event: QMouseEvent) -> None:
        """A button went up."""
        if not event.buttons():
            self._end(self._touch(event))

    def leave(self) -> None:
        """The pointer left the canvas."""
        if self._takes is None:
            self.hand.hover(None)

    def give_up(self) -> None:
        """Another picture, or another tool, in the middle of a press."""
        self._takes = None
        self._following.stop()

    def tablet(self, event: QTabletEvent) -> None:
        """A pen: as the mouse, with pressure."""
        event.accept()
        touch = self._placed(event.position(), event.modifiers(), max(event.pressure(), _LEAST_PRESSURE))
        if event.type() == QTabletEvent.Type.TabletPress:
            if self._takes is None:
                self._begin(touch, event.button())
        elif event.type() == QTabletEvent.Type.TabletRelease:
            self._end(touch)
        else:
            self._go(touch)

    def _begin(self, touch: Touch, button: Qt.MouseButton) -> None:
        if button == Qt.MouseButton.MiddleButton or self.space:
            self._takes = "pan"
            self._widget.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pan.press(touch)
        elif self._held(touch):
            self._takes = "divider"
            self._comparing.take_hold(touch.point)
        else:
            self._takes = "hand"
            if button == Qt.MouseButton.RightButton:
                touch = Touch(touch.place, touch.point, touch.shift, True, touch.pressure)
            if self.hand is self._pan:
                self._widget.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.hand.press(touch)

    def _go(self, touch: Touch) -> None:
        if self._takes == "hand":
            self.hand.drag(touch)
            self._last = touch
            if self.hand.leads and not self._following.isActive() and self._outside(touch):
                self._following.start()
        elif self._takes == "pan":
            self._pan.drag(touch)
        elif self._takes == "divider":
            self._comparing.drag_to(touch.point)
        else:
            shape = self.hand.hover(touch)
            if self.space:
                shape = Qt.CursorShape.OpenHandCursor
            elif self._held(touch):
                shape = Qt.CursorShape.SplitHCursor
                self.hand.hover(None)
            self._widget.setCursor(shape)

    def _outside(self, touch: Touch) -> bool:
        room = self._desk.stage.room
        return not (0 <= touch.point.x() < room.width() and 0 <= touch.point.y() < room.height())

    def _follow(self) -> None:
        """A drag has left the view: it goes there, and the drag goes on."""
        touch, stage = self._last, self._desk.stage
        if self._takes != "hand" or touch is None or not self._outside(touch):
            self._following.stop()
            return
        view = stage.view.towards(touch.point, round(_FASTEST * stage.ratio))
        if view != stage.view:
            stage.look_from(view)
            self._last = replace(touch, place=stage.to_picture(touch.point))
            self.hand.drag(self._last)

    def _end(self, touch: Touch) -> None:
        self._following.stop()
        takes, self._takes = self._takes, None
        if takes == "hand":
            self.hand.release(touch)
        if takes is not None:
            self._go(touch)

    def _held(self, touch: Touch) -> bool:
        return self._comparing.holds(touch.point)

    def _touch(self, event: QMouseEvent) -> Touch:
        return self._placed(event.position(), event.modifiers(), 1.0)

    def _placed(self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float) -> Touch:
        point = position * self._desk.stage.ratio
        # Alt alone moves windows on many desktops: Ctrl does the same.
        alt = modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier)
        return Touch(
            self._desk.stage.to_picture(point),
            point,
            bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            bool(alt),
            pressure,
        )

    # -- scrolling and zooming

    def wheel(self, event: QWheelEvent) -> None:
        """Ctrl zooms at the pointer, Alt sizes the brush; else it scrolls, with Shift sideways."""
        event.accept()
        stage = self._desk.stage
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = (angle.y() or angle.x()) / _NOTCH
            self.zoom_by(2 ** (turned / _ZOOM_NOTCHES), event.position())
            return
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            # Qt gives the turn of a wheel with Alt as one to the side.
            self._turned += angle.y() or angle.x()
            steps = int(self._turned / _NOTCH)
            self._turned -= steps * _NOTCH
            if steps:
                self._desk.brush_stepped.emit(steps)
            return
        if not pixels.isNull():
            dx, dy = float(pixels.x()), float(pixels.y())
        else:
            dx, dy = angle.x() * _SCROLLED / _NOTCH, angle.y() * _SCROLLED / _NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
            dx, dy = dy, 0.0
        stage.look_from(stage.view.panned(round(dx * stage.ratio), round(dy * stage.ratio)))

    def pinch(self, event: QNativeGestureEvent) -> bool:
        """Two fingers on a touchpad; False for another gesture."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self.zoom_by(max(1 + event.value(), 0.1), event.position())
        return True

    def zoom_by(self, factor: float, position: QPointF) -> None:
        """Zoom; what is under a place of the widget stays there."""
        stage = self._desk.stage
        if stage.after is None:
            return
        before = stage.view.zoom
        after = before * factor
        # On the way past 100 % one stops there.
        zoom = 1.0 if min(before, after) < 1.0 < max(before, after) else after
        seen = stage.view.to_room(stage.to_picture(position * stage.ratio))
        stage.look_from(stage.view.zoomed(zoom, seen))
