"""The field that names the model one talks with, and opens a search over all that can be talked with."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.rows import offer_rows
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.form_select import FormButton
from aiproxy_desktop.ui.widgets.offer_list import OFFER_ROW, OfferDelegate, OffersModel
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_WIDTH = 340
_MOST_ROWS = 10


class ModelButton(FormButton):
    """Follows the view-model. `mend_wanted`: a model that is not ready was taken."""

    mend_wanted = Signal()

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel, *, name: str) -> None:
        super().__init__(themes, name=name)
        self._vm = view_model
        self._models: OffersModel | None = None
        self._list: SearchedList | None = None
        self._popover: Popover | None = None
        view_model.offers_changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Name the one that is talked with, and refresh what is open."""
        offer = self._vm.offer
        words = offer.name if offer is not None else tr("Choose a model")
        self.setText(words)
        self.nothing_chosen = offer is None
        self.setAccessibleName(tr("Model: {model}", model=words) if offer is not None else words)
        self.setAccessibleDescription(offer.why if offer is not None else "")
        self.update()
        if self._list is not None and self._models is not None:
            index = self._list.list.currentIndex()
            self._refill(self._models.row(index.row()).reference if index.isValid() else "")

    def open(self) -> None:
        """Open the search."""
        if self._popover is not None:
            return
        name = f"{self.objectName()}.picker"
        self._models = OffersModel()
        self._list = SearchedList(
            self.themes,
            self._models,
            OfferDelegate(self.themes),
            name=name,
            placeholder=tr("Search live models"),
            accessible_name=tr("Live models"),
            nothing=tr("No live model matches") if self._vm.offers else tr("No live model is on offer"),
            width=_WIDTH,
            row_height=OFFER_ROW,
            most_rows=_MOST_ROWS,
            icon="search",
        )
        self._refill("")
        self._popover = Popover(self.themes, self, self._list, name=f"{self.objectName()}.popover")
        self._list.search.textChanged.connect(lambda: self._refill(""))
        self._list.taken.connect(self._take)
        self._list.resized.connect(self._popover.refit)
        self._popover.closed.connect(self._forget)
        self._popover.open(align_end=True)

    def _refill(self, reference: str) -> None:
        if self._list is None or self._models is None:
            return
        offer = self._vm.offer
        chosen = offer.reference if offer is not None else ""
        self._models.show(offer_rows(self._vm.offers, self._list.search.text(), chosen))
        self._list.rows_changed(self._models.place_of(reference))

    def _take(self, index: QModelIndex) -> None:
        if self._models is None or self._popover is None:
            return
        row = self._models.row(index.row())
        self._popover.close_popover()
        if row.ready:
            self._vm.choose_model(row.reference)
        else:
            self.mend_wanted.emit()

    def _forget(self) -> None:
        self._models = self._list = self._popover = None
