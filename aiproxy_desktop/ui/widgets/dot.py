"""The dot beside a provider: filled = usable, ring = no key, red = broken."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import Theme

DotState = Literal["ready", "off", "broken", "busy", "live"]


def paint_dot(painter: QPainter, centre: QPointF, state: DotState, theme: Theme) -> None:
    """Paint the dot, 8 px across, for delegates too."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = {"off": theme.border_control, "busy": theme.text_muted}.get(state)
    if ring is not None:
        painter.setPen(QPen(QColor(ring), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 3.4, 3.4)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    colours = {"ready": theme.success, "broken": theme.danger, "live": theme.accent}
    painter.setBrush(QColor(colours[state]))
    painter.drawEllipse(centre, 4, 4)


class Dot(QWidget):
    """The dot as a widget. Its meaning always stands in words beside it."""

    def __init__(
        self, themes: ThemeController, state: DotState = "off", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._state: DotState = state
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_state(self, state: DotState) -> None:
        """Show another state."""
        self._state = state
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(8, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        centre = QPointF(self.width() / 2, self.height() / 2)
        paint_dot(QPainter(self), centre, self._state, self._themes.theme)
