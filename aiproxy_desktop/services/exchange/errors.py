"""What can be wrong with an export that someone wants taken in."""

from __future__ import annotations

from aiproxy_desktop.core.errors import AIProxyError

NOTHING = "Nothing was imported."


class UnreadableExportError(AIProxyError):
    """The file is not an export that this version reads, or it is damaged; nothing was imported."""


def damaged(what: str) -> UnreadableExportError:
    """`what` is wrong with the file: a sentence without its full stop."""
    return UnreadableExportError(f"The export is damaged: {what}", f"{NOTHING} Export it again.")
