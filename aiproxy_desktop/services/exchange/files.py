"""Files that are written where a person chose: whole, or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from aiproxy_desktop.storage.errors import StorageError, plain

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


class WholeFile:
    """A file to write that takes the place of `path` once all of it is written; its owner's alone.

    Methods block, and raise StorageError where the system refuses; what was there is then as it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished: Path | None = None
        self._file: IO[bytes] | None = None

    def open(self) -> IO[bytes]:
        """Begin, beside the place where it is to stand."""
        try:
            descriptor, name = tempfile.mkstemp(prefix=".export.", suffix=".part", dir=self._path.parent)
        except OSError as error:
            raise self._told(error) from error
        self._unfinished = Path(name)
        self._file = os.fdopen(descriptor, "w+b")
        return self._file

    def keep(self) -> None:
        """It is whole: put it in its place."""
        assert self._file is not None, "opened"
        assert self._unfinished is not None, "opened"
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._unfinished.replace(self._path)
        except OSError as error:
            raise self._told(error) from error

    def drop(self) -> None:
        """Leave nothing of it. Harmless after `keep`."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._unfinished is not None:
            with suppress(OSError):
                self._unfinished.unlink()

    def _told(self, error: OSError) -> StorageError:
        return plain(error, "The export", self._path, "written")


def unfinished_name(path: Path) -> Path:
    """A name beside `path` that nothing has yet."""
    return path.with_name(f".{path.name[:100]}.{os.urandom(4).hex()}.part")


def file_name(title: str, most: int = 80) -> str:
    """A title as a name for a file on any system, without an ending."""
    clean = _UNFIT.sub(" ", title.encode("utf-8", "replace").decode())
    clean = " ".join(clean.split())[:most].strip(" .")
    return f"{clean}_" if _RESERVED.match(clean) else clean or "Conversation"
