"""The row above the grid: a search field, filters as chips, how many are left, their order and their size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.images.gallery import words
from aiproxy_desktop.ui.images.gallery.geometry import LEAST_SIDE, MOST_SIDE
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.chip import FilterChip
from aiproxy_desktop.ui.widgets.choice import Choice
from aiproxy_desktop.ui.widgets.flow_layout import FlowLayout
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.slider import Slider
from aiproxy_desktop.ui.widgets.text_field import TextField
from aiproxy_desktop.ui.widgets.ticks import rows_for, ticks_for

# From these widths on there is room for a wide search field, the slider, and the filters beside the field.
_WIDE, _ROOM_FOR_SIZES, _ROOM_FOR_FILTERS = 1000, 720, 760
_SEARCH, _WIDE_SEARCH = 148, 200
_SIZES = 80


class GallerySearch(TextField):
    """Down and Enter go into the grid, Esc empties the field."""

    left_downwards = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.left_downwards.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class GalleryBar(QFrame):
    """Shows what the view-model holds, and passes on what is chosen. Emits `grid_wanted` for the keys."""

    grid_wanted = Signal()

    def __init__(
        self, themes: ThemeController, view_model: GalleryViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._vm = view_model
        self._popover: Popover | None = None
        self._narrow = False
        self.setObjectName("images.gallery.bar")
        self.setAccessibleName(tr("Search and filters"))
        self.setProperty("layer", "surface")
        self.search = GallerySearch(
            themes, name="images.gallery.search", placeholder=tr("Search images"), icon="search"
        )
        self.search.setFixedWidth(_SEARCH)
        self._chips = {
            name: FilterChip(themes, title, name=f"images.gallery.filter.{name}")
            for name, title in (
                ("favourites", tr("Favourites")),
                ("model", tr("Model")),
                ("origin", tr("Origin")),
                ("tags", tr("Tags")),
                ("made_from", tr("Date")),
            )
        }
        self.clear = Button(themes, tr("Clear all"), name="images.gallery.filter.clear", kind="quiet")
        self._count = Label("", "body", "muted", tabular=True)
        self._count.setObjectName("images.gallery.count")
        orders = list(words.order_words().items())
        self.order = Select(
            themes,
            orders[0][1],
            orders,
            name="images.gallery.order",
            kind="quiet",
            accessible_name=tr("Order"),
        )
        self.order.set_value("newest")
        self.sizes = Slider(themes, name="images.gallery.size", accessible_name=tr("Size of the pictures"))
        self.sizes.setRange(LEAST_SIDE, MOST_SIDE)
        self.sizes.setSingleStep(16)
        self.sizes.setPageStep(48)
        self.sizes.setFixedWidth(_SIZES)
        set_tooltip(self.sizes, tr("Size of the pictures (Ctrl and the wheel)"))
        self._lay_out()
        self._follow()
        self.show_query()
        self.show_count()

    def _lay_out(self) -> None:
        self._filters = QWidget()
        flow = FlowLayout(self._filters)
        flow.setContentsMargins(0, 2, 0, 0)  # a chip is 4 less high than the field beside it
        for filter_ in (*self._chips.values(), self.clear):
            flow.addWidget(filter_)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._filters.setSizePolicy(policy)
        beside = QWidget()
        # Level with the first line, however many lines of chips there are.
        beside.setFixedHeight(self.search.sizeHint().height())
        end = QHBoxLayout(beside)
        end.setContentsMargins(0, 0, 0, 0)
        end.setSpacing(8)
        for widget in (self._count, self.order, self.sizes):
            end.addWidget(widget)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(margins(24, 10, 24, 10))
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.search, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._filters, 0, 1)
        self._grid.addWidget(beside, 0, 2, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = self.width() < _ROOM_FOR_FILTERS
        if narrow != self._narrow:
            self._narrow = narrow
            place = (1, 0, 1, 3) if narrow else (0, 1, 1, 1)
            self._grid.removeWidget(self._filters)
            self._grid.addWidget(self._filters, *place)
        self.search.setFixedWidth(_WIDE_SEARCH if narrow or self.width() >= _WIDE else _SEARCH)
        # Ctrl and the wheel, or Ctrl+Plus, do the same.
        self.sizes.setVisible(self.width() >= _ROOM_FOR_SIZES)
        super().resizeEvent(event)

    def _follow(self) -> None:
        vm = self._vm
        self.search.textChanged.connect(vm.search)
        self.search.left_downwards.connect(self.grid_wanted)
        self.clear.clicked.connect(vm.clear)
        self.order.chosen.connect(lambda order: vm.narrow(order=order))
        vm.query_changed.connect(self.show_query)
        vm.rows_changed.connect(self.show_count)
        nothing: dict[str, object] = {
            "favourites": False,
            "model": "",
            "origin": None,
            "tags": (),
            "made_from": None,
        }
        openers: dict[str, Callable[[], QWidget]] = {
            "model": self._models,
            "origin": self._origins,
            "tags": self._tags,
            "made_from": self._dates,
        }
        for name, chip in self._chips.items():
            chip.cleared.connect(partial(vm.narrow, **{name: nothing[name]}))
            if name in openers:
                chip.clicked.connect(partial(self._open, chip, openers[name]))
        self._chips["favourites"].clicked.connect(self._toggle_favourites)

    def show_query(self) -> None:
        """Show which filters are on."""
        query = self._vm.query
        values = {
            "favourites": tr("Favourites") if query.favourites else "",
            "model": words.model_name(query.model) if query.model else "",
            "origin": words.origin_words()[query.origin] if query.origin else "",
            "tags": ", ".join(query.tags),
            "made_from": tr("Since {date}", date=words.date(query.made_from)) if query.made_from else "",
        }
        for name, chip in self._chips.items():
            chip.set_value(values[name])
        self.clear.setVisible(sum(map(bool, values.values())) > 1)
        self.order.set_value(query.order)
        if query.text != self.search.text():
            self.search.setText(query.text)

    def show_count(self) -> None:
        """Show how many images are left of how many."""
        vm = self._vm
        if not vm.whole and vm.query.narrows:
            return  # the number comes with the rest of them
        self._count.setText(words.count(len(vm.rows), vm.total, narrowed=vm.query.narrows))
        self._count.setVisible(vm.loaded)

    def focus_search(self) -> None:
        """Put the keys into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # What the chips open

    def _toggle_favourites(self) -> None:
        self._vm.narrow(favourites=not self._vm.query.favourites)

    def _open(self, chip: FilterChip, make: Callable[[], QWidget]) -> None:
        if self._popover is not None:
            return
        self._popover = Popover(self._themes, chip, make(), name=f"{chip.objectName()}.popover")
        self._popover.closed.connect(self._closed)
        self._popover.open()

    def _closed(self) -> None:
        self._popover = None

    def _models(self) -> QWidget:
        offered = [
            Choice(
                model.name,
                tr("{name} ({count})", name=words.model_name(model.name), count=f"{model.images:,}"),
                model.name == self._vm.query.model,
            )
            for model in self._vm.models
        ]
        return self._one_of("model", offered, lambda value: self._vm.narrow(model=value), tr("Model"))

    def _origins(self) -> QWidget:
        offered = [
            Choice(origin, said, origin == self._vm.query.origin)
            for origin, said in words.origin_words().items()
        ]
        return self._one_of("origin", offered, lambda value: self._vm.narrow(origin=value), tr("Origin"))

    def _dates(self) -> QWidget:
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        offered = [
            Choice(f"{days}", said, self._vm.query.made_from == midnight - timedelta(days=days))
            for days, said in (
                (0, tr("Today")),
                (7, tr("The last 7 days")),
                (30, tr("The last 30 days")),
                (365, tr("The last year")),
            )
        ]

        def take(days: str) -> None:
            self._vm.narrow(made_from=midnight - timedelta(days=int(days)))

        return self._one_of("made_from", offered, take, tr("Date"))

    def _tags(self) -> QWidget:
        def change(tag: str, on: bool) -> None:
            chosen = tuple(one for one in self._vm.query.tags if one != tag)
            self._vm.narrow(tags=(*chosen, tag) if on else chosen)

        offered = [
            Choice(
                tag.name,
                tr("{name} ({count})", name=tag.name, count=f"{tag.images:,}"),
                tag.name in self._vm.query.tags,
            )
            for tag in self._vm.tags
        ]
        return ticks_for(
            self._themes,
            offered,
            change,
            name="images.gallery.filter.tags.choices",
            accessible_name=tr("Tags"),
        )

    def _one_of(
        self, name: str, offered: Sequence[Choice], take: Callable[[str], None], title: str
    ) -> QWidget:
        if not offered:
            nothing = Label(tr("Nothing to choose from yet"), "body", "muted")
            nothing.setContentsMargins(8, 4, 8, 4)
            return nothing

        def picked(value: str) -> None:
            if self._popover is not None:
                self._popover.close_popover()
            take(value)

        return rows_for(
            self._themes, offered, picked, name=f"images.gallery.filter.{name}.choices", accessible_name=title
        )
