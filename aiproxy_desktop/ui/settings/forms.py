"""The inline editors of the providers page: a key, the Ollama host, an endpoint."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.editor import Editor
from aiproxy_desktop.ui.settings.presets import PRESETS, USUAL_EXAMPLE
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.text_field import Field

_PAD = 15
_INDENT = 39
_QUIET_INSET = 10


class EditorForm(QFrame):
    """Base: Esc cancels, Enter in a field submits."""

    cancelled = Signal()

    def __init__(self, editor: Editor, name: str) -> None:
        super().__init__()
        self.editor = editor
        self.setObjectName(name)
        self.setProperty("edge", "bottom")

    def show_editor(self, editor: Editor) -> None:
        """Show refusals, a note and whether something is under way; what was typed stays."""
        self.editor = editor

    def start(self, reason: Qt.FocusReason) -> None:
        """Put the focus into the first field."""
        raise NotImplementedError

    def tab_stops(self) -> list[QWidget]:
        """What Tab reaches in it, in the order in which it stands."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)


class OneFieldForm(EditorForm):
    """A single field with Cancel and one button, below the row it belongs to."""

    submitted = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        editor: Editor,
        *,
        name: str,
        label: str,
        action: str,
        placeholder: str = "",
        secret: bool = False,
        help_text: str = "",
    ) -> None:
        super().__init__(editor, name)
        self._action_label = action
        self._field_id = "key" if editor.kind == "key" else "host"
        self.field = Field(
            themes,
            label,
            name=f"{name}.{self._field_id}",
            placeholder=placeholder,
            secret=secret,
            help_text=help_text,
        )
        self.field.set_text(editor.values.get(self._field_id, ""))
        cancel = Button(themes, tr("Cancel"), name=f"{name}.cancel", kind="quiet", large=True)
        self.submit = Button(themes, action, name=f"{name}.save", kind="primary", large=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(_INDENT, 4, _PAD, 14))
        row.setSpacing(8)
        row.addWidget(self.field, 1, Qt.AlignmentFlag.AlignTop)
        for button in (cancel, self.submit):
            # Level with the field, which stands below its label.
            column = QVBoxLayout()
            column.addSpacing(20)
            column.addWidget(button)
            column.addStretch(1)
            row.addLayout(column)
        self._stops = [self.field.input, cancel, self.submit]
        cancel.clicked.connect(self.cancelled)
        self.submit.clicked.connect(self._submit)
        self.field.input.returnPressed.connect(self._submit)
        self.show_editor(editor)

    def start(self, reason: Qt.FocusReason) -> None:
        self.field.input.setFocus(reason)
        self.field.input.selectAll()

    def tab_stops(self) -> list[QWidget]:
        return list(self._stops)

    def show_editor(self, editor: Editor) -> None:
        super().show_editor(editor)
        self.field.set_error(editor.errors.get(self._field_id, ""))
        self.submit.set_label(editor.note if editor.busy and editor.note else self._action_label)
        self.submit.updateGeometry()

    def _submit(self) -> None:
        self.submitted.emit(self.field.text)


