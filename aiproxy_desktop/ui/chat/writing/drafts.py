"""What is written and not yet sent, kept so that no crash and no restart loses more than half a second."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.drafts import NEW_CHAT, NO_DRAFT, Draft, DraftStore
from aiproxy_desktop.storage.records import Attachment

__all__ = ["NEW_CHAT", "Drafts"]

_WRITE_EVERY_MS = 500


class Drafts(QObject):
    """The drafts of every place that was visited: a conversation's id, or NEW_CHAT.

    Signals:
        restored(str, object): the attachments (`tuple[Attachment, ...]`) that came back with the draft of a
            place; whoever shows attachments shows these.
        failed(AIProxyError): a draft could not be read or written; it is tried again at the next change.
    """

    restored = Signal(str, object)
    failed = Signal(object)

    def __init__(self, store: DraftStore, scope: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._scope = scope
        self._drafts: dict[str, Draft] = {}
        self._read: set[str] = set()
        self._unwritten: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WRITE_EVERY_MS)
        self._timer.timeout.connect(self.write_now)

    def text(self, place: str) -> str:
        """What is written there."""
        return self._drafts.get(place, NO_DRAFT).text

    def attachments(self, place: str) -> tuple[Attachment, ...]:
        """What is attached there."""
        return self._drafts.get(place, NO_DRAFT).attachments

    def keep_text(self, place: str, text: str) -> None:
        """The person writes."""
        self._keep(place, Draft(text, self.attachments(place)))

    def keep_attachments(self, place: str, attachments: tuple[Attachment, ...]) -> None:
        """The person attaches or takes away."""
        self._keep(place, Draft(self.text(place), attachments))

    def sent(self, place: str, prompt: str) -> None:
        """This was sent; what was typed meanwhile stays."""
        self._keep(place, Draft(self.text(place).removeprefix(prompt)))
        self.write_now()

    def move(self, place: str, to: str) -> None:
        """The conversation that was written for has begun."""
        draft = self._drafts.get(place, NO_DRAFT)
        self._keep(to, draft)
        self._keep(place, NO_DRAFT)

    async def load(self, place: str) -> None:
        """Read what an earlier run left there, once; what is written already stays.

        Raises:
            StorageError: it cannot be read.
        """
        if place in self._read:
            return
        kept = await self._store.read(place)
        if place in self._read:
            return
        self._read.add(place)
        if kept and place not in self._drafts:
            self._drafts[place] = kept
            if kept.attachments:
                self.restored.emit(place, kept.attachments)

    def write_now(self) -> None:
        """Write what has changed, without waiting for more."""
        self._timer.stop()
        places, self._unwritten = self._unwritten, set()
        for place in sorted(places):
            task = self._scope.start(self._write(place), "draft")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Write what has changed, and wait until all is written."""
        self.write_now()
        if self._writing:
            await asyncio.wait(self._writing)

    def _keep(self, place: str, draft: Draft) -> None:
        if draft == self._drafts.get(place, NO_DRAFT):
            return
        # What is written here now is newer than whatever storage holds.
        self._read.add(place)
        self._drafts[place] = draft
        self._unwritten.add(place)
        if not self._timer.isActive():
            self._timer.start()

    async def _write(self, place: str) -> None:
        try:
            await self._store.write(place, self._drafts.get(place, NO_DRAFT))
        except AIProxyError as error:
            self._unwritten.add(place)
            self.failed.emit(error)
