"""The slider between two pictures, and the words on each."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPixmap

from aiproxy_desktop.ui.images.canvas.hands.marks import draw_label, elided, label_size
from aiproxy_desktop.ui.images.canvas.panes import divider_x
from aiproxy_desktop.ui.images.canvas.stage import Stage
from aiproxy_desktop.ui.images.canvas.tools import Difference
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr, tr_count

_RADIUS: Final = 15
_REACH: Final = 6
_GAP: Final = 12
_KEYS: Final[dict[int, int]] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Comparing:
    """Draws what belongs to a comparison over the pictures, and moves the slider."""

    def __init__(self, themes: ThemeController, stage: Stage) -> None:
        self._themes = themes
        self._stage = stage
        self.before_name = ""
        self.after_name = ""
        self.found: Difference | None = None
        self.given = False
        self._grip = 0.0

    def forget(self) -> None:
        """The pictures are others."""
        self.found = None
        self.given = False

    # -- the slider

    def holds(self, point: QPointF) -> bool:
        """Whether a point is on the slider's handle or its line."""
        stage = self._stage
        if stage.mode != "slider" or stage.after is None:
            return False
        gap = point - self._handle()
        if abs(gap.x()) <= _RADIUS * stage.ratio and abs(gap.y()) <= _RADIUS * stage.ratio:
            return True
        seen = self._seen()
        return abs(gap.x()) <= _REACH * stage.ratio and seen.top() <= point.y() <= seen.bottom()

    def take_hold(self, point: QPointF) -> None:
        """The slider is pressed."""
        self._grip = point.x() - self._handle().x()

    def drag_to(self, point: QPointF) -> None:
        """The slider is dragged."""
        placed = self._stage.view.placed
        self._stage.set_divider((point.x() - self._grip - placed.left()) / max(placed.width(), 1.0))

    def key(self, event: QKeyEvent) -> bool:
        """Arrows (Shift: further), Home and End move the slider; False for any other key."""
        stage = self._stage
        if stage.mode != "slider":
            return False
        direction = _KEYS.get(event.key())
        if direction is not None:
            further = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            stage.set_divider(stage.divider + direction * (0.1 if further else 0.01))
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            stage.set_divider(0.0 if event.key() == Qt.Key.Key_Home else 1.0)
        else:
            return False
        return True

    # -- drawing

    def paint(self, painter: QPainter) -> None:
        """Draw over everything else, in device pixels."""
        stage = self._stage
        if stage.after is None:
            return
        if stage.mode == "slider":
            self._paint_slider(painter)
        elif stage.mode == "side_by_side":
            self._paint_sides(painter)
        elif stage.mode == "difference":
            seen, ratio = self._seen(), stage.ratio
            text = tr("Difference") if self.given else difference_words(self.found)
            _, height = label_size(text, ratio)
            place = QPointF(seen.left() + _GAP * ratio, seen.bottom() - height - _GAP * ratio)
            draw_label(painter, text, place, ratio)
        if stage.mode != "difference" and stage.look.protected and self.found is not None:
            self._paint_proof(painter, self.found)

    def _paint_proof(self, painter: QPainter, found: Difference) -> None:
        if found.outside is None:
            return
        text = (
            tr_count(
                "{n} pixel outside the mask has changed",
                "{n} pixels outside the mask have changed",
                found.outside,
            )
            if found.outside
            else tr("No pixel outside the mask has changed")
        )
        gap = _GAP * self._stage.ratio
        draw_label(painter, text, self._seen().topLeft() + QPointF(gap, gap), self._stage.ratio)

    def _paint_slider(self, painter: QPainter) -> None:
        stage, ratio, seen = self._stage, self._stage.ratio, self._seen()
        handle = self._handle()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for thick, colour in ((4, QColor(16, 16, 16, 70)), (2, QColor(255, 255, 255))):
            painter.setPen(QPen(colour, thick * ratio, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(QPointF(handle.x(), seen.top()), QPointF(handle.x(), seen.bottom() + 1))
        painter.setPen(QPen(QColor(16, 16, 16, 70), ratio))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(handle, _RADIUS * ratio, _RADIUS * ratio)
        glyph = _glyph(round(16 * ratio))
        painter.drawPixmap(
            QPointF(handle.x() - glyph.width() / 2, handle.y() - glyph.height() / 2).toPoint(), glyph
        )
        for name, before in ((self._before(), True), (self.after_name or tr("After"), False)):
            gap = _GAP * ratio
            room = (handle.x() - seen.left() if before else seen.right() - handle.x()) - 2 * gap
            text = elided(name, room, ratio)
            width, height = label_size(text, ratio)
            top = seen.bottom() - height - gap
            left = handle.x() - width - gap if before else handle.x() + gap
            if text and stage.view.placed.height() > 3 * height:
                draw_label(painter, text, QPointF(left, top), ratio)

    def _paint_sides(self, painter: QPainter) -> None:
        stage, ratio = self._stage, self._stage.ratio
        first, second = stage.panes
        gap = QRect(
            first.clip.right() + 1, 0, second.clip.left() - first.clip.right() - 1, stage.room.height()
        )
        painter.fillRect(gap, QColor(self._themes.theme.border))
        for pane, name in ((first, self._before()), (second, self.after_name or tr("After"))):
            placed = stage.view.placed.toAlignedRect().translated(pane.origin, 0) & pane.clip
            _, height = label_size(name, ratio)
            place = QPointF(placed.left() + _GAP * ratio, placed.bottom() - height - _GAP * ratio)
            text = elided(name, placed.width() - 2 * _GAP * ratio, ratio)
            if text:
                draw_label(painter, text, place, ratio)

    def _before(self) -> str:
        name = self.before_name or tr("Before")
        before, after = self._stage.before, self._stage.after
        if before is None or after is None or before.size == after.size:
            return name
        return tr(
            "{name} ({width} × {height} px, scaled)",
            name=name,
            width=f"{before.size.width():,}",
            height=f"{before.size.height():,}",
        )

    def _seen(self) -> QRectF:
        """What of the picture is in the room."""
        room = QRectF(0, 0, self._stage.room.width(), self._stage.room.height())
        return self._stage.view.placed.intersected(room)

    def _handle(self) -> QPointF:
        stage, seen = self._stage, self._seen()
        x = divider_x(stage.view, stage.divider, stage.room.width())
        return QPointF(x, round(seen.top() + seen.height() * 0.56))


def difference_words(found: Difference | None) -> str:
    """What a comparison found, in a sentence."""
    if found is None:
        return tr("Comparing…")
    if not found.pixels:
        return tr("No pixel differs")
    share = 100 * found.pixels / max(found.of, 1)
    words = (
        tr("Less than 0.1 % of the pixels differ")
        if share < 0.1
        else tr("{share} % of the pixels differ", share=f"{share:.1f}")
    )
    if found.outside is None:
        return words
    if found.outside:
        where = tr_count("{n} outside the mask", "{n} outside the mask", found.outside)
    else:
        where = tr("none outside the mask")
    return tr("{words}, {where}", words=words, where=where)


def _glyph(side: int) -> QPixmap:
    return icon_pixmap("swap", "#1C1B19", side)
