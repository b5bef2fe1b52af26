"""What a test sees of a window, and presses in it."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

W = TypeVar("W", bound=QWidget)


class Shown:
    """Whoever has a `window`."""

    window: QWidget

    def find(self, name: str, kind: type[W]) -> W:
        """The visible widget of this name."""
        return next(widget for widget in self.window.findChildren(kind, name) if widget.isVisible())

    def sees(self, name: str) -> bool:
        """Whether there is one."""
        return any(widget.isVisible() for widget in self.window.findChildren(QWidget, name))

    def says(self, text: str) -> bool:
        """Whether a visible label has this text in it."""
        return any(label.isVisible() and text in label.text() for label in self.window.findChildren(QLabel))

    def click(self, name: str) -> None:
        """Press a widget in its middle."""
        QTest.mouseClick(self.find(name, QWidget), Qt.MouseButton.LeftButton)
