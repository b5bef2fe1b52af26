"""Why the application cannot start, said in a window of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from aiproxy_desktop.ui.shell.event_loop import termination_signals
from aiproxy_desktop.ui.translation import tr

# `unkept`: go on in folders that are gone after this run.
WayOut: TypeAlias = Literal["close", "retry", "restore", "unkept"]


class StartFailure(QMessageBox):
    """One sentence about what is wrong, one about what to do, and the ways out."""

    def __init__(
        self, title: str, advice: str, *, can_retry: bool = False, can_go_unkept: bool = False
    ) -> None:
        """Say what is wrong, and offer the ways out.

        Args:
            title: what is wrong.
            advice: what can be done.
            can_retry: whether a person can mend it meanwhile.
            can_go_unkept: whether a run is of use of which nothing is kept.
        """
        super().__init__()
        self.setObjectName("shell.startFailure")
        self.setAccessibleName(tr("AI Proxy Desktop cannot start"))
        self.setWindowTitle("AI Proxy Desktop")
        self.setIcon(QMessageBox.Icon.Warning)
        # File names stand in these sentences; nothing in them is markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"{title}.")
        self.setInformativeText(advice)
        self._ways: dict[QPushButton, WayOut] = {}
        close = self._offer("close", tr("Close"), QMessageBox.ButtonRole.RejectRole)
        self.setEscapeButton(close)
        self.setDefaultButton(close)
        if can_go_unkept:
            self._offer("unkept", tr("Start without saving"), QMessageBox.ButtonRole.ActionRole)
        if can_retry:
            self.setDefaultButton(self._offer("retry", tr("Try again"), QMessageBox.ButtonRole.AcceptRole))

    def offer_restore(self, when: str, advice: str) -> None:
        """A sound backup was found: offer to put it in the place of what is damaged."""
        self.setInformativeText(advice)
        words = tr("Restore the backup of {when}", when=when)
        self.setDefaultButton(self._offer("restore", words, QMessageBox.ButtonRole.AcceptRole))

    @property
    def chosen(self) -> WayOut:
        """What was pressed; closing the window is `close`."""
        return next((way for button, way in self._ways.items() if button is self.clickedButton()), "close")

    def _offer(self, way: WayOut, words: str, role: QMessageBox.ButtonRole) -> QPushButton:
        button = self.addButton(words, role)
        button.setObjectName(f"shell.startFailure.{way}")
        button.setAccessibleName(words)
        self._ways[button] = way
        return button


async def explain(title: str, advice: str, told: Callable[[WayOut], object]) -> int:
    """Show what is wrong where there is no window yet, and tell which way out was taken."""
    closed = asyncio.Event()
    failure = StartFailure(title, advice, can_retry=True, can_go_unkept=True)
    failure.finished.connect(closed.set)
    failure.open()
    try:
        with termination_signals(closed.set):
            await closed.wait()
        told(failure.chosen)
    finally:
        failure.hide()
        failure.deleteLater()
    return 0
