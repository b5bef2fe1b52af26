"""Adding a provider: what kind it is, then its name, its address where it needs one, and its key."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aiproxy_desktop.services.provider_presets import Preset
from aiproxy_desktop.ui.models.providers.forms import ProviderForm
from aiproxy_desktop.ui.models.providers.preset_list import ROW, PresetDelegate, PresetModel
from aiproxy_desktop.ui.models.providers.viewmodel import ProvidersViewModel
from aiproxy_desktop.ui.models.providers.words import preset_label
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import Panel
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_NAME = "models.addProvider"
_ROWS = 14
_SIDES = 40


class AddProviderPanel(Panel):
    """Two steps in one place; `start` begins anew.

    Signals:
        closed(): it is done or given up.
        ollama_wanted(): it is an Ollama server, which needs no key and has a form of its own.
    """

    ollama_wanted = Signal()

    def __init__(
        self, themes: ThemeController, view_model: ProvidersViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, tr("Add a provider"), name=_NAME, parent=parent)
        self._view_model = view_model
        self._preset: Preset | None = None
        self._rows = PresetModel()
        self._list = SearchedList(
            themes,
            self._rows,
            PresetDelegate(themes),
            name=_NAME,
            placeholder=tr("Search providers"),
            accessible_name=tr("Kinds of providers"),
            nothing=tr("No provider of that name"),
            width=LAYOUT.inspector - _SIDES,
            row_height=ROW,
            most_rows=_ROWS,
            icon="search",
        )
        self._list.list.setProperty("layer", "sidebar")
        self._chosen = Label("", "body_strong", wrap=True)
        self._other = Button(themes, tr("Change"), name=f"{_NAME}.change", kind="link")
        self._other.setAccessibleName(tr("Choose another kind of provider"))
        self._line = Label("", "meta", "muted", wrap=True)
        self._form = ProviderForm(themes, tr("Add"), name=f"{_NAME}.form")
        self._elsewhere = Button(themes, tr("Use another address"), name=f"{_NAME}.elsewhere", kind="link")
        self._head_row = QWidget()
        head = QHBoxLayout(self._head_row)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._chosen, 1)
        head.addWidget(self._other)
        address = QHBoxLayout()
        address.addWidget(self._elsewhere)
        address.addStretch(1)
        self._form.column.insertLayout(3, address)
        self._ollama = Button(
            themes, tr("Ollama on another computer…"), name=f"{_NAME}.ollama", kind="link", icon="server"
        )
        self._ollama.clicked.connect(self.ollama_wanted)
        for widget in (self._list, self._head_row, self._line, self._form):
            self.column.addWidget(widget)
        self.column.addWidget(self._ollama, 0, Qt.AlignmentFlag.AlignLeading)
        self.column.addStretch(1)
        form = self._form
        self.keep_in_sight([form.name.input, form.url.input, form.key.input, form.test, form.submit])
        self._list.search.textChanged.connect(self._search)
        self._list.taken.connect(self._take)
        self._other.clicked.connect(self.start)
        self._elsewhere.clicked.connect(self._ask_address)
        form.cancelled.connect(self.start)
        form.cancel.set_label(tr("Back"))
        form.submitted.connect(self._add)
        form.tested.connect(self._try)
        view_model.editor_changed.connect(self._show_editor)
        view_model.rows_changed.connect(self._show_place)
        view_model.added.connect(self._added)
        self.closed.connect(self._leave)
        self._show_step()

    def start(self) -> None:
        """Ask what kind it is."""
        self._leave()
        self._preset = None
        self._list.search.clear()
        self._search("")
        self._show_step()
        self._list.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose(self, preset_id: str) -> None:
        """Go on to the form for a kind of provider."""
        preset = self._preset = self._view_model.preset(preset_id)
        first = self._view_model.is_first(preset)
        form = self._form
        form.name.setVisible(not first)
        form.name.set_text(self._view_model.suggested_name(preset))
        asks = not preset.base_url or preset.group == "local"
        form.url.setVisible(asks)
        form.url.set_text(preset.base_url if preset.group == "local" else "")
        form.url.input.setPlaceholderText(preset.example or preset.base_url)
        self._elsewhere.setVisible(not asks and not first)
        form.key.set_text("")
        form.key.input.setPlaceholderText(
            tr("Paste a key") if preset.needs_key else tr("Only if it wants one")
        )
        self._chosen.setText(preset_label(preset))
        self._line.setText(_line(preset, first=first))
        self._show_step()
        self._show_place()
        self._view_model.start_adding()
        form.start()

    def _search(self, text: str) -> None:
        self._rows.show(self._view_model.presets(text))
        self._list.rows_changed()

    def _take(self, index: QModelIndex) -> None:
        preset = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(preset, Preset):
            self.choose(preset.id)

    def _show_step(self) -> None:
        chosen = self._preset is not None
        self._list.setVisible(not chosen)
        self._ollama.setVisible(not chosen)
        for part in (self._head_row, self._line, self._form):
            part.setVisible(chosen)

    def _show_place(self) -> None:
        self._form.key.set_help(self._view_model.key_place_sentence)

    def _show_editor(self) -> None:
        editor = self._view_model.editor
        if self._preset is None:
            return
        if editor is None or editor.kind != "endpoint" or editor.target:
            return
        self._form.show_editor(editor)

    def _ask_address(self) -> None:
        self._elsewhere.hide()
        self._form.url.show()
        self._form.url.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, name: str, base_url: str, key: str) -> None:
        if self._preset is not None:
            self._view_model.add(self._preset.id, name, base_url, key)

    def _try(self, name: str, base_url: str, key: str) -> None:
        if self._preset is not None:
            self._view_model.try_new(self._preset.id, name, base_url, key)

    def _added(self, _provider_id: str) -> None:
        if self._preset is not None:
            self._preset = None
            self._form.key.set_text("")
            self.closed.emit()

    def _leave(self) -> None:
        """What was typed is forgotten, the key first of all."""
        self._form.key.set_text("")
        editor = self._view_model.editor
        if (
            self._preset is not None
            and editor is not None
            and editor.kind == "endpoint"
            and not editor.target
        ):
            self._view_model.cancel_editor()
        self._preset = None


def _line(preset: Preset, *, first: bool) -> str:
    if first:
        return tr("It is there already, and needs a key.")
    if preset.group == "account":
        return tr("One more account, with a name and a key of its own.")
    if preset.group == "local":
        return tr("A server on this computer or in your network. It must be running.")
    if preset.group == "other":
        return tr("Any server that speaks OpenAI’s API: hosted, or on this computer")
    return ""
