"""The log's rows for Qt: what is new comes in at the top, and what is chosen stays chosen."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from aiproxy_desktop.services.local_api.values import ApiRequest
from aiproxy_desktop.ui.settings.api.words import RequestRow, request_row, took
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import plain_tooltip

Index: TypeAlias = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()
_MOST_SAID = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its width in logical pixels, 0 for `share` parts of what is left."""

    id: Literal["time", "client", "asked", "tokens", "cost", "took", "status"]
    title: Callable[[], str]
    width: int
    figure: bool = False
    share: int = 0

    def text(self, row: RequestRow) -> str:
        """What a row has in it."""
        return str(getattr(row, self.id))


COLUMNS: tuple[Column, ...] = (
    Column("time", lambda: tr("Time"), 84),
    Column("client", lambda: tr("Client"), 0, share=5),
    Column("asked", lambda: tr("Model"), 0, share=7),
    Column("tokens", lambda: tr("Tokens in / out"), 124, figure=True),
    Column("cost", lambda: tr("Cost"), 88, figure=True),
    Column("took", lambda: tr("Took"), 84, figure=True),
    Column("status", lambda: tr("Status"), 108),
)


class LogModel(QAbstractTableModel):
    """Requests, put into words when they are looked at: of hundreds only a few are in sight."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.requests: Sequence[ApiRequest] = ()
        self._said: dict[int, tuple[ApiRequest, RequestRow]] = {}

    def row(self, place: int) -> RequestRow:
        """A request in words, put into them once; of one that runs the time goes on."""
        request = self.requests[place]
        known = self._said.get(request.number)
        if known is not None and known[0] is request:
            return replace(known[1], took=took(request)) if known[1].running else known[1]
        if len(self._said) > _MOST_SAID:
            self._said.clear()
        said = request_row(request)
        self._said[request.number] = request, said
        return said

    def show(self, requests: Sequence[ApiRequest]) -> int:
        """Show other requests, the newest first.

        Returns:
            how many came in at the top.
        """
        newest = self.requests[0].number if self.requests else 0
        came = next((at for at, one in enumerate(requests) if one.number <= newest), len(requests))
        self._remove_all_but({one.number for one in requests[came:]})
        former = self.requests
        if came:
            self.beginInsertRows(QModelIndex(), 0, came - 1)
            self.requests = [*requests[:came], *former]
            self.endInsertRows()
        changed = [
            place
            for place, old in enumerate(former, came)
            if requests[place] is not old or old.seconds is None
        ]
        self.requests = requests
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(COLUMNS) - 1))
        return came

    def _remove_all_but(self, kept: Container[int]) -> None:
        """Let go of what the log no longer has, wherever it stood: the oldest, or one refused too often."""
        end = len(self.requests)
        while end:
            if self.requests[end - 1].number in kept:
                end -= 1
                continue
            start = end - 1
            while start and self.requests[start - 1].number not in kept:
                start -= 1
            self.beginRemoveRows(QModelIndex(), start, end - 1)
            self.requests = [*self.requests[:start], *self.requests[end:]]
            self.endRemoveRows()
            end = start

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.requests)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = COLUMNS[index.column()], self.row(index.row())
        text = column.text(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title()}: {text or tr('none')}"
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
