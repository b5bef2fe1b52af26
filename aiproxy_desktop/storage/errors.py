"""What can go wrong with files, in the one error tree."""

from __future__ import annotations

from aiproxy_desktop.core.errors import AIProxyError


class StorageError(AIProxyError):
    """A file or folder of the application cannot be used as it is."""


class NewerDatabaseError(StorageError):
    """The history was written by a newer version of the application; it was left as it is."""


class DamagedDatabaseError(StorageError):
    """The history file is not a database any more, or not one of this application."""


class DiskFullError(StorageError):
    """There is no room left to write."""


class ReadOnlyError(StorageError):
    """The file or its folder cannot be written to."""


class MissingConversationError(StorageError):
    """The conversation or message is no longer there."""
