"""Why the application cannot start, said in a window of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import start_on_thread
from aiproxy_desktop.storage.backups import Backup, BackupFolder
from aiproxy_desktop.storage.errors import (
    DamagedDatabaseError,
    DiskFullError,
    NewerVersionError,
    ReadOnlyError,
    StorageError,
)
from aiproxy_desktop.ui.shell.event_loop import termination_signals
from aiproxy_desktop.ui.translation import tr

# `unkept`: go on in folders that are gone after this run.
WayOut: TypeAlias = Literal["close", "retry", "restore", "unkept"]

_log = logging.getLogger(__name__)


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


async def explain(error: AIProxyError, closing: asyncio.Event, backups: BackupFolder) -> WayOut:
    """Say why the history or the settings cannot be opened, and wait for a way out.

    Args:
        error: why.
        closing: set when the window is closed; pressing a button sets it, too.
        backups: of the history. The newest sound one is offered in the place of one that is damaged, and
            what is chosen is restored at the next opening.
    """
    # What another program holds, or a full disk, a person can mend meanwhile.
    beyond_mending = isinstance(error, DamagedDatabaseError | NewerVersionError)
    failure = StartFailure(
        error.title,
        error.advice,
        can_retry=isinstance(error, StorageError) and not beyond_mending,
        can_go_unkept=isinstance(error, DiskFullError | ReadOnlyError),
    )
    damaged = isinstance(error, DamagedDatabaseError)
    return await _way_out(failure, closing, backups if damaged else None)


async def explain_folders(error: StorageError, told: Callable[[WayOut], object]) -> int:
    """Say why nothing can be kept, where there is no window yet, and tell which way out was taken."""
    closing = asyncio.Event()
    failure = StartFailure(error.title, error.advice, can_retry=True, can_go_unkept=True)
    with termination_signals(closing.set):
        told(await _way_out(failure, closing))
    return 0


async def _way_out(
    failure: StartFailure, closing: asyncio.Event, backups: BackupFolder | None = None
) -> WayOut:
    failure.finished.connect(closing.set)
    failure.open()
    try:
        if backups is not None:
            return await _with_a_backup(failure, closing, backups)
        await closing.wait()
        return failure.chosen
    finally:
        failure.hide()
        failure.deleteLater()


async def _with_a_backup(failure: StartFailure, closing: asyncio.Event, backups: BackupFolder) -> WayOut:
    """Offer the newest backup that is sound; `restore` once it is to be restored at the next opening."""
    try:
        found = await _newest_sound(backups, closing)
        if found is not None:
            when = found.at.astimezone().strftime("%Y-%m-%d %H:%M")
            failure.offer_restore(when, tr("What is damaged is kept beside the backups."))
        await closing.wait()
        if found is not None and failure.chosen == "restore":
            await start_on_thread(partial(backups.wish, found.path), "backups")
    except StorageError as error:
        _log.error("no backup can be restored: %s", error)
        await closing.wait()
        return "close"
    return failure.chosen


async def _newest_sound(backups: BackupFolder, closing: asyncio.Event) -> Backup | None:
    looking = start_on_thread(backups.newest_sound, "backups")
    closed = asyncio.ensure_future(closing.wait())
    try:
        # Looking through large ones takes a while, and nobody has to wait for it.
        await asyncio.wait((looking, closed), return_when=asyncio.FIRST_COMPLETED)
        return looking.result() if looking.done() else None
    finally:
        closed.cancel()
