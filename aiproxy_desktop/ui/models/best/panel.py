"""Find the best: the needs above, every model in its place below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.best.entry_row import EntryRow
from aiproxy_desktop.ui.models.best.needs import Loosening
from aiproxy_desktop.ui.models.best.needs_form import NeedsForm
from aiproxy_desktop.ui.models.best.viewmodel import Advice, BestViewModel, Entry
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import ROW, Panel, inset, reaching, rule

_NAME = "models.best"


class BestPanel(Panel):
    """The ranked list follows the needs; nothing has to be pressed."""

    opened = Signal(str)  # a model's reference: show its details
    chat_wanted = Signal(str)  # a model's reference: begin a chat with it

    def __init__(
        self, themes: ThemeController, view_model: BestViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, tr("Find the best"), name=_NAME, parent=parent)
        self._vm = view_model
        self._form = NeedsForm(themes, view_model, name=_NAME)
        self._count = Label("", "body_strong", wrap=True)
        self._count.setObjectName(f"{_NAME}.count")
        self._loosen = _Loosenings(themes, view_model)
        self._fitting = _Entries(self, "entry")
        self._chat = Button(themes, tr("Chat with this"), name=f"{_NAME}.chat", kind="primary", large=True)
        self._chat.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._nearly_rule = rule()
        self._nearly_title = Label(tr("Nearly"), "meta", "muted")
        self._nearly = _Entries(self, "nearly")
        self.column.addLayout(reaching(self._form, ROW))
        for part in (rule(), self._count, self._loosen):
            self.column.addWidget(part)
        self.column.addLayout(reaching(self._fitting, ROW))
        for part in (self._nearly_rule, self._nearly_title):
            self.column.addWidget(part)
        self.column.addLayout(reaching(self._nearly, ROW))
        self.column.addStretch(1)
        self._fitting.put_after_first(self._chat)
        self._chat.clicked.connect(self._chat_with_first)
        view_model.changed.connect(self.show_advice)
        self.keep_in_sight([one for one in self._form.findChildren(QWidget) if one.focusPolicy()])
        self.keep_in_sight([self._chat])
        self.show_advice()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._vm.unwatch()

    def show_advice(self) -> None:
        """Show who comes first now."""
        advice = self._vm.advice or Advice()
        words = _count_words(advice) if self._vm.advice is not None else ""
        if words != self._count.text():
            self._count.setText(words)
            if self.isVisible():
                announce(self._count, words)
        self._loosen.show_loosenings(advice.loosenings)
        self._fitting.show_entries(advice.fitting)
        self._chat.setVisible(bool(advice.fitting) and advice.fitting[0].chats)
        if advice.fitting:
            self._chat.setAccessibleName(tr("Chat with {model}", model=advice.fitting[0].name))
        self._nearly.show_entries(advice.nearly)
        for part in (self._nearly_rule, self._nearly_title):
            part.setVisible(bool(advice.nearly))

    def _chat_with_first(self) -> None:
        advice = self._vm.advice
        if advice is not None and advice.fitting:
            self.chat_wanted.emit(advice.fitting[0].reference)


class _Entries(QWidget):
    """Rows below one another; made when they are first needed, and filled again."""

    def __init__(self, panel: BestPanel, kind: str) -> None:
        super().__init__()
        self._panel = panel
        self._kind = kind
        self._rows: list[EntryRow] = []
        self._after_first: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def put_after_first(self, widget: QWidget) -> None:
        """What belongs to the first row and is not a part of it."""
        self._after_first = widget
        line = inset(ROW)
        line.addWidget(widget)
        self._column.addLayout(line)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these."""
        while len(self._rows) < len(entries):
            self._add_row()
        for place, row in enumerate(self._rows):
            if place < len(entries):
                row.show_entry(entries[place])
            row.setVisible(place < len(entries))
        self.setVisible(bool(entries))

    def _add_row(self) -> None:
        row = EntryRow(self._panel.themes, name=f"{_NAME}.{self._kind}.{len(self._rows)}")
        row.clicked.connect(lambda: self._open(row))
        self._column.insertWidget(0 if not self._rows else self._column.count(), row)
        if not self._rows and self._after_first is not None:
            QWidget.setTabOrder(row, self._after_first)
        self._rows.append(row)
        self._panel.keep_in_sight([row])

    def _open(self, row: EntryRow) -> None:
        if row.entry is not None:
            self._panel.opened.emit(row.entry.reference)


class _Loosenings(QWidget):
    """What to give up where nothing fits, with a button each."""

    def __init__(self, themes: ThemeController, view_model: BestViewModel) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_loosenings(self, loosenings: Sequence[Loosening]) -> None:
        """Offer these."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(place, one) for place, one in enumerate(loosenings)]
        for row in self._rows:
            self._column.addWidget(row)
            row.show()
        self.setVisible(bool(loosenings))

    def _row(self, place: int, loosening: Loosening) -> QWidget:
        n, need = loosening.models, loosening.words
        text = tr_count("Without “{need}”: {n} model", "Without “{need}”: {n} models", n, need=need)
        button = Button(self._themes, tr("Leave out"), name=f"{_NAME}.loosen.{place}")
        button.setAccessibleName(tr("Leave out: {need}", need=need))
        button.setAccessibleDescription(text)
        button.clicked.connect(lambda: self._vm.take(loosening.needs))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Label(text, "body", wrap=True), 1)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row


def _count_words(advice: Advice) -> str:
    if not advice.considered:
        return tr("No model is at hand. Add a key for a provider, start Ollama, or ask for less.")
    if advice.fits:
        return tr_count(
            "{n} of {all} models fits", "{n} of {all} models fit", advice.fits, all=f"{advice.considered:,}"
        )
    if advice.loosenings:
        return tr("No model has all of this. Ask for less:")
    return tr("No model has all of this. Ask for less.")
