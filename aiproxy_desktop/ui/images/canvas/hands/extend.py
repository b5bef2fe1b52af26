"""Extending the picture beyond its edges."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from aiproxy_desktop.ui.images.canvas.frames import extend_frame, margins_of
from aiproxy_desktop.ui.images.canvas.hands.frame import FrameHand
from aiproxy_desktop.ui.images.canvas.hands.marks import draw_label, label_size, pen


class ExtendHand(FrameHand):
    """How far the picture is to grow."""

    tool = "extend"

    def take_up(self) -> None:
        self._put(extend_frame(self.stage.view.picture_rect))

    def set_margins(self, margins: tuple[int, int, int, int]) -> None:
        """Put the frame there."""
        if self.frame is not None:
            self._put(extend_frame(self.stage.view.picture_rect, margins))

    def cancel(self) -> bool:
        if self.frame is None or margins_of(self.frame) == (0, 0, 0, 0):
            return False
        self.take_up()
        return True

    def apply(self) -> None:
        if self.frame is not None and any(margins_of(self.frame)):
            self.desk.extend_wanted.emit(*margins_of(self.frame))

    def paint_around(self, painter: QPainter, box: QRectF) -> None:
        assert self.frame is not None
        inner = self.stage.in_room(QRectF(self.frame.least))[-1]
        added = QPainterPath()
        added.addRect(box)
        added.addRect(QRectF(inner.toRect()))
        theme, ratio = self.desk.themes.theme, self.stage.ratio
        painter.fillPath(added, QColor(theme.surface))
        painter.save()
        painter.setClipPath(added)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(QColor(theme.border_strong), 1, ratio))
        seen = box.intersected(QRectF(0, 0, self.stage.room.width(), self.stage.room.height()))
        step = 10 * ratio
        # Anchored in the picture, so that the lines stay where they are while the frame grows.
        start = inner.left() + inner.top()
        first = int((seen.left() + seen.top() - start) // step)
        last = int((seen.right() + seen.bottom() - start) // step) + 1
        for number in range(first, last):
            total = start + number * step
            painter.drawLine(
                QPointF(total - seen.top(), seen.top()), QPointF(total - seen.bottom(), seen.bottom())
            )
        painter.restore()
        self._paint_margins(painter, box, inner)

    def _paint_margins(self, painter: QPainter, box: QRectF, inner: QRectF) -> None:
        assert self.frame is not None
        left, top, right, bottom = margins_of(self.frame)
        ratio = self.stage.ratio
        # Beside the handles in the middle, not under them.
        beside_x, beside_y = inner.center().x() - 48 * ratio, inner.center().y() - 32 * ratio
        middles = (
            (left, QPointF((box.left() + inner.left()) / 2, beside_y)),
            (top, QPointF(beside_x, (box.top() + inner.top()) / 2)),
            (right, QPointF((box.right() + inner.right()) / 2, beside_y)),
            (bottom, QPointF(beside_x, (box.bottom() + inner.bottom()) / 2)),
        )
        for added, middle in middles:
            if added:
                text = f"+{added:,}"
                width, height = label_size(text, ratio)
                draw_label(painter, text, middle - QPointF(width / 2, height / 2), ratio)
