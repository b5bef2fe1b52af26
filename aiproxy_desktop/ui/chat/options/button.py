"""The button that opens the options; a dot says that some are set, and how many is said to screen readers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button


class OptionsButton(Button):
    """Options, quiet."""

    def __init__(self, themes: ThemeController, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(themes, tr("Options"), name=name, kind="quiet", icon="options", parent=parent)
        self._count = 0

    def show_count(self, count: int) -> None:
        """Say how many options are set."""
        self._count = count
        spoken = tr_count("Options, {n} set", "Options, {n} set", count) if count else tr("Options")
        self.setAccessibleName(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._count:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.accent))
            # At the icon's upper end corner.
            painter.drawEllipse(QPointF(26, self.height() / 2 - 6), 3, 3)
