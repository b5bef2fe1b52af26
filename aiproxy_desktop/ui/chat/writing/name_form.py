"""Keeping something under a name: a field, Save, and what is wrong with the name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.storage.presets import MAX_NAME
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import TextField


class NameForm(QWidget):
    """Emits the name; whoever keeps the thing closes the form, or says what is wrong."""

    submitted = Signal(str)
    resized = Signal()

    def __init__(
        self, themes: ThemeController, title: str, *, name: str, parent: QWidget | None = None
    ) -> None:
        """Ask for a name.

        Args:
            themes: to paint with.
            title: what the name is for, above the field.
            name: prefix of the object names.
            parent: of the widget.
        """
        super().__init__(parent)
        self.input = TextField(themes, name=f"{name}.name", placeholder=tr("Name"), accessible_name=title)
        self.input.setMaxLength(MAX_NAME)
        self._save = Button(themes, tr("Save"), name=f"{name}.save", kind="primary", large=True)
        self._problem = Label("", "meta", "danger", wrap=True)
        self._problem.hide()
        self.setFocusProxy(self.input)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.input, 1)
        row.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(title, "meta", "secondary"))
        column.addLayout(row)
        column.addWidget(self._problem)
        self.input.returnPressed.connect(self._submit)
        self._save.clicked.connect(self._submit)

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with the name."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        self.input.set_invalid(bool(sentence))
        self.input.setAccessibleDescription(sentence)
        self.resized.emit()

    def begin(self) -> None:
        """Empty it and put the keys in it."""
        self.input.clear()
        self.refuse("")
        self.input.setFocus(Qt.FocusReason.TabFocusReason)

    def _submit(self) -> None:
        self.submitted.emit(self.input.text())
