"""A layout whose items stand side by side and go on in the next line where there is no more room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QStyle, QWidget


class FlowLayout(QLayout):
    """Left to right, or the other way where text goes so; each line as high as its highest item."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, fill: bool = False) -> None:
        """Make it for a widget.

        Args:
            parent: laid out by it.
            gap: between items and between lines, px.
            fill: whether the items of a line share all of its width.
        """
        super().__init__(parent)
        self._fill = fill
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(QMargins(0, 0, 0, 0))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def empty(self) -> list[QWidget]:
        """Take out all widgets, which are deleted; what they were."""
        gone = [widget for item in self._items if (widget := item.widget()) is not None]
        self._items.clear()
        for widget in gone:
            widget.hide()
            widget.deleteLater()
        return gone

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._flow(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._flow(area, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        around = self.contentsMargins()
        return size + QSize(around.left() + around.right(), around.top() + around.bottom())

    def _flow(self, area: QRect, *, place: bool) -> int:
        """Put the items where they belong; the height that takes."""
        inner = area.marginsRemoved(self.contentsMargins())
        top = inner.top()
        for line in self._lines(inner.width()):
            height = max(size.height() for _item, size in line)
            if place:
                self._place(line, QRect(inner.left(), top, inner.width(), height))
            top += height + self._gap
        empty = top == inner.top()
        return top - (0 if empty else self._gap) - area.top() + self.contentsMargins().bottom()

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Which items stand side by side."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        taken = 0
        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = item.sizeHint()
            if not lines or taken + size.width() > width:
                lines.append([])
                taken = 0
            lines[-1].append((item, size))
            taken += size.width() + self._gap
        return lines

    def _widths(self, line: list[tuple[QLayoutItem, QSize]], room: int) -> list[int]:
        """How wide each item of a line is: as it wishes, or alike where that fills the line and is enough."""
        wished = [min(size.width(), room) for _item, size in line]
        if not self._fill:
            return wished
        room -= self._gap * (len(line) - 1)
        alike = [room * (place + 1) // len(line) - room * place // len(line) for place in range(len(line))]
        if max(wished) <= min(alike):
            return alike
        rest = max(room - sum(wished), 0)
        return [*wished[:-1], wished[-1] + rest]

    def _place(self, line: list[tuple[QLayoutItem, QSize]], area: QRect) -> None:
        """Side by side, in the middle of the line's height."""
        parent = self.parentWidget()
        direction = Qt.LayoutDirection.LeftToRight if parent is None else parent.layoutDirection()
        at = area.left()
        for (item, size), width in zip(line, self._widths(line, area.width()), strict=True):
            box = QRect(at, area.top() + (area.height() - size.height()) // 2, width, size.height())
            item.setGeometry(QStyle.visualRect(direction, area, box))
            at += width + self._gap


def flowing(widgets: Sequence[QWidget], *, gap: int = 8, fill: bool = False) -> QWidget:
    """A widget in which these flow, as high as they need."""
    around = QWidget()
    layout = FlowLayout(around, gap=gap, fill=fill)
    for widget in widgets:
        layout.addWidget(widget)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    around.setSizePolicy(policy)
    return around
