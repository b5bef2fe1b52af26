"""Downloads written down as they change: one write at a time, of the newest there is to say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadStore

_log = logging.getLogger(__name__)


class DownloadKeeper:
    """Writes down what changed. What could not be written is written with the next change, or at the end."""

    def __init__(
        self, store: DownloadStore, scope: TaskScope, find: Callable[[str], DownloadRecord | None]
    ) -> None:
        """Wire up.

        Args:
            store: where downloads are kept.
            scope: owns the task that writes; its owner closes it after this.
            find: how a download stands now; None where it is to be forgotten.
        """
        self._store = store
        self._scope = scope
        self._find = find
        self._changed: set[str] = set()
        self._unwritten: set[str] = set()
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    def note(self, download_id: str) -> None:
        """A download stands otherwise now."""
        self._changed.add(download_id)
        self._write_later()

    async def close(self, ids: Iterable[str]) -> None:
        """Write down all that was not yet, and these downloads; nothing is written by itself any more."""
        self._closed = True
        self._changed.update(ids)
        if self._writing is not None:
            await asyncio.wait([self._writing])
        try:
            await self._write()
        except AIProxyError as error:
            log_kept(error)

    def _write_later(self) -> None:
        if self._writing is None and not self._closed:
            self._writing = self._scope.attempt(self._write, log_kept, "keep")
            self._writing.add_done_callback(self._written)

    def _written(self, _task: asyncio.Task[None]) -> None:
        self._writing = None
        if self._changed:
            self._write_later()

    async def _write(self) -> None:
        wanted = self._changed | self._unwritten
        if not wanted:
            return
        self._changed, self._unwritten = set(), wanted
        found = {download_id: self._find(download_id) for download_id in sorted(wanted)}
        kept = [record for record in found.values() if record is not None]
        await self._store.save(kept, [key for key, record in found.items() if record is None])
        self._unwritten = set()


def log_kept(error: AIProxyError) -> None:
    """The downloads go on; only the next run would not know of them."""
    _log.warning("a download was not kept: %s", error)
