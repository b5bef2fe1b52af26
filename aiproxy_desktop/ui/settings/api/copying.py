"""Text onto the clipboard, secrets among it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication


def put_text(text: str, *, secret: bool = False) -> None:
    """Copy; of a `secret` the history of the clipboard is asked to keep nothing.

    The hint is Klipper's, which other managers of clipboards follow (`x-kde-passwordManagerHint`, as
    KeePassXC sets it).
    """
    mime = QMimeData()
    mime.setText(text)
    if secret:
        mime.setData("x-kde-passwordManagerHint", b"secret")
    QGuiApplication.clipboard().setMimeData(mime)
