"""A model chosen in a form: a button that opens a searched list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.model_list import ROW, OfferDelegate, OfferModel
from aiproxy_desktop.ui.settings.api.models import OfferRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.form_select import FormButton
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_WIDTH = 400
_MOST_ROWS = 9


class ModelField(QWidget):
    """Label above, a refusal below. Emits `chosen` with a reference; `button` is what opens the list."""

    chosen = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        rows: Callable[[str], Sequence[OfferRow]],
        *,
        name: str,
        label: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: to paint with.
            rows: gives the models for a search text.
            name: of the button.
            label: above it.
            parent: of the widget.
        """
        super().__init__(parent)
        self.reference = ""
        self._label = label
        self.button = ModelButton(themes, rows, name=name)
        self.button.picked.connect(self._picked)
        self._message = Label("", "meta", "danger", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        caption = Label(label, "meta", "secondary")
        caption.setBuddy(self.button)
        column.addWidget(caption)
        column.addWidget(self.button)
        column.addWidget(self._message)
        self.clear()

    def clear(self) -> None:
        """Choose none."""
        self._show("", "")

    def set_error(self, sentence: str) -> None:
        """Say what is wrong, or with an empty text that nothing is."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))
        self.button.setAccessibleDescription(sentence)

    def _picked(self, reference: str, name: str) -> None:
        self._show(reference, name)
        self.chosen.emit(reference)

    def _show(self, reference: str, name: str) -> None:
        self.reference = reference
        words = name or tr("Choose a model")
        self.button.show_choice(self._label, words, chosen=bool(reference))
        self.set_error("")


class ModelButton(FormButton):
    """Names the model that was chosen, and opens the list. Emits `picked` with a reference and a name."""

    picked = Signal(str, str)

    def __init__(
        self, themes: ThemeController, rows: Callable[[str], Sequence[OfferRow]], *, name: str
    ) -> None:
        super().__init__(themes, name=name)
        self._rows = rows
        self._popover: Popover | None = None

    def show_choice(self, label: str, words: str, *, chosen: bool) -> None:
        """Show what is chosen; `label` is what it is chosen for."""
        self.nothing_chosen = not chosen
        self.setText(words)
        self.setAccessibleName(f"{label}: {words}")
        self.update()

    def open(self) -> None:
        if self._popover is not None:
            return
        picker = _Picker(self.themes, self._rows, name=self.objectName())
        popover = self._popover = Popover(self.themes, self, picker, name=f"{self.objectName()}.popover")
        picker.taken.connect(lambda index: self._take(picker, index))
        picker.resized.connect(popover.refit)
        popover.closed.connect(self._forget)
        popover.open()

    def _take(self, picker: _Picker, index: QModelIndex) -> None:
        row = picker.offers.rows[index.row()]
        if self._popover is not None:
            self._popover.close_popover()
        self.picked.emit(row.reference, row.name)

    def _forget(self) -> None:
        self._popover = None


class _Picker(SearchedList):
    def __init__(
        self, themes: ThemeController, rows: Callable[[str], Sequence[OfferRow]], *, name: str
    ) -> None:
        self.offers = OfferModel()
        super().__init__(
            themes,
            self.offers,
            OfferDelegate(themes, self.offers, ticks=False),
            name=name,
            placeholder=tr("Search models"),
            accessible_name=tr("Models"),
            nothing=tr("No model matches"),
            width=_WIDTH,
            row_height=ROW,
            most_rows=_MOST_ROWS,
        )
        self._matching = rows
        self.search.textChanged.connect(self._search)
        self._search("")

    def _search(self, text: str) -> None:
        self.offers.show(self._matching(text))
        self.rows_changed()
