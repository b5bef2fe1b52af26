"""The grid for screen readers: a list whose children are its images, painted or not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from aiproxy_desktop.ui.images.gallery import words

if TYPE_CHECKING:
    from aiproxy_desktop.ui.images.gallery.grid import GalleryGrid


class CellInterface(QAccessibleInterface):
    """One cell. It asks the grid each time, so it never grows old."""

    def __init__(self, grid: GalleryGrid, place: int) -> None:
        super().__init__()
        self._grid = grid
        self.place = place

    def isValid(self) -> bool:
        return shiboken6.isValid(self._grid) and self.place < len(self._grid.rows)

    def object(self) -> QObject | None:  # type: ignore[override]  # a part of a widget has none
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]  # none while it is not shown
        return self._grid.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._grid)

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

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid() or kind != QAccessible.Text.Name:
            return ""
        return words.spoken(self._grid.rows[self.place])

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Cells are not edited."""

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        box = self._grid.cell_rect(self.place)
        return QRect(self._grid.viewport().mapToGlobal(QPoint(box.left(), box.top())), box.size())

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
            return state
        row = self._grid.rows[self.place]
        state.focusable = state.selectable = state.multiSelectable = True
        state.selected = row.id in self._grid.selection.chosen
        state.focused = self._grid.hasFocus() and self._grid.selection.place == self.place
        state.offscreen = not self._grid.viewport().rect().intersects(self._grid.cell_rect(self.place))
        return state


class GridInterface(QAccessibleWidget):
    """The grid: its cells, then its scroll bar."""

    def __init__(self, grid: GalleryGrid) -> None:
        super().__init__(grid, QAccessible.Role.List, grid.accessibleName())
        self._grid = grid
        self._cells: dict[int, tuple[CellInterface, int]] = {}

    def childCount(self) -> int:
        return len(self._grid.rows) + super().childCount()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # null in C++
        count = len(self._grid.rows)
        if index >= count:
            return super().child(index - count)
        if index < 0:
            return None
        known = self._cells.get(index)
        if known is None:
            made = CellInterface(self._grid, index)
            known = made, QAccessible.registerAccessibleInterface(made)
            self._cells[index] = known
        return known[0]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, CellInterface):
            return child.place
        found = super().indexOfChild(child)
        return found if found < 0 else found + len(self._grid.rows)

    def forget(self) -> None:
        """Take back the cells' interfaces: others are shown now."""
        for _, number in self._cells.values():
            QAccessible.deleteAccessibleInterface(number)
        self._cells.clear()


class GridAccessibility:
    """Tells assistive technology where the keys are. Costs nothing while none listens."""

    def __init__(self, grid: GalleryGrid) -> None:
        self._grid = grid
        self._interface: GridInterface | None = None
        _install()

    def interface(self) -> GridInterface:
        """The grid's interface, made once. Qt owns it from then on."""
        if self._interface is None:
            self._interface = GridInterface(self._grid)
        return self._interface

    def reset(self) -> None:
        """Other images are shown."""
        if self._interface is not None:
            self._interface.forget()

    def focused(self, place: int) -> None:
        """The keys are on another cell."""
        if place >= 0 and QAccessible.isActive():
            event = QAccessibleEvent(self._grid, QAccessible.Event.Focus)
            event.setChild(place)
            QAccessible.updateAccessibility(event)


def _interface_for(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    from aiproxy_desktop.ui.images.gallery.grid import GalleryGrid

    return thing.accessibility.interface() if isinstance(thing, GalleryGrid) else None


@cache
def _install() -> None:
    # Once: Qt's list of factories is the whole process's.
    QAccessible.installFactory(_interface_for)
