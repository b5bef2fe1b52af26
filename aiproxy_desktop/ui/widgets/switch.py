"""A switch: on or off, in force at once."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import rounded

_WIDTH, _HEIGHT, _KNOB = 32, 20, 12


class Switch(PaintedButton):
    """A checkable button that looks like a switch. What it switches stands in a label beside it."""

    focus_radius = _HEIGHT // 2

    def __init__(
        self, themes: ThemeController, *, name: str, accessible_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "", name=name, accessible_name=accessible_name, parent=parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_on(self, on: bool) -> None:
        """Show a state without emitting."""
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, on = self.theme, self.isChecked()
        painter = QPainter(self)
        box = QRectF(0, (self.height() - _HEIGHT) / 2, _WIDTH, _HEIGHT)
        if not self.isEnabled():
            fill, edge, knob = theme.surface, theme.border, theme.border_strong
        elif on:
            fill = theme.accent_hover if self.underMouse() else theme.accent
            edge, knob = fill, theme.accent_text
        else:
            fill, edge = theme.surface_raised, theme.border_control
            knob = theme.border_control
        rounded(painter, box, _HEIGHT / 2, fill, edge)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(knob))
        at_end = on == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
        inset = (_HEIGHT - _KNOB) / 2
        left = box.right() - inset - _KNOB if at_end else box.left() + inset
        painter.drawEllipse(QRectF(left, box.top() + inset, _KNOB, _KNOB))
