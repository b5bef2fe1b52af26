"""What stands in the place of a list or a picture where there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label

_WIDTH = 420


class EmptyState(QFrame):
    """One line what is absent, one line what to do, and at most two buttons; `acted` has a button's id."""

    acted = Signal(str)

    def __init__(self, themes: ThemeController, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._shown: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
        # Always the same ones: what is made later would come last in the order of Tab.
        self._buttons = [
            Button(themes, "", name=f"{name}.{place}", accessible_name=tr("Button")) for place in range(2)
        ]
        self._ids = ["", ""]
        self.setObjectName(name)
        self.setProperty("layer", "surface")
        self._title = Label("", "body_strong")
        self._text = Label("", "body", "muted", wrap=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(8)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setFixedWidth(_WIDTH)
            column.addWidget(label)
        column.addSpacing(4)
        column.addLayout(self._row)
        self._row.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addLayout(column)
        middle.addStretch(1)
        for place, button in enumerate(self._buttons):
            button.hide()
            button.clicked.connect(lambda _checked=False, place=place: self.acted.emit(self._ids[place]))
            self._row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(middle)
        whole.addStretch(3)

    def show_state(self, title: str, text: str, buttons: tuple[tuple[str, str], ...]) -> None:
        """Say it; `buttons` are (id, words)."""
        if self._shown == (title, text, buttons):
            return
        self._shown = (title, text, buttons)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(buttons))
            if place < len(buttons):
                self._ids[place], words = buttons[place]
                button.setObjectName(f"{self._name}.{self._ids[place]}")
                button.set_label(words)
