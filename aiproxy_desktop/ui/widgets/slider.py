"""A slider from the tokens."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.painting import rounded

_KNOB = 14
_TRACK = 4
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


class Slider(QSlider):
    """Horizontal, in whole steps; a press on the track goes there at once."""

    def __init__(
        self, themes: ThemeController, *, name: str, accessible_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._themes = themes
        self._ringed = False
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 28)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ringed = event.reason() in _KEYBOARD
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ringed = False
        self.setSliderDown(True)
        self._go_to(event.position().x())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go_to(event.position().x())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, enabled = self._themes.theme, self.isEnabled()
        painter = QPainter(self)
        middle = self.height() / 2
        track = QRectF(_KNOB / 2, middle - _TRACK / 2, self.width() - _KNOB, _TRACK)
        rounded(painter, track, _TRACK / 2, theme.border_strong if enabled else theme.border)
        x = self._knob_x()
        if enabled:
            start = track.right() if self._mirrored() else track.left()
            done = QRectF(min(x, start), track.top(), abs(x - start), _TRACK)
            rounded(painter, done, _TRACK / 2, theme.accent)
        painter.setPen(QPen(QColor(theme.accent if enabled else theme.border_strong), 2))
        painter.setBrush(QColor(theme.surface_raised))
        painter.drawEllipse(QPointF(x, middle), _KNOB / 2 - 1, _KNOB / 2 - 1)
        if self.hasFocus() and self._ringed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, middle), _KNOB / 2 + 3, _KNOB / 2 + 3)

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _knob_x(self) -> float:
        share = (self.value() - self.minimum()) / max(self.maximum() - self.minimum(), 1)
        share = 1 - share if self._mirrored() else share
        return _KNOB / 2 + share * (self.width() - _KNOB)

    def _go_to(self, x: float) -> None:
        share = min(max((x - _KNOB / 2) / max(self.width() - _KNOB, 1), 0.0), 1.0)
        share = 1 - share if self._mirrored() else share
        self.setValue(self.minimum() + round(share * (self.maximum() - self.minimum())))
