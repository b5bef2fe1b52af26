"""A text of many lines: its first one, and the whole in place when it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.details.groups import LongText
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.text_area import TextArea

_MOST_LINES = 14


class _Whole(TextArea):
    """The text as it is, to be read, selected and copied; as high as it needs to be, within reason."""

    def __init__(self, text: str, *, name: str, accessible_name: str) -> None:
        super().__init__(name=name, accessible_name=accessible_name, lines=_MOST_LINES)
        self.setFont(font("code"))
        self.setReadOnly(True)
        self.setPlainText(text)

    def sizeHint(self) -> QSize:
        lines = min(max(self.blockCount(), 3), _MOST_LINES)
        return QSize(200, lines * self.fontMetrics().lineSpacing() + 18)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        # What a field that only reads has no use for is the panel's (Esc).
        event.setAccepted(bool(event.isAccepted() and event.text() != "\x1b"))


class LongTextRow(QWidget):
    """Name and first line, with a button that shows the whole below them."""

    def __init__(self, themes: ThemeController, text: LongText, *, name: str) -> None:
        """Make it, closed; `name` is its objectName, `<name>.show` the button, `<name>.text` the whole."""
        super().__init__()
        self.setObjectName(name)
        self._text = text
        self._whole: _Whole | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Label(text.name, "body", "secondary"), 1)
        self.button = Button(themes, "", name=f"{name}.show", kind="link")
        head.addWidget(self.button)
        self._column.addLayout(head)
        self._first = ElidedLabel(text.first, "body")
        self._column.addWidget(self._first)
        self.setAccessibleName(f"{text.name}: {text.first}")
        self.button.setVisible(bool(text.whole))
        self.button.clicked.connect(lambda: self.set_open(not self.is_open))
        self._show_button()

    @property
    def is_open(self) -> bool:
        """Whether the whole is in sight."""
        return self._whole is not None and not self._whole.isHidden()

    def set_open(self, is_open: bool) -> None:
        """Show or hide the whole."""
        if is_open and self._whole is None:
            self._whole = _Whole(
                self._text.whole, name=f"{self.objectName()}.text", accessible_name=self._text.name
            )
            self._column.addWidget(self._whole)
        if self._whole is not None:
            self._whole.setVisible(is_open)
        self._first.setVisible(not is_open)
        self._show_button()

    def _show_button(self) -> None:
        self.button.set_label(tr("Hide") if self.is_open else tr("Show"))
        name = tr("Hide: {name}") if self.is_open else tr("Show: {name}")
        self.button.setAccessibleName(name.format_map({"name": self._text.name}))
