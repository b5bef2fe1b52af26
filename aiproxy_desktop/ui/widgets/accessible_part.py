"""A part of a painted widget for screen readers: a row, a tile, a message."""

from __future__ import annotations

from typing import Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QWidget

Owner = TypeVar("Owner", bound=QWidget)


class AccessiblePart(QAccessibleInterface, Generic[Owner]):
    """One item of a list without parts of its own. It asks its widget each time, so it never grows old."""

    def __init__(self, owner: Owner, place: int) -> None:
        super().__init__()
        self.owner = owner
        self.place = place

    def isValid(self) -> bool:
        return shiboken6.isValid(self.owner)

    def object(self) -> QObject | None:  # type: ignore[override]  # a part of a widget has none
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]  # none while it is not shown
        return self.owner.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self.owner)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # null in C++
        del index
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # null in C++
        del x, y
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        del child
        return -1

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing here is edited."""

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem
