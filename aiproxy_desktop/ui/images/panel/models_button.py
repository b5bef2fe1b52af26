"""The field that names the models that are asked, and opens the picker."""

from __future__ import annotations

from PySide6.QtCore import Signal

from aiproxy_desktop.ui.images.panel.picker import ModelsPicker
from aiproxy_desktop.ui.images.panel.rows import chosen_words, offer_rows
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.form_select import FormButton
from aiproxy_desktop.ui.widgets.offer_row import OfferRow
from aiproxy_desktop.ui.widgets.popover import Popover


class ModelsButton(FormButton):
    """Follows the view-model. `mend_wanted`: a model that is not ready was taken."""

    mend_wanted = Signal()

    def __init__(self, themes: ThemeController, view_model: RequestViewModel, *, name: str) -> None:
        super().__init__(themes, name=name)
        self._vm = view_model
        self._picker: ModelsPicker | None = None
        self._popover: Popover | None = None
        view_model.models_changed.connect(self.show_models)
        self.show_models()

    def show_models(self) -> None:
        """Name those that are asked now."""
        chosen = self._vm.chosen
        words = chosen_words(chosen)
        self.setText(words)
        self.nothing_chosen = not chosen
        names = ", ".join(offer.name for offer in chosen)
        self.setAccessibleName(tr("Model: {model}", model=words) if chosen else words)
        self.setAccessibleDescription(names if len(chosen) > 1 else "")
        self.update()
        if self._picker is not None:
            self._picker.refresh()

    def open(self) -> None:
        """Open the picker."""
        if self._popover is not None:
            return
        picker = ModelsPicker(
            self.themes, self._rows, name=f"{self.objectName()}.picker", several=len(self._vm.chosen) > 1
        )
        popover = Popover(self.themes, self, picker, name=f"{self.objectName()}.popover")
        picker.picked.connect(self._pick)
        picker.toggled.connect(self._vm.toggle)
        picker.mend_wanted.connect(self._mend)
        picker.resized.connect(popover.refit)
        popover.closed.connect(self._forget)
        self._picker, self._popover = picker, popover
        popover.open(align_end=True)

    def _rows(self, query: str) -> list[OfferRow]:
        return offer_rows(self._vm.offers, query, {offer.reference for offer in self._vm.chosen})

    def _pick(self, reference: str) -> None:
        if self._popover is not None:
            self._popover.close_popover()
        self._vm.choose(reference)

    def _mend(self) -> None:
        if self._popover is not None:
            self._popover.close_popover()
        self.mend_wanted.emit()

    def _forget(self) -> None:
        self._picker = self._popover = None
