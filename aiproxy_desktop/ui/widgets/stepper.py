"""A small whole number with a minus and a plus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSpinBox, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_BUTTON = 28
_INSET = 2


class Stepper(QSpinBox):
    """32 high; the number can be typed, stepped with the arrows, or pressed. Emits `valueChanged`."""

    def __init__(
        self,
        themes: ThemeController,
        *,
        name: str,
        accessible_name: str,
        least: int = 0,
        most: int = 99,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setFont(font("body", tabular=True))
        self.setFrame(False)
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setKeyboardTracking(False)
        edit = self.lineEdit()
        edit.setProperty("bare", True)
        edit.setObjectName(f"{name}.text")
        edit.setAccessibleName(accessible_name)
        self._fewer = self._button("minus", tr("Fewer"), f"{name}.fewer")
        self._more = self._button("plus", tr("More"), f"{name}.more")
        self._fewer.clicked.connect(self.stepDown)
        self._more.clicked.connect(self.stepUp)
        self.valueChanged.connect(self._changed)
        self.set_bounds(least, most)

    def set_bounds(self, least: int, most: int) -> None:
        """Between which numbers it steps."""
        self.setRange(least, most)
        self._changed()

    def set_number(self, number: int) -> None:
        """Show a number without emitting."""
        self.blockSignals(True)
        self.setValue(number)
        self.blockSignals(False)
        self._changed()

    def sizeHint(self) -> QSize:
        return QSize(108, CONTROL.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * (_BUTTON + _INSET) + 24, CONTROL.height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.LayoutDirectionChange, QEvent.Type.StyleChange}:
            self._place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The column around it scrolls; a number changes by wheel only for who is at it.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        if not self.isEnabled():
            rounded(painter, QRectF(self.rect()), RADIUS.s, theme.surface, theme.border)
        elif self.hasFocus():
            rounded(painter, QRectF(self.rect()), RADIUS.s, theme.surface_raised, theme.accent, 2)
        else:
            edge = theme.border_control if self.underMouse() else theme.border_strong
            rounded(painter, QRectF(self.rect()), RADIUS.s, theme.surface_raised, edge)

    def _button(self, icon: str, words: str, name: str) -> Button:
        button = Button(
            self._themes,
            name=name,
            kind="quiet",
            icon=icon,
            accessible_name=words,
            tooltip=words,
            parent=self,
        )
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        return button

    def _place(self) -> None:
        """The number between its buttons, whatever the style would do."""
        if not hasattr(self, "_more"):
            return  # still being made
        end = self.width() - _INSET - _BUTTON
        for button, left in ((self._fewer, _INSET), (self._more, end)):
            button.setGeometry(mirrored(self, QRect(left, _INSET, _BUTTON, self.height() - 2 * _INSET)))
        room = 2 * _INSET + _BUTTON
        self.lineEdit().setGeometry(QRect(room, (self.height() - 20) // 2, self.width() - 2 * room, 20))

    def _changed(self) -> None:
        self._fewer.setEnabled(self.value() > self.minimum())
        self._more.setEnabled(self.value() < self.maximum())
