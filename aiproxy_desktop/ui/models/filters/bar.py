"""The row above the table: a search field, the filters as chips, how many are left, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.models.filters import choices
from aiproxy_desktop.ui.models.filters.matching import filter_count
from aiproxy_desktop.ui.models.table.viewmodel import ModelTable
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.chip import FilterChip
from aiproxy_desktop.ui.widgets.choice import Choice
from aiproxy_desktop.ui.widgets.flow_layout import FlowLayout
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.text_field import TextField
from aiproxy_desktop.ui.widgets.ticks import rows_for, ticks_for

# Narrow and wide, and from which width of the bar on it is wide.
_SEARCH, _WIDE_SEARCH, _WIDE = 140, 240, 1040


class SearchField(TextField):
    """Down goes into the table, Esc empties the field."""

    left_downwards = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.left_downwards.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class FilterBar(QFrame):
    """Shows what the table's view-model holds, and passes on what is chosen.

    Signals:
        table_wanted(): the keys go into the table.
        view_wanted(QWidget): which columns and in what order, beside this button.
    """

    table_wanted = Signal()
    view_wanted = Signal(object)

    def __init__(self, themes: ThemeController, table: ModelTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._table = table
        self._popover: Popover | None = None
        self.setObjectName("models.filters")
        self.setAccessibleName(tr("Search and filters"))
        self.search = SearchField(
            themes, name="models.search", placeholder=tr("Search models"), icon="search"
        )
        self.search.setFixedWidth(_SEARCH)
        self._chips = {
            name: FilterChip(themes, title, name=f"models.filter.{name}") for name, title in _titles()
        }
        self.clear = Button(themes, tr("Clear all"), name="models.filter.clear", kind="quiet")
        self._count = Label("", "body", "muted", tabular=True)
        self._count.setObjectName("models.count")
        self.view_button = Button(themes, tr("View"), name="models.view", kind="quiet", icon="columns")
        self.view_button.setAccessibleName(tr("Columns and order"))
        self._lay_out()
        self._follow()
        self.show_view()
        self.show_count()

    def _lay_out(self) -> None:
        chips = QWidget()
        flow = FlowLayout(chips)
        for widget in (self.search, *self._chips.values(), self.clear):
            flow.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        chips.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(24, 10, 12, 10))
        row.setSpacing(8)
        row.addWidget(chips, 1)
        end = QHBoxLayout()
        end.setSpacing(8)
        end.addWidget(self._count)
        end.addWidget(self.view_button)
        beside = QWidget()
        beside.setLayout(end)
        end.setContentsMargins(0, 0, 0, 0)
        # Level with the first line, however many lines of chips there are.
        beside.setFixedHeight(self.search.sizeHint().height())
        row.addWidget(beside, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.search.setFixedWidth(_WIDE_SEARCH if self.width() >= _WIDE else _SEARCH)
        super().resizeEvent(event)

    def _follow(self) -> None:
        table = self._table
        self.search.textChanged.connect(table.search)
        self.search.left_downwards.connect(self.table_wanted)
        self.clear.clicked.connect(table.clear_filters)
        self.view_button.clicked.connect(lambda: self.view_wanted.emit(self.view_button))
        table.view_changed.connect(self.show_view)
        table.rows_changed.connect(self.show_count)
        openers: dict[str, Callable[[], QWidget]] = {
            "capability": self._capabilities,
            "provider": self._providers,
            "place": self._places,
            "context": self._contexts,
            "price": self._prices,
            "more": self._more,
        }
        nothing: dict[str, dict[str, object]] = {
            "capability": {"capabilities": ()},
            "provider": {"providers": ()},
            "place": {"places": ()},
            "context": {"min_context": 0},
            "price": {"max_price": None},
            "more": {"favourites": False, "not_retiring": False, "hidden": False},
        }
        for name, chip in self._chips.items():
            chip.clicked.connect(partial(self._open, chip, openers[name]))
            chip.cleared.connect(partial(self._table.set_filters, **nothing[name]))

    def show_view(self) -> None:
        """Show which filters are on."""
        view = self._table.view
        values = {
            "capability": choices.capability_value(view),
            "provider": choices.provider_value(view, self._table.states),
            "place": choices.place_value(view),
            "context": choices.context_value(view),
            "price": choices.price_value(view),
            "more": ", ".join(choice.words for choice in choices.more_choices(view) if choice.chosen),
        }
        for name, chip in self._chips.items():
            chip.set_value(values[name])
        self.clear.setVisible(filter_count(view) > 1)

    def show_count(self) -> None:
        """Show how many models are left of how many."""
        shown, total = len(self._table.rows), self._table.total
        if self._table.narrowed:
            text = tr("{shown} of {total}", shown=f"{shown:,}", total=f"{total:,}")
        else:
            text = tr_count("{n} model", "{n} models", total)
        self._count.setText(text)

    def focus_search(self) -> None:
        """Put the keys into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # What the chips open

    def _open(self, chip: FilterChip, make: Callable[[], QWidget]) -> None:
        if self._popover is not None:
            return
        self._popover = Popover(self._themes, chip, make(), name=f"{chip.objectName()}.popover")
        self._popover.closed.connect(self._closed)
        self._popover.open()

    def _closed(self) -> None:
        self._popover = None

    def _ticks(
        self, field: str, offered: Sequence[Choice], current: Callable[[], Sequence[str]], title: str
    ) -> QWidget:
        def change(value: str, _on: bool) -> None:
            self._table.set_filters(**{field: choices.toggled(current(), value)})

        return ticks_for(
            self._themes, offered, change, name=f"models.filter.{field}.choices", accessible_name=title
        )

    def _capabilities(self) -> QWidget:
        table = self._table
        offered = choices.capability_choices(table.view)
        return self._ticks("capabilities", offered, lambda: table.view.capabilities, tr("Capability"))

    def _providers(self) -> QWidget:
        table = self._table
        offered = choices.provider_choices(table.view, table.states)
        return self._ticks("providers", offered, lambda: table.view.providers, tr("Provider"))

    def _places(self) -> QWidget:
        table = self._table
        return self._ticks(
            "places", choices.place_choices(table.view), lambda: table.view.places, tr("Local or cloud")
        )

    def _contexts(self) -> QWidget:
        return self._one_of(
            "context",
            choices.context_choices(self._table.view),
            lambda value: self._table.set_filters(min_context=int(value)),
            tr("Context at least"),
        )

    def _prices(self) -> QWidget:
        return self._one_of(
            "price",
            choices.price_choices(self._table.view),
            lambda value: self._table.set_filters(max_price=float(value)),
            tr("Price of a million tokens written, at most"),
        )

    def _more(self) -> QWidget:
        return ticks_for(
            self._themes,
            choices.more_choices(self._table.view),
            lambda value, on: self._table.set_filters(**{value: on}),
            name="models.filter.more.choices",
            accessible_name=tr("More filters"),
        )

    def _one_of(
        self, name: str, offered: Sequence[Choice], take: Callable[[str], None], title: str
    ) -> QWidget:
        def picked(value: str) -> None:
            if self._popover is not None:
                self._popover.close_popover()
            take(value)

        return rows_for(
            self._themes, offered, picked, name=f"models.filter.{name}.choices", accessible_name=title
        )


def _titles() -> tuple[tuple[str, str], ...]:
    return (
        ("capability", tr("Capability")),
        ("provider", tr("Provider")),
        ("place", tr("Runs on")),
        ("context", tr("Context")),
        ("price", tr("Price")),
        ("more", tr("More")),
    )
