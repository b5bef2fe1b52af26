"""The grid for screen readers: a list whose children are its images, painted or not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from aiproxy_desktop.ui.images.gallery import words
from aiproxy_desktop.ui.widgets.accessible_part import AccessiblePart

if TYPE_CHECKING:
    from aiproxy_desktop.ui.images.gallery.grid import GalleryGrid


class CellInterface(AccessiblePart["GalleryGrid"]):
    """One cell."""

    def isValid(self) -> bool:
        return super().isValid() and self.place < len(self.owner.rows)

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid() or kind != QAccessible.Text.Name:
            return ""
        return words.spoken(self.owner.rows[self.place])

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        box = self.owner.cell_rect(self.place)
        return QRect(self.owner.viewport().mapToGlobal(QPoint(box.left(), box.top())), box.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
            return state
        row = self.owner.rows[self.place]
        state.focusable = state.selectable = state.multiSelectable = True
        state.selected = row.id in self.owner.selection.chosen
        state.focused = self.owner.hasFocus() and self.owner.selection.place == self.place
        state.offscreen = not self.owner.viewport().rect().intersects(self.owner.cell_rect(self.place))
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
