"""A filter as a chip: a chevron while it is off; on, it wears the accent, holds its value and a cross."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_PAD = 10
_ICON = 16
_GAP = 4
_MOST_TEXT = 180


class FilterChip(PaintedButton):
    """Emits `clicked` to be opened, and `cleared` when its cross, Delete or Backspace is pressed."""

    cleared = Signal()
    focus_radius = RADIUS.m

    def __init__(
        self, themes: ThemeController, title: str, *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, title, name=name, parent=parent)
        self._title = title
        self._on = False
        self._whole = title
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def on(self) -> bool:
        """Whether it holds a value."""
        return self._on

    def set_value(self, value: str) -> None:
        """Hold a value in words, such as `Capability: tools`; empty means off."""
        self._on, self._whole = bool(value), value or self._title
        metrics = self.fontMetrics()
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, _MOST_TEXT)
        self.setText(shown)
        set_tooltip(self, self._whole if shown != self._whole else "")
        self.setAccessibleName(self._whole)
        self.setAccessibleDescription(tr("Press Delete to clear it") if self._on else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = 2 * _PAD + self.fontMetrics().horizontalAdvance(self.text()) + _GAP + _ICON - 3
        return QSize(width, CONTROL.height_compact)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._on and inside and self._cross().contains(event.position().toPoint()):
            self.setDown(False)
            self.cleared.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._on and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.cleared.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        pointed = self.underMouse()
        if self._on:
            fill, edge, ink = theme.accent_soft, theme.accent_border, theme.accent_ink
        else:
            fill = theme.mixed.surface_raised_hover if pointed else theme.surface_raised
            edge, ink = theme.border_control if pointed else theme.border_strong, theme.text_secondary
        rounded(painter, QRectF(self.rect()), RADIUS.m, fill, edge)
        painter.setPen(ink if self._on else theme.text)
        painter.setFont(self.font())
        box = mirrored(self, self.rect().adjusted(_PAD, 0, -_PAD - _ICON, 0))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        icon = icon_pixmap("close" if self._on else "chev-down", ink, _ICON, self.devicePixelRatioF())
        place = QRect(self.width() - _ICON - _PAD + 3, (self.height() - _ICON) // 2, _ICON, _ICON)
        painter.drawPixmap(mirrored(self, place).topLeft(), icon)

    def _cross(self) -> QRect:
        side = self.height()
        return mirrored(self, QRect(self.width() - side, 0, side, side))
