"""Cropping."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from aiproxy_desktop.ui.images.canvas.frames import crop_frame
from aiproxy_desktop.ui.images.canvas.hands.base import Touch
from aiproxy_desktop.ui.images.canvas.hands.frame import FrameHand


class CropHand(FrameHand):
    """What to keep of the picture."""

    tool = "crop"

    def take_up(self) -> None:
        picture = self.stage.view.picture_rect
        self._put(crop_frame(picture, picture))

    def set_box(self, box: QRect) -> None:
        """Put the frame there."""
        if self.frame is not None:
            self._put(self.frame.around(box))

    def press(self, touch: Touch) -> None:
        super().press(touch)
        picture = self.stage.view.picture_rect
        if self.frame is not None and (
            self._held is None or (self._held == "inside" and self.frame.box == picture)
        ):
            # A new frame, drawn from here.
            x, y = int(touch.place.x() // 1), int(touch.place.y() // 1)
            begun = QRect(min(max(x, 0), picture.right()), min(max(y, 0), picture.bottom()), 1, 1)
            self._from = (crop_frame(begun, picture), touch.place)
            self._held = "right_bottom"

    def drag(self, touch: Touch) -> None:
        if self._from is not None and self._from[0].box.width() == 1 and self._held == "right_bottom":
            began = self._from[1]
            box = QRectF(began, touch.place).normalized().toAlignedRect()
            if box.width() * self.stage.view.zoom > 3 and box.height() * self.stage.view.zoom > 3:
                self._put(self._from[0].around(box))
            return
        super().drag(touch)

    def cancel(self) -> bool:
        picture = self.stage.view.picture_rect
        if self.frame is None or self.frame.box == picture:
            return False
        self._put(crop_frame(picture, picture))
        return True

    def apply(self) -> None:
        if self.frame is not None and self.frame.box != self.stage.view.picture_rect:
            self.desk.crop_wanted.emit(self.frame.box)

    def paint_around(self, painter: QPainter, box: QRectF) -> None:
        outside = QPainterPath()
        outside.addRect(QRectF(self.stage.in_room(QRectF(self.stage.view.picture_rect))[0].toRect()))
        outside.addRect(box)
        painter.fillPath(outside, QColor(0, 0, 0, 130))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for third in (1, 2):
            x = round(box.left() + box.width() * third / 3)
            y = round(box.top() + box.height() * third / 3)
            for shift, colour in ((1, QColor(0, 0, 0, 70)), (0, QColor(255, 255, 255, 120))):
                painter.setPen(QPen(colour, 1))
                painter.drawLine(x + shift, round(box.top()), x + shift, round(box.bottom()))
                painter.drawLine(round(box.left()), y + shift, round(box.right()), y + shift)
