"""The model picker: a search field over every detected model, by keyboard or pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, Signal

from aiproxy_desktop.ui.chat.models.picker_list import ROW, PickerDelegate, PickerModel
from aiproxy_desktop.ui.chat.models.rows import ModelRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_WIDTH = 384
_MOST_ROWS = 10


class ModelPicker(SearchedList):
    """The content of the picker's popover. Emits a reference, or a provider whose key is to be added."""

    picked = Signal(str)
    key_wanted = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        rows: Callable[[str], Sequence[ModelRow]],
        chosen: str | None,
    ) -> None:
        """Make it.

        Args:
            themes: the look.
            rows: gives the rows for a search text.
            chosen: the reference in use, which the keys start from.
        """
        self._models = PickerModel()
        self._models.chosen = chosen
        super().__init__(
            themes,
            self._models,
            PickerDelegate(themes),
            name="chat.modelPicker",
            placeholder=tr("Search models"),
            accessible_name=tr("Models"),
            nothing=tr("No model matches"),
            width=_WIDTH,
            row_height=ROW,
            most_rows=_MOST_ROWS,
        )
        self._matching = rows
        self.search.textChanged.connect(self._search)
        self.taken.connect(self._pick)
        self.refresh()

    def refresh(self) -> None:
        """Read the rows again, as when a provider was found meanwhile; the keys stay where they were."""
        index = self.list.currentIndex()
        self._show(self._models.row(index.row()).reference if index.isValid() else self._models.chosen)

    def _search(self, text: str) -> None:
        # The best match while searching; the model in use when the field is empty again.
        self._show(None if text.strip() else self._models.chosen)

    def _show(self, wanted: str | None) -> None:
        self._models.show(self._matching(self.search.text()))
        self.rows_changed(self._models.position_of(wanted))

    def _pick(self, index: QModelIndex) -> None:
        row = self._models.row(index.row())
        if row.reference is not None:
            self.picked.emit(row.reference)
        elif row.add_key:
            self.key_wanted.emit(row.provider)
