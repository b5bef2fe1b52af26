"""The one door through which a file leaves that the person names."""

from __future__ import annotations

import errno
import secrets
from contextlib import suppress
from pathlib import Path

from aiproxy_desktop.storage.errors import DiskFullError, ReadOnlyError, StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def write_named(path: Path, data: bytes) -> None:
    """Write a file where the person said; what stood there is replaced only once all is written.

    Blocks on the disk: call it on a thread.

    Raises:
        StorageError: it cannot be written; what stood there is as it was.
    """
    unfinished = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        # What was open to others stays so; a link goes on leading to where it leads.
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise StorageError(f"“{path.name}” could not be saved", "It is no file. Choose another name.")
        unfinished = target.with_name(unfinished.name)
        unfinished.write_bytes(data)
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        unfinished.replace(target)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise _plain(error, path) from error


def write_beside(path: Path, data: bytes) -> Path:
    """Write a file of this name, or with a number where there is one already: nothing is replaced.

    Blocks on the disk: call it on a thread.

    Returns:
        where it was written.

    Raises:
        StorageError: it cannot be written; nothing is left of it.
    """
    place, number = path, 1
    while True:
        try:
            place.touch(exist_ok=False)  # the name is ours from here on
        except FileExistsError:
            number += 1
            place = path.with_name(f"{path.stem} ({number}){path.suffix}")
        except OSError as error:
            raise _plain(error, path) from error
        else:
            break
    try:
        write_named(place, data)
    except StorageError:
        with suppress(OSError):
            place.unlink()
        raise
    return place


def _plain(error: OSError, path: Path) -> StorageError:
    title = f"“{path.name}” could not be saved"
    if error.errno in _FULL:
        return DiskFullError(title, "The disk is full. Free some space, or choose another folder.")
    if error.errno in _FORBIDDEN:
        return ReadOnlyError(title, "The folder does not allow it. Choose another one.")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return StorageError(title, "The folder is no longer there. Choose another one.")
    return StorageError(title, f"The system said: {error.strerror}. Choose another name or folder.")
