"""The left side of the chat tab: New chat, search, conversations."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.conversation_view import ConversationView
from aiproxy_desktop.ui.chat.history import History
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import TextField


class Sidebar(QFrame):
    """Emits what the person wants of the history."""

    new_wanted = Signal()

    def __init__(self, themes: ThemeController, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self.setObjectName("chat.sidebar")
        self.setProperty("layer", "sidebar")
        self.setMinimumWidth(LAYOUT.sidebar_min)
        self.setMaximumWidth(LAYOUT.sidebar_max)
        self.new_button = Button(
            themes,
            "New chat",
            name="chat.newChat",
            icon="plus",
            hint="Ctrl N",
            large=True,
            align_start=True,
            parent=self,
        )
        self.search = TextField(
            themes, name="chat.search", placeholder="Search conversations", icon="search", parent=self
        )
        self.view = ConversationView(themes, history.model, self)
        self._empty_title = Label("", "body", "secondary", wrap=True, parent=self)
        self._empty_help = Label("", "meta", "muted", wrap=True, parent=self)
        self._lay_out()
        self.new_button.clicked.connect(self.new_wanted)
        self.search.textChanged.connect(history.search)
        self.search.installEventFilter(self)
        self.view.delete_wanted.connect(history.delete)
        history.changed.connect(self._show_emptiness)
        self._show_emptiness()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        down = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down
        if watched is self.search and down and event.type() == QEvent.Type.KeyPress:
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self.new_button)
        head.addWidget(self.search)
        column.addLayout(head)
        self._empty = QWidget(self)
        words = QVBoxLayout(self._empty)
        words.setContentsMargins(20, 28, 20, 0)
        words.setSpacing(4)
        for label in (self._empty_title, self._empty_help):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            words.addWidget(label)
        column.addWidget(self._empty)
        column.addSpacing(4)
        column.addWidget(self.view, 1)

    def _show_emptiness(self) -> None:
        nothing = self._history.nothing_found
        empty = nothing or bool(self._history.account_empty)
        self._empty_title.setText("No title matches" if nothing else "No conversations yet")
        self._empty_help.setText("Try fewer letters." if nothing else "They appear here, newest first.")
        self._empty.setVisible(empty)
