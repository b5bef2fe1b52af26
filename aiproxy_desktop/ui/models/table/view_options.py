"""How the table is shown, in a popover: what it is sorted by, and which columns there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.storage.model_settings import ColumnView
from aiproxy_desktop.ui.models.table.columns import BY_ID, COLUMNS
from aiproxy_desktop.ui.models.table.viewmodel import ModelTable
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.choice import Choice
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.ticks import ticks_for

_PAD = 8
# The star is how a line is marked and the name what it is about: both are always there.
_FIXED = {"star", "name"}


class ViewOptions(QWidget):
    """The content of the popover; what is chosen holds at once."""

    def __init__(
        self, themes: ThemeController, table: ModelTable, columns: Callable[[], Sequence[ColumnView]]
    ) -> None:
        """Make it; `columns` gives them as they stand in the table."""
        super().__init__()
        self._table = table
        self._columns = columns
        titles = [(column.id, column.title()) for column in COLUMNS]
        self._sort = Select(
            themes,
            BY_ID[table.view.sort].title() if table.view.sort in BY_ID else "",
            titles,
            name="models.view.sort",
            accessible_name=tr("Sort by"),
        )
        self._sort.set_value(table.view.sort)
        self._direction = Segmented(
            themes,
            [("up", tr("Ascending")), ("down", tr("Descending"))],
            name="models.view.direction",
            accessible_name=tr("Direction"),
        )
        self._direction.set_value("down" if table.view.descending else "up")
        shown = {column.id: column.shown for column in columns()}
        ticks = ticks_for(
            themes,
            [
                Choice(column_id, title, shown.get(column_id, True))
                for column_id, title in titles
                if column_id not in _FIXED
            ],
            self._show_column,
            name="models.view.columns",
            accessible_name=tr("Columns"),
        )
        self._lay_out(ticks)
        self._sort.chosen.connect(self._sort_by)
        self._direction.chosen.connect(lambda value: self._set_direction(value == "down"))

    def _lay_out(self, ticks: QWidget) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(_PAD, _PAD, _PAD, _PAD))
        column.setSpacing(_PAD)
        line = QHBoxLayout()
        line.setSpacing(_PAD)
        line.addWidget(Label(tr("Sort by"), "body", "secondary"), 1)
        line.addWidget(self._sort)
        column.addLayout(line)
        column.addWidget(self._direction)
        column.addWidget(Label(tr("Columns"), "meta", "secondary"))
        column.addWidget(ticks)

    def _sort_by(self, column: str) -> None:
        self._table.set_sort(column, descending=self._table.view.descending)

    def _set_direction(self, descending: bool) -> None:
        self._table.set_sort(self._table.view.sort, descending=descending)

    def _show_column(self, column: str, shown: bool) -> None:
        self._table.show_column(self._columns(), column, shown=shown)
