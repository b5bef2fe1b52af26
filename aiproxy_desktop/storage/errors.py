"""What can go wrong with files, in the one error tree."""

from __future__ import annotations

import errno
from pathlib import Path

from aiproxy_desktop.core.errors import AIProxyError


class StorageError(AIProxyError):
    """A file or folder of the application cannot be used as it is."""


class NewerVersionError(StorageError):
    """A file was written by a newer version of the application; it was left as it is."""


class NewerDatabaseError(NewerVersionError):
    """The history was."""


class NewerSettingsError(NewerVersionError):
    """The settings were."""


class DamagedDatabaseError(StorageError):
    """The history file is not a database any more, or not one of this application."""


class DiskFullError(StorageError):
    """There is no room left to write."""


class ReadOnlyError(StorageError):
    """The file or its folder cannot be written to."""


class InUseError(StorageError):
    """Another program holds the file and does not let go of it."""


class MissingConversationError(StorageError):
    """The conversation or message is no longer there."""


def plain(error: OSError, what: str, path: Path, done: str) -> StorageError:
    """The system's refusal in words: `what` (“The settings”) in `path` cannot be `done` (“written”)."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(
            f"There is no room left on the disk for {path}", "Free some space, then try again."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ReadOnlyError(
            f"{what} in {path} cannot be {done}",
            "Make it and its folder readable and writable, or choose another folder with --data-dir.",
        )
    return StorageError(f"{what} in {path} cannot be {done} ({error.strerror})", "Look at the file.")
