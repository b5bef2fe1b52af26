"""What is typed into the panels: a key, and the name, address and key of a provider."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.editor import Editor
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import Field


class PanelForm(QFrame):
    """Base: Esc cancels the form, not the panel. Named `<name>.<part>`."""

    cancelled = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)


class KeyForm(PanelForm):
    """A key. Emits `submitted` with what was typed."""

    submitted = Signal(str)

    def __init__(self, themes: ThemeController, label: str, place: str, *, name: str) -> None:
        """Ask for the key of `label`; `place` says where it will be kept."""
        super().__init__(name)
        self.key = Field(
            themes,
            tr("Key for {provider}", provider=label),
            name=f"{name}.key",
            placeholder=tr("Paste a key"),
            secret=True,
            help_text=place,
        )
        cancel = Button(themes, tr("Cancel"), name=f"{name}.cancel", kind="quiet")
        self.submit = Button(themes, tr("Test and keep"), name=f"{name}.save", kind="primary")
        self.column.addWidget(self.key)
        self.column.addLayout(_at_end(cancel, self.submit))
        cancel.clicked.connect(self.cancelled)
        self.submit.clicked.connect(self._submit)
        self.key.input.returnPressed.connect(self._submit)

    def start(self) -> None:
        """Put the focus into the field."""
        self.key.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_editor(self, editor: Editor, place: str) -> None:
        """Show a refusal, and whether it is being tested; what was typed stays."""
        self.key.set_help(place)
        self.key.set_error(editor.errors.get("key", ""))
        self.submit.set_label(tr("Testing…") if editor.busy else tr("Test and keep"))
        self.submit.setEnabled(not editor.busy)

    def _submit(self) -> None:
        self.submitted.emit(self.key.text)


class ProviderForm(PanelForm):
    """Name, address and key. Emits `submitted` and `tested` with the three."""

    submitted = Signal(str, str, str)
    tested = Signal(str, str, str)

    def __init__(self, themes: ThemeController, action: str, *, name: str) -> None:
        """Make it empty; `action` is what the primary button says."""
        super().__init__(name)
        self.name = Field(themes, tr("Name"), name=f"{name}.name")
        self.url = Field(themes, tr("Address"), name=f"{name}.url")
        self.key = Field(themes, tr("Key"), name=f"{name}.key", placeholder=tr("Paste a key"), secret=True)
        self._note = Label("", "meta", "muted", wrap=True)
        self._note.setVisible(False)
        self.cancel = Button(themes, tr("Cancel"), name=f"{name}.cancel", kind="quiet")
        self.test = Button(themes, tr("Test"), name=f"{name}.test")
        self.submit = Button(themes, action, name=f"{name}.save", kind="primary")
        for field in (self.name, self.url, self.key):
            self.column.addWidget(field)
            field.input.returnPressed.connect(self._submit)
        self.column.addWidget(self._note)
        self.column.addLayout(_at_end(self.cancel, self.test, self.submit))
        self.cancel.clicked.connect(self.cancelled)
        self.test.clicked.connect(lambda: self.tested.emit(*self.values()))
        self.submit.clicked.connect(self._submit)

    def values(self) -> tuple[str, str, str]:
        """What was typed, of the fields that are shown."""
        return (
            self.name.text if not self.name.isHidden() else "",
            self.url.text if not self.url.isHidden() else "",
            self.key.text,
        )

    def start(self) -> None:
        """Put the focus into the first empty field, else into the first."""
        fields = [field for field in (self.name, self.url, self.key) if not field.isHidden()]
        empty = next((field for field in fields if not field.text), fields[0])
        empty.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_editor(self, editor: Editor) -> None:
        """Show refusals, a note and whether something is under way; what was typed stays."""
        for field_id, field in (("name", self.name), ("base_url", self.url), ("key", self.key)):
            field.set_error(editor.errors.get(field_id, ""))
        self._note.setText(editor.note)
        self._note.set_tone(editor.note_tone)
        self._note.setVisible(bool(editor.note))
        for button in (self.test, self.submit):
            button.setEnabled(not editor.busy)

    def _submit(self) -> None:
        self.submitted.emit(*self.values())


def _at_end(*buttons: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
