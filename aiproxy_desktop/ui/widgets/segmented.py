"""A segmented control: one of a few, all in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import rounded

_PAD = 14


class _Segment(PaintedButton):
    def __init__(self, themes: ThemeController, text: str, *, name: str, parent: QWidget) -> None:
        super().__init__(themes, text, name=name, parent=parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2 * _PAD, CONTROL.height_compact)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        if self.isChecked():
            rounded(painter, QRectF(self.rect()), RADIUS.s - 1, theme.surface_raised, theme.border_strong)
        elif (overlay := self.overlay()) is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s - 1, overlay)
        painter.setFont(font("body_medium" if self.isChecked() else "body"))
        painter.setPen(theme.text if self.isChecked() else theme.text_secondary)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QFrame):
    """Choose one of a few (value, label) options. Arrows move; Tab passes it in one step."""

    chosen = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        options: Sequence[tuple[str, str]],
        *,
        name: str,
        accessible_name: str,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make it; with `wide` it fills its column, its parts alike."""
        super().__init__(parent)
        self._themes = themes
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        across = QSizePolicy.Policy.Expanding if wide else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _Segment] = {}
        for value, label in options:
            button = _Segment(themes, label, name=f"{name}.{value}", parent=self)
            button.setAccessibleDescription(accessible_name)
            if wide:
                button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button, 1 if wide else 0)
        self._group.buttonToggled.connect(self._toggled)

    @property
    def value(self) -> str:
        """The value in force, empty while none is."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Show a value without emitting."""
        self._group.blockSignals(True)
        self._buttons[value].setChecked(True)
        self._group.blockSignals(False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.s + 1, theme.surface_sunken, theme.border)

    def _toggled(self, _button: QWidget, checked: bool) -> None:
        if checked:
            self.chosen.emit(self.value)
