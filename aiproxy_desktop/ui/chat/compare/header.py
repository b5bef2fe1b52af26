"""The header while models are compared."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.options.button import OptionsButton
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label


class CompareHeader(QFrame):
    """Conversations, title, what it cost so far, Scroll together, Options, Leave compare."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chat.compare.header")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        self.conversations = Button(
            themes,
            tr("Conversations"),
            name="chat.compare.conversations",
            kind="quiet",
            icon="sidebar",
            parent=self,
        )
        self._title = ElidedLabel("", "reading_strong", parent=self)
        self._title.setObjectName("chat.compare.title")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._facts = Label("", "meta", "muted", tabular=True, parent=self)
        self._facts.setObjectName("chat.compare.total")
        self.together = ToggleButton(themes, tr("Scroll together"), name="chat.compare.together", parent=self)
        self.options = OptionsButton(themes, name="chat.compare.options", parent=self)
        self.leave = Button(
            themes, tr("Leave compare"), name="chat.compare.leave", kind="quiet", icon="close", parent=self
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.conversations)
        row.addWidget(self._title)
        row.addWidget(self._facts)
        row.addStretch(1)
        row.addWidget(self.together)
        row.addWidget(self.options)
        row.addWidget(self.leave)

    def show_facts(self, title: str, facts: str) -> None:
        """Show these."""
        self._title.setText(title)
        self._title.updateGeometry()
        self._facts.setText(facts)


class ToggleButton(Button):
    """A button that stays on; then it has a check, and a ground of its own. Its width stays."""

    def __init__(self, themes: ThemeController, text: str, *, name: str, parent: QWidget) -> None:
        super().__init__(themes, text, name=name, kind="quiet", icon="check", parent=parent)
        self.setCheckable(True)
        self.setFixedWidth(self.sizeHint().width())
        self.set_icon("")
        self.toggled.connect(lambda on: self.set_icon("check" if on else ""))
