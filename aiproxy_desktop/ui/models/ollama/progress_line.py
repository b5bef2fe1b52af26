"""A thin bar that fills up; without a known share it stays empty."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_HEIGHT = 4


class ProgressLine(QWidget):
    """4 pixels high, as wide as there is room."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._fraction = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_fraction(self, fraction: float | None) -> None:
        """From 0 to 1; None is unknown."""
        shown = min(1.0, max(0.0, fraction or 0.0))
        if shown != self._fraction:
            self._fraction = shown
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._themes.theme
        area = QRectF(self.rect())
        rounded(painter, area, _HEIGHT / 2, theme.border_strong)
        if self._fraction:
            filled = QRect(0, 0, max(_HEIGHT, round(self.width() * self._fraction)), self.height())
            rounded(painter, QRectF(mirrored(self, filled)), _HEIGHT / 2, theme.accent)
