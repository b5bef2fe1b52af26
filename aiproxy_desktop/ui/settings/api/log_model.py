"""The log's rows for Qt: what is new comes in at the top, and what is chosen stays chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from aiproxy_desktop.ui.settings.api.words import RequestRow
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import plain_tooltip

Index: TypeAlias = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its width in logical pixels, 0 for `share` parts of what is left."""

    id: Literal["time", "client", "model", "tokens", "cost", "took", "status"]
    title: Callable[[], str]
    width: int
    figure: bool = False
    share: int = 0

    def text(self, row: RequestRow) -> str:
        """What a row has in it."""
        return str(getattr(row, self.id))


COLUMNS: tuple[Column, ...] = (
    Column("time", lambda: tr("Time"), 88),
    Column("client", lambda: tr("Client"), 0, share=2),
    Column("model", lambda: tr("Model"), 0, share=3),
    Column("tokens", lambda: tr("Tokens in / out"), 116, figure=True),
    Column("cost", lambda: tr("Cost"), 76, figure=True),
    Column("took", lambda: tr("Took"), 76, figure=True),
    Column("status", lambda: tr("Status"), 112),
)


class LogModel(QAbstractTableModel):
    """The delegate reads `rows` itself; what is asked for here is for screen readers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[RequestRow] = ()

    def show(self, rows: Sequence[RequestRow]) -> int:
        """Show other rows, the newest first.

        Returns:
            how many came in at the top.
        """
        former = [row.number for row in self.rows]
        numbers = [row.number for row in rows]
        newest = former[0] if former else 0
        came = sum(number > newest for number in numbers)
        stayed = len(numbers) - came
        if not former or numbers[came:] != former[:stayed]:
            # Some in the middle are gone: the log was cleared while one ran.
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return 0
        if stayed < len(former):
            self.beginRemoveRows(QModelIndex(), stayed, len(former) - 1)
            self.rows = self.rows[:stayed]
            self.endRemoveRows()
        if came:
            self.beginInsertRows(QModelIndex(), 0, came - 1)
            self.rows = [*rows[:came], *self.rows]
            self.endInsertRows()
        changed = [place for place in range(came, len(rows)) if rows[place] is not self.rows[place]]
        self.rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(COLUMNS) - 1))
        return came

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = COLUMNS[index.column()], self.rows[index.row()]
        text = column.text(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title()}: {text or tr('Unknown')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(text) if column.width == 0 else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        shown = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
        if orientation == Qt.Orientation.Horizontal and role in shown:
            return COLUMNS[section].title()
        return None
