"""The chat page in a real window, for tests that press its keys and buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QWidget

from aiproxy_desktop.ui.chat.page import ChatPage
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from tests.ui.chat_parts import ChatParts, chat_parts, themes
from tests.waiting import until

W = TypeVar("W", bound=QWidget)


@dataclass
class Window:
    """The window with the chat page in it, and what is under it."""

    parts: ChatParts
    page: ChatPage
    window: MainWindow

    def find(self, kind: type[W], name: str) -> W:
        return next(widget for widget in self.window.findChildren(kind, name) if widget.isVisible())

    def shows(self, name: str) -> bool:
        return any(widget.isVisible() for widget in self.window.findChildren(QWidget, name))

    @property
    def composer(self) -> QPlainTextEdit:
        return self.find(QPlainTextEdit, "chat.composer")

    @property
    def transcript(self) -> Transcript:
        return self.find(Transcript, "chat.transcript")

    def click(self, name: str) -> None:
        QTest.mouseClick(self.find(QAbstractButton, name), Qt.MouseButton.LeftButton)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.composer, text)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, modifier)

    async def ask(self, text: str) -> None:
        self.type(text)
        QTest.keyClick(self.composer, Qt.Key.Key_Return)
        await until(lambda: not self.composer.toPlainText(), "the question is taken")

    async def answered(self) -> None:
        messages = self.parts.view_model
        await until(
            lambda: messages.messages and messages.messages[-1].status == "complete", "the whole answer"
        )

    async def answered_anew(self) -> None:
        """Wait for the answer to what was sent just now."""
        view_model = self.parts.view_model
        await until(lambda: not view_model.draft and not view_model.answering, "the answer")


@asynccontextmanager
async def opened(folder: Path, environ: dict[str, str] | None = None) -> AsyncIterator[Window]:
    async with chat_parts(folder, environ=environ) as parts:
        page = ChatPage(parts.view_model, themes())
        window = MainWindow(
            themes(),
            [
                Page("chat", "Chat", "chat-20", lambda: page),
                Page("settings", "Settings", "settings-20", PageWidget, at_bottom=True),
            ],
        )
        window.show_page("chat")
        window.show()
        window.activateWindow()
        await until(lambda: page.isVisible() and window.isActiveWindow(), "the window")
        parts.view_model.start()
        await until(lambda: parts.view_model.history.account_empty is not None)
        try:
            yield Window(parts, page, window)
        finally:
            window.toasts.leave_all()
            window.close_for_good()
            window.deleteLater()
