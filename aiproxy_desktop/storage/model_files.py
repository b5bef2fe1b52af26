"""Model files that are downloaded: written piece by piece, checked, and only then given their name.

What has come lies beside it as `<name>.part`, and stays there whatever happens, until it is whole or the
person gives it up.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import NotGgufError, read_head
from aiproxy_desktop.core.providers.builtin.other_files import refuse_other_kinds
from aiproxy_desktop.core.providers.builtin.whole_file import check_whole
from aiproxy_desktop.storage.errors import DiskFullError, StorageError, plain

SUFFIX = ".gguf"
_PART = ".part"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_PIECE = 1024 * 1024
_MOST_NAME = 120
_UNSAFE = re.compile(r"[^\w.()+@=-]+")

# Gives a file bytes, and tells how many it took: the seam for disks that are full.
Write = Callable[[BinaryIO, memoryview], int]


class SpoiledFileError(StorageError):
    """What was downloaded is not what was wanted; going on from it would not mend it."""


def choose_target(folder: Path, name: str, taken: Collection[str] = (), sha256: str = "") -> Path:
    """Where a model file goes: named after `name`, and no other's. Blocks on the disk.

    A file of that name and checksum is taken for it: it was downloaded before.

    Args:
        folder: that of the model files.
        name: from an address or a person; nothing of it becomes a folder.
        taken: paths that others will be written to.
        sha256: of the file, where it is known.
    """
    stem = _UNSAFE.sub("-", name.strip().removesuffix(SUFFIX)).strip("-.")[:_MOST_NAME] or "model"
    for number in range(1, 10_000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}"
        if str(path) in taken or _part_of(path).exists():
            continue
        if not path.exists() or (sha256 and _has_checksum(path, sha256)):
            return path
    raise StorageError(f"There are too many files named {stem} in {folder}", "Remove some of them.")


def size_in_words(count: int) -> str:
    """Bytes as file managers count them: 1.2 GB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def disk_full(more: int | None, place: str) -> DiskFullError:
    """A full disk in words; `more` bytes are still to come, None where that is not known."""
    needed = "" if more is None else f": {size_in_words(more)} more are needed in {place}"
    return DiskFullError(
        f"The disk is full{needed or f', in {place}'}", "Free some space, then try again; what came is kept."
    )


class PartFile:
    """A file that is coming. Its methods block on the disk: call them on a thread, one at a time.

    Every method raises StorageError where the disk refuses; what was written before stays.
    """

    def __init__(self, target: Path, write: Write = lambda file, data: file.write(data)) -> None:
        self.target = target
        self.size = 0
        self._path = _part_of(target)
        self._write = write
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._given_up = threading.Event()

    @property
    def done(self) -> bool:
        """Whether the whole file is in its place already."""
        return self.target.is_file()

    def open(self) -> int:
        """Open it, and read what is there for the checksum; how many bytes are there."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._path.exists():
                self._path.touch(mode=0o600)
            self._file = self._path.open("r+b", buffering=0)
            self._hash_what_is_there()
        except OSError as error:
            raise self._told(error, None) from error
        return self.size

    def restart(self) -> None:
        """Begin again at the first byte."""
        assert self._file is not None
        try:
            self._file.seek(0)
            self._file.truncate(0)
        except OSError as error:
            raise self._told(error, None) from error
        self.size, self._hash = 0, hashlib.sha256()

    def check_room(self, total: int) -> None:
        """See whether the rest of `total` bytes fits.

        Raises:
            DiskFullError: it does not.
        """
        rest = total - self.size
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError:
            return  # a file system that does not tell: writing will
        if rest > free:
            raise DiskFullError(
                f"There is not enough room: {size_in_words(rest)} more are needed in {self._path.parent}"
                f", and {size_in_words(free)} are free",
                "Free some space, then try again.",
            )

    def write(self, data: bytes, total: int | None = None) -> None:
        """Put the next bytes behind the others; `total` is the size of the whole file, where it is known."""
        assert self._file is not None
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += self._write(self._file, view[done:])
        except OSError as error:
            # Bytes of this piece may be there: they are hashed like the others, so nothing is lost.
            self._took(view[: self._landed()])
            raise self._told(error, None if total is None else total - self.size) from error
        self._took(view)

    def finish(self, sha256: str) -> None:
        """Check the file and give it its name.

        Args:
            sha256: what it must have, in hexadecimal; empty where nobody knows.

        Raises:
            SpoiledFileError: it is another file, no language model, or not all of it. It stays where it is.
        """
        assert self._file is not None
        try:
            os.fsync(self._file.fileno())
            if sha256 and self._hash.hexdigest() != sha256:
                raise SpoiledFileError(
                    "The file does not match its checksum",
                    "It was damaged on its way, or is another one than meant. Fetch it again.",
                )
            self._file.seek(0)
            self._check_model()
            self.close()
            self._path.replace(self.target)
        except OSError as error:
            raise self._told(error, None) from error

    def _check_model(self) -> None:
        """Refuse what could never be run, while it can still be taken away like anything half downloaded."""
        assert self._file is not None
        try:
            head = read_head(self._file)
        except NotGgufError:
            raise SpoiledFileError(
                "What came is not a model file",
                "Only GGUF files can be run here. Check the address, then fetch it again.",
            ) from None
        try:
            refuse_other_kinds(head, self.target.name)
        except LocalModelError as error:
            raise SpoiledFileError(error.title, error.advice) from None
        try:
            check_whole(self._path, self.target.name)
        except LocalModelError as error:
            raise SpoiledFileError(
                "The file ends before its last part",
                "Its server cut it off without saying so. Fetch it again.",
                detail=error.detail,
            ) from None

    def close(self) -> None:
        """Let go of the file; what came stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def give_up(self) -> None:
        """End a reading of what is there that goes on on a thread; nothing waits for it any more."""
        self._given_up.set()

    def discard(self) -> None:
        """Remove what came; a file that is whole stays."""
        self.close()
        with suppress(OSError):
            self._path.unlink()

    def _hash_what_is_there(self) -> None:
        assert self._file is not None
        self.size, self._hash = 0, hashlib.sha256()
        while not self._given_up.is_set() and (piece := self._file.read(_PIECE)):
            self._took(memoryview(piece))

    def _took(self, data: memoryview) -> None:
        self._hash.update(data)
        self.size += len(data)

    def _landed(self) -> int:
        """How many bytes of a piece that failed are on the disk."""
        assert self._file is not None
        try:
            return max(0, self._file.tell() - self.size)
        except OSError:
            return 0

    def _told(self, error: OSError, more: int | None) -> StorageError:
        if error.errno in _FULL:
            return disk_full(more, str(self._path.parent))
        if error.errno == errno.EFBIG:
            return StorageError(
                f"The disk takes no file as large as this one, in {self._path.parent}",
                "Choose a folder on another disk with --data-dir, or a smaller model.",
            )
        return plain(error, "The model file", self._path, "written")


def _has_checksum(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _part_of(target: Path) -> Path:
    return target.with_name(target.name + _PART)
