"""A field of several lines."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.fonts import font


class TextArea(QPlainTextEdit):
    """Plain text, `lines` high; Tab goes on to the next field."""

    def __init__(
        self,
        *,
        name: str,
        accessible_name: str,
        placeholder: str = "",
        lines: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setPlaceholderText(placeholder)
        self.setProperty("field", True)
        self.setFont(font("body"))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, self._lines * self.fontMetrics().lineSpacing() + 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def set_text(self, text: str) -> None:
        """Show another text, unless it is what stands there."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text())
