"""The rows for Qt: one reset a change, which costs less than telling what moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from aiproxy_desktop.ui.models.table.columns import COLUMNS, Column
from aiproxy_desktop.ui.models.table.rows import Row
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()


def _tooltip(row: Row, column: Column) -> str:
    """What a cell has no room for: the whole name with its id, all a model can do, the whole of any word."""
    if column.id == "name":
        name = row.model.display_name
        return name if name == row.model.id else f"{name}\n{row.model.id}"
    return column.text(row) if column.look in {"text", "capabilities"} else ""


def _spoken(row: Row, column: Column) -> str:
    """A cell read out, which is never a blank."""
    absent = {"star": tr("No"), "lifecycle": tr("No date given")}.get(column.id, tr("Unknown"))
    text = tr("Yes") if column.id == "star" and row.favourite else column.text(row)
    titles = {"input": tr("Price in, $ a million"), "output": tr("Price out, $ a million")}
    return f"{titles.get(column.id) or column.title()}: {text or absent}"


class TableModel(QAbstractTableModel):
    """A list of rows. The delegate reads `rows` itself; what is asked for here is for screen readers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = COLUMNS[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(_tooltip(row, column))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        }:
            return COLUMNS[section].title()
        return None

    def place_of(self, reference: str) -> int | None:
        """The line of a model."""
        return next((place for place, row in enumerate(self.rows) if row.reference == reference), None)