class EndpointForm(EditorForm):
    """Name, base URL, key; a preset fills the first two, and says whose dialect it is.

    Emits `submitted` and `tested` with the three and the preset's vendor.
    """

    submitted = Signal(str, str, str, str)
    tested = Signal(str, str, str, str)

    def __init__(self, themes: ThemeController, editor: Editor, key_help: str) -> None:
        super().__init__(editor, "settings.endpoint")
        adds = not editor.target
        # It stays when the address is changed: a cluster's vLLM is one wherever it is.
        self._vendor = editor.values.get("vendor", "")
        self.name = Field(themes, tr("Name"), name="settings.endpoint.name", placeholder="studio-mac")
        self.url = Field(themes, tr("Base URL"), name="settings.endpoint.url", placeholder=USUAL_EXAMPLE)
        self.key = Field(
            themes,
            tr("Key"),
            name="settings.endpoint.key",
            placeholder=tr("Leave empty to keep it") if editor.has_key else tr("Paste a key"),
            note=tr("optional"),
            secret=True,
        )
        self.name.set_text(editor.values.get("name", ""))
        self.url.set_text(editor.values.get("base_url", ""))
        preset = Select(
            themes,
            tr("Fill in from a preset"),
            [(preset.name, preset.name) for preset in PRESETS],
            name="settings.endpoint.preset",
            kind="quiet",
            shows_choice=False,
        )
        preset.chosen.connect(self._fill)
        self._note = Label("", "meta", "muted", wrap=True)
        self._note.setContentsMargins(margins(_QUIET_INSET, 0, 0, 0))
        self.key.set_help(key_help)
        cancel = Button(themes, tr("Cancel"), name="settings.endpoint.cancel", kind="quiet")
        test = Button(themes, tr("Test"), name="settings.endpoint.test")
        self._test = test
        self.submit = Button(
            themes, tr("Add endpoint") if adds else tr("Save"), name="settings.endpoint.save", kind="primary"
        )
        fields = QHBoxLayout()
        fields.setSpacing(12)
        fields.setContentsMargins(margins(_QUIET_INSET, 0, 0, 0))
        for field, stretch in ((self.name, 168), (self.url, 334), (self.key, 208)):
            fields.addWidget(field, stretch, Qt.AlignmentFlag.AlignTop)
            field.input.returnPressed.connect(self._submit)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(preset)
        buttons.addStretch(1)
        for button in (cancel, test, self.submit):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        # The preset button has no edge of its own: its text lines up with the fields.
        column.setContentsMargins(margins(_PAD - _QUIET_INSET, 16, _PAD, 16))
        column.setSpacing(12)
        column.addLayout(fields)
        column.addWidget(self._note)
        column.addLayout(buttons)
        inputs = (self.name.input, self.url.input, self.key.input)
        self._stops = [*inputs, preset, cancel, test, self.submit]
        cancel.clicked.connect(self.cancelled)
        test.clicked.connect(lambda: self.tested.emit(*self._values()))
        self.submit.clicked.connect(self._submit)
        self.show_editor(editor)

    def start(self, reason: Qt.FocusReason) -> None:
        self.name.input.setFocus(reason)

    def tab_stops(self) -> list[QWidget]:
        return list(self._stops)

    def show_editor(self, editor: Editor) -> None:
        super().show_editor(editor)
        for field_id, field in (("name", self.name), ("base_url", self.url), ("key", self.key)):
            field.set_error(editor.errors.get(field_id, ""))
        self._note.setText(editor.note)
        self._note.set_tone(editor.note_tone)
        self._note.setVisible(bool(editor.note))

    def _fill(self, name: str) -> None:
        preset = next(preset for preset in PRESETS if preset.name == name)
        self._vendor = preset.vendor
        self.name.set_text(preset.name)
        self.url.set_text(preset.base_url)
        self.url.input.setPlaceholderText(preset.example)
        missing = self.key if preset.base_url else self.url
        missing.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def _values(self) -> tuple[str, str, str, str]:
        return self.name.text, self.url.text, self.key.text, self._vendor

    def _submit(self) -> None:
        self.submitted.emit(*self._values())


def key_form(
    themes: ThemeController, editor: Editor, place: str, parent: QWidget | None = None
) -> OneFieldForm:
    """The editor for a provider's key. `place` says where it will be kept."""
    form = OneFieldForm(
        themes,
        editor,
        name=f"settings.provider.{editor.target}.editor",
        label=tr("Key for {provider}", provider=editor.label),
        action=tr("Test and keep"),
        placeholder=tr("Paste a key"),
        secret=True,
        help_text=place,
    )
    form.setParent(parent)
    return form


def host_form(themes: ThemeController, editor: Editor, parent: QWidget | None = None) -> OneFieldForm:
    """The editor for the Ollama host."""
    form = OneFieldForm(
        themes,
        editor,
        name=f"settings.provider.{editor.target}.editor",
        label=tr("Ollama host"),
        action=tr("Use this host"),
        placeholder="127.0.0.1:11434",
        help_text=tr("A name or an address, with a port where it is not 11434. Empty means this computer."),
    )
    form.setParent(parent)
    return form
