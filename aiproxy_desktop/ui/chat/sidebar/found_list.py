"""What a search found, as a Qt model: titles, then messages, each kind under a label."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import IntEnum
from typing import TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Signal

from aiproxy_desktop.storage.search import Found, MessageHit, TitleHit
from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index
from aiproxy_desktop.ui.chat.sidebar.date_groups import short_date
from aiproxy_desktop.ui.translation import tr, tr_count

FoundRow: TypeAlias = str | TitleHit | MessageHit


class FoundRole(IntEnum):
    """What a row knows beside its text."""

    ROW = Qt.ItemDataRole.UserRole + 1  # FoundRow; a label is its text
    DATE = Qt.ItemDataRole.UserRole + 2  # as it is shown


class FoundListModel(QAbstractListModel):
    """Rows of one search."""

    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self._titles: tuple[TitleHit, ...] = ()
        self._messages: list[MessageHit] = []
        self._rows: list[FoundRow] = []
        self._more = False

    @property
    def rows(self) -> tuple[FoundRow, ...]:
        """All rows, as shown."""
        return tuple(self._rows)

    def clear(self) -> None:
        """Show nothing."""
        self.show(Found())

    def show(self, found: Found) -> None:
        """Show the first page of a search."""
        self.beginResetModel()
        self._titles, self._messages = found.titles, list(found.messages)
        self._more = found.rest is not None
        self._rows = []
        if self._titles:
            self._rows += [tr_count("{n} title", "{n} titles", len(self._titles)), *self._titles]
        if self._messages:
            self._rows += [self._message_label(), *self._messages]
        self.endResetModel()

    def add(self, found: Found) -> None:
        """Show one more page."""
        self._more = found.rest is not None
        fresh: list[FoundRow] = list(found.messages)
        label = len(self._rows) - len(self._messages) - 1
        if fresh and not self._messages:
            fresh.insert(0, "")
            label = len(self._rows)
        self._messages += found.messages
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()
        if self._messages:
            self._rows[label] = self._message_label()
            self.dataChanged.emit(self.index(label), self.index(label))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == FoundRole.ROW:
            return row
        if role == FoundRole.DATE:
            return "" if isinstance(row, str) else short_date(_day(row.at), self._today())
        if role == Qt.ItemDataRole.DisplayRole:
            return row if isinstance(row, str) else _title(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row if isinstance(row, str) else self._spoken(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags  # arrows step over a label
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def canFetchMore(self, parent: Index) -> bool:
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._more = False  # asked once; the next page says whether there is still more
            self.more_wanted.emit()

    def _message_label(self) -> str:
        n = len(self._messages)
        if self._more:
            return tr("{n} messages and more", n=f"{n:,}")
        return tr_count("{n} message", "{n} messages", n)

    def _spoken(self, row: TitleHit | MessageHit) -> str:
        day = short_date(_day(row.at), self._today())
        parts = [_title(row), row.snippet.text if isinstance(row, MessageHit) else "", day]
        if row.archived:
            parts.append(tr("archived"))
        return ", ".join(part for part in parts if part)


def _title(row: TitleHit | MessageHit) -> str:
    return row.title.text if isinstance(row, TitleHit) else row.title


def _day(moment: datetime) -> date:
    return moment.astimezone().date()
