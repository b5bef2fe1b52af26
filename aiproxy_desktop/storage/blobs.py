"""The bytes of attachments: one file each, named by what is in it, so that nothing is stored twice."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.errors import StorageError, plain
from aiproxy_desktop.storage.whole_files import write_whole

# A file that nothing refers to may belong to a message that is being written; after a day it does not.
_YOUNG_SECONDS = 24 * 60 * 60


def blob_bytes(path: Path) -> bytes:
    """What lies where `BlobStore.path` says. Blocks: for a thread.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    return path.read_bytes()


class BlobStore:
    """Files under one folder, by the SHA-256 of their content (64 hexadecimal digits).

    They are written whole and never changed; only their owner can read them. What is not in the folder is
    looked for in the one `behind` it, if there is one, where nothing is written.
    """

    def __init__(
        self, folder: Path, now: Callable[[], float] = time.time, *, behind: Path | None = None
    ) -> None:
        self._folder = folder
        self._behind = behind
        self._now = now
        # So that none is removed as too old while it is being brought again.
        self._lock = threading.Lock()

    def path(self, digest: str) -> Path:
        """Where the bytes of this hash lie, or would.

        Raises:
            ValueError: it is not a hash; no name from outside becomes a path.
        """
        own = self._place(self._folder, digest)
        if self._behind is not None and not own.exists():
            other = self._place(self._behind, digest)
            if other.exists():
                return other
        return own

    async def put(self, data: bytes) -> str:
        """Keep these bytes; their hash.

        Raises:
            StorageError: they cannot be written; nothing was.
        """
        return await on_thread(partial(self._put, data), "blobs")

    async def read(self, digest: str) -> bytes:
        """The bytes of a hash.

        Raises:
            StorageError: they are not there any more, or cannot be read.
        """
        return await on_thread(partial(self._read, digest), "blobs")

    async def collect(self, keep: Collection[str]) -> int:
        """Remove what is older than a day and not among `keep`; how many files went.

        Raises:
            StorageError: the folder cannot be read or written.
        """
        return await on_thread(partial(self._collect, frozenset(keep)), "blobs")

    def _place(self, folder: Path, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError(f"{digest!r} is not a hash")
        return folder / digest[:2] / digest

    def _put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        path = self._place(self._folder, digest)
        try:
            with self._lock:
                there = path.is_file() and path.stat().st_size == len(data)
                if there:
                    path.touch()  # young again: whoever brought it has not told of it yet
            if not there:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(path, data)
        except OSError as error:
            raise plain(error, "The attachment", path, "written") from error
        return digest

    def _read(self, digest: str) -> bytes:
        path = self.path(digest)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise StorageError(
                "An attachment of this conversation is no longer there", f"It was kept as {path}. Remove it."
            ) from None
        except OSError as error:
            raise plain(error, "The attachment", path, "read") from error

    def _collect(self, keep: frozenset[str]) -> int:
        gone, old = 0, self._now() - _YOUNG_SECONDS
        try:
            for path in self._folder.glob("??/*"):
                if path.name in keep:
                    continue
                with self._lock:
                    if path.stat().st_mtime < old:
                        path.unlink(missing_ok=True)
                        gone += 1
        except OSError as error:
            raise plain(error, "The attachments", self._folder, "tidied") from error
        return gone
