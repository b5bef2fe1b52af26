"""The one door through which an address leaves for the browser or the mail program."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

ALLOWED_SCHEMES: Final = frozenset({"http", "https", "mailto"})

_log = logging.getLogger(__name__)


def open_url(url: str) -> bool:
    """Hand an address to the system; whether that was done.

    Only http, https and mailto leave, and only where they are whole: any other scheme could start a
    program or open a file of the person's.
    """
    parsed = QUrl(url, QUrl.ParsingMode.StrictMode)
    if not parsed.isValid() or parsed.scheme().lower() not in ALLOWED_SCHEMES:
        _log.info("an address that is neither http, https nor mailto was not opened")
        return False
    if parsed.scheme().lower() != "mailto" and not parsed.host():
        return False
    return QDesktopServices.openUrl(parsed)


def open_folder(folder: Path) -> bool:
    """Show a folder of the application in the system's file manager; whether that was done."""
    return folder.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
