"""The rows of the conversation list as a Qt model: group labels and conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from aiproxy_desktop.ui.translation import tr

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a row knows beside its text."""

    CONVERSATION = Qt.ItemDataRole.UserRole + 1  # id, or None for a group label
    CURRENT = Qt.ItemDataRole.UserRole + 2
    STREAMING = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: a group label where `conversation_id` is None."""

    title: str
    conversation_id: str | None = None
    current: bool = False
    streaming: bool = False
    shelf: tuple[str, ...] = ()  # where it is kept, in words: pinned, archived

    @property
    def key(self) -> tuple[str | None, str]:
        """What makes it the same row although its looks changed."""
        return (self.conversation_id, "" if self.conversation_id else self.title)


class ConversationListModel(QAbstractListModel):
    """Rows as they are given; a change touches only the rows between the first and last difference.

    Scroll position, focus and an open editor survive wherever their row does.
    """

    rename_requested = Signal(str, str)
    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ListRow] = []
        self._more = False

    @property
    def rows(self) -> tuple[ListRow, ...]:
        """All rows, as shown."""
        return tuple(self._rows)

    def show(self, rows: Sequence[ListRow], *, more: bool) -> None:
        """Show these rows; `more` says that storage holds further ones."""
        self._more = more
        before, after = [row.key for row in self._rows], [row.key for row in rows]
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        nowhere = QModelIndex()
        if head + tail < len(before):
            self.beginRemoveRows(nowhere, head, len(before) - tail - 1)
            del self._rows[head : len(before) - tail]
            self.endRemoveRows()
        if head + tail < len(after):
            self.beginInsertRows(nowhere, head, len(after) - tail - 1)
            self._rows[head:head] = rows[head : len(after) - tail]
            self.endInsertRows()
        for position, row in enumerate(rows):
            if self._rows[position] != row:
                self._rows[position] = row
                index = self.index(position)
                self.dataChanged.emit(index, index)

    def index_of(self, conversation_id: str | None) -> QModelIndex:
        """Where a conversation stands; an invalid index when it is not shown."""
        for position, row in enumerate(self._rows):
            if conversation_id is not None and row.conversation_id == conversation_id:
                return self.index(position)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        reader = _READERS.get(role)
        return None if reader is None else reader(self._rows[index.row()])

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].conversation_id is None:
            return Qt.ItemFlag.NoItemFlags  # arrows step over a group label
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row = self._rows[index.row()]
        title = " ".join(str(value).split())
        if row.conversation_id is None or not title or title == row.title:
            return False
        self.rename_requested.emit(row.conversation_id, title)
        return True

    def canFetchMore(self, parent: Index) -> bool:
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._more = False  # asked once; `show` says whether there is still more
            self.more_wanted.emit()


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))


def _spoken(row: ListRow) -> str:
    return ", ".join([row.title, *row.shelf, *([tr("answering")] if row.streaming else [])])


_READERS: dict[int, Callable[[ListRow], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda row: row.title,
    Qt.ItemDataRole.EditRole: lambda row: row.title,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    Role.CONVERSATION: lambda row: row.conversation_id,
    Role.CURRENT: lambda row: row.current,
    Role.STREAMING: lambda row: row.streaming,
}
