"""Choosing the models: a search over all that make pictures, one or several at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.check_box import CheckBox
from aiproxy_desktop.ui.widgets.offer_list import OFFER_ROW, OfferDelegate, OffersModel
from aiproxy_desktop.ui.widgets.offer_row import OfferRow
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_WIDTH = 340
_MOST_ROWS = 10


class ModelsPicker(QWidget):
    """The content of the popover.

    Signals:
        picked(str): ask this model alone.
        toggled(str): ask this model too, or no more; only while several are chosen.
        mend_wanted(): one that is not ready was taken.
        resized(): it needs another height.
    """

    picked = Signal(str)
    toggled = Signal(str)
    mend_wanted = Signal()
    resized = Signal()

    def __init__(
        self,
        themes: ThemeController,
        rows: Callable[[str], list[OfferRow]],
        *,
        name: str,
        several: bool,
    ) -> None:
        """Make it.

        Args:
            themes: to paint with.
            rows: gives the rows for a search text.
            name: of its parts.
            several: whether several are chosen already.
        """
        super().__init__()
        self._matching = rows
        self._models = OffersModel()
        self._list = SearchedList(
            themes,
            self._models,
            OfferDelegate(themes),
            name=name,
            placeholder=tr("Search image models"),
            accessible_name=tr("Image models"),
            nothing=tr("No image model matches"),
            width=_WIDTH,
            row_height=OFFER_ROW,
            most_rows=_MOST_ROWS,
            icon="search",
        )
        self.setFocusProxy(self._list.search)
        self._several = CheckBox(themes, tr("Compare several models"), name=f"{name}.several", on=several)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._list)
        column.addWidget(self._several)
        self._list.search.textChanged.connect(lambda: self._show(""))
        self._list.taken.connect(self._take)
        self._list.resized.connect(self.resized)
        self.refresh()

    def refresh(self) -> None:
        """Read the rows again; the keys stay where they were."""
        index = self._list.list.currentIndex()
        self._show(self._models.row(index.row()).reference if index.isValid() else "")

    def _show(self, reference: str) -> None:
        self._models.show(self._matching(self._list.search.text()))
        self._list.rows_changed(self._models.place_of(reference))

    def _take(self, index: QModelIndex) -> None:
        row = self._models.row(index.row())
        if not row.ready and not row.chosen:
            self.mend_wanted.emit()
        elif self._several.isChecked():
            self.toggled.emit(row.reference)
        else:
            self.picked.emit(row.reference)
