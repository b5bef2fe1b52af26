"""The file someone wants taken in: a document, or a zip of which only named entries are read, bounded.

Nothing is ever unpacked to a path, so that no name in a zip can lead anywhere.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.exchange.errors import NOTHING, UnreadableExportError, damaged
from aiproxy_desktop.services.exchange.json_items import Readable

_MOST_ENTRIES = 500_000

# Bytes of an attachment: it is held in memory once.
_FILE_LIMIT = 1024 * 1024 * 1024

# Text shrinks to a tenth. What unpacks to this many times its size, and to more than this, is a bomb.
_RATIO = 200
_SAFE_BYTES = 256 * 1024 * 1024


class ExportFile:
    """An export, open for reading. Made by `open_export`. Methods block: they belong on a thread."""

    def __init__(self, path: Path, plain: IO[bytes], packed: zipfile.ZipFile | None) -> None:
        self.path = path
        self._plain = plain
        self._zip = packed
        self.names: tuple[str, ...] = ()
        if packed is not None:
            entries = [info for info in packed.infolist() if not info.is_dir()]
            if len(entries) > _MOST_ENTRIES:
                raise damaged("it holds more than 500,000 files")
            self.names = tuple(info.filename for info in entries)

    @property
    def packed(self) -> bool:
        """Whether it is a zip."""
        return self._zip is not None

    @contextmanager
    def document(self, name: str = "") -> Iterator[Readable]:
        """The document itself, or an entry of the zip, from its beginning."""
        if self._zip is None:
            self._plain.seek(0)
            yield self._plain
            return
        with _told(), self._zip.open(name) as entry:
            yield _Bounded(entry, self._zip.getinfo(name).compress_size)

    def file(self, name: str) -> bytes:
        """All of an entry."""
        assert self._zip is not None, "only a zip has files"
        with self.document(name) as entry:
            pieces, size = [], 0
            while piece := entry.read(1024 * 1024):
                size += len(piece)
                if size > _FILE_LIMIT:
                    raise damaged("a file in it is larger than 1 GB")
                pieces.append(piece)
        return b"".join(pieces)


@contextmanager
def open_export(path: Path) -> Iterator[ExportFile]:
    """Open a file that a person chose.

    Raises:
        UnreadableExportError: it cannot be read.
    """
    try:
        with path.open("rb") as plain:
            if plain.read(4) not in {b"PK\x03\x04", b"PK\x05\x06"}:
                yield ExportFile(path, plain, None)
                return
            with _told(), zipfile.ZipFile(plain) as packed:
                yield ExportFile(path, plain, packed)
    except OSError as error:
        raise UnreadableExportError(f"{path} cannot be read ({error.strerror or error})", NOTHING) from error


class _Bounded:
    """An entry that stops being read once it turns out to be a bomb."""

    def __init__(self, entry: IO[bytes], packed_size: int) -> None:
        self._entry = entry
        self._most = max(_SAFE_BYTES, packed_size * _RATIO)
        self._read = 0

    def read(self, size: int, /) -> bytes:
        with _told():
            piece = self._entry.read(size)
        self._read += len(piece)
        if self._read > self._most:
            raise damaged("a file in it unpacks to more than 200 times its size")
        return piece


@contextmanager
def _told() -> Iterator[None]:
    """What zipfile raises for files that are not as they should be."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise damaged("the zip file cannot be unpacked") from error
    except RuntimeError as error:
        if isinstance(error, AIProxyError) or "password" not in str(error):
            raise
        raise UnreadableExportError(
            "The export is locked with a password", f"Unpack it first. {NOTHING}"
        ) from error
