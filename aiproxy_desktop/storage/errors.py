"""What can go wrong with files, in the one error tree."""

from __future__ import annotations

from aiproxy_desktop.core.errors import AIProxyError


class StorageError(AIProxyError):
    """A file or folder of the application cannot be used as it is."""
