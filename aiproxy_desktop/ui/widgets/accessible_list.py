"""A painted list for screen readers: its first children are its rows, painted or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from aiproxy_desktop.ui.widgets.accessible_part import AccessiblePart


class AccessibleList(QAccessibleWidget):
    """The interface of a list; Qt owns it. Rows' interfaces are made when they are asked for.

    Args:
        area: the list.
        count: how many rows there are.
        make: the interface of a row, by its place.
    """

    def __init__(
        self, area: QWidget, count: Callable[[], int], make: Callable[[int], AccessiblePart[Any]]
    ) -> None:
        super().__init__(area, QAccessible.Role.List, area.accessibleName())
        self._count, self._make = count, make
        self._rows: dict[int, tuple[AccessiblePart[Any], int]] = {}

    def childCount(self) -> int:
        return self._count() + super().childCount()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # null in C++
        count = self._count()
        if index >= count:
            return super().child(index - count)
        if index < 0:
            return None
        known = self._rows.get(index)
        if known is None:
            made = self._make(index)
            known = made, QAccessible.registerAccessibleInterface(made)
            self._rows[index] = known
        return known[0]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, AccessiblePart):
            return child.place
        found = super().indexOfChild(child)
        return found if found < 0 else found + self._count()

    def forget(self) -> None:
        """Take back the rows' interfaces: there are other rows now, or none."""
        for _, number in self._rows.values():
            QAccessible.deleteAccessibleInterface(number)
        self._rows.clear()
