"""The line to type in, for whoever would rather write."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.text_field import TextField


class VoiceComposer(QWidget):
    """A text field and Send.

    Signals:
        sent: the words that were written; the field is empty then.
    """

    sent = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = ""
        self.field = TextField(themes, name="voice.composer", accessible_name=tr("Message"), parent=self)
        self.send = Button(
            themes, tr("Send"), name="voice.send", kind="quiet", icon="send", large=True, parent=self
        )
        self.send.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.send)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.returnPressed.connect(self._send)
        self.send.clicked.connect(self._send)
        self.field.textChanged.connect(self._look)
        self._look()

    def address(self, name: str, *, why_not: str = "") -> None:
        """Say whom the words go to, or why they can go nowhere."""
        self.field.setEnabled(not why_not)
        # Why stands above it, whole.
        to_whom = tr("Or type to {name}", name=name)
        self.field.setPlaceholderText(tr("You can type once a model is ready") if why_not else to_whom)
        self.field.setAccessibleDescription(why_not)
        self._look()

    def give_back(self) -> None:
        """What was sent last did not go: it stands in the field again, before what was written since."""
        if self._last:
            since = self.field.text()
            self.field.setText(f"{self._last} {since}" if since else self._last)
            self._last = ""

    def arrived(self) -> None:
        """What was sent last is in the conversation."""
        self._last = ""

    @property
    def unanswered(self) -> str:
        """What was sent last, as long as it is not known to be in the conversation."""
        return self._last

    def _send(self) -> None:
        words = self.field.text().strip()
        if words and self.field.isEnabled():
            self._last = words
            self.field.clear()
            self.sent.emit(words)

    def _look(self) -> None:
        self.send.setEnabled(self.field.isEnabled() and bool(self.field.text().strip()))
