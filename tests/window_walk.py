"""Open the application, look at every widget of every page, print what was seen as one JSON line, and leave.

A program of its own, so that what is walked is the real window as `app.run` builds it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollBar, QWidget

from aiproxy_desktop.app import run
from aiproxy_desktop.options import AppOptions
from tests.waiting import until

_PAGES = (
    "chat",
    "models",
    "images.generate",
    "images.edit",
    "images.gallery",
    "voice",
    "settings.providers",
    "settings.presets",
    "settings.appearance",
    "settings.api",
    "settings.about",
)


def _interactive() -> Iterator[QWidget]:
    """Visible widgets that take the keyboard or are pressed, without the parts Qt itself makes."""
    for widget in QApplication.allWidgets():
        by_qt = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar | QMainWindow)
        if widget.isVisible() and not by_qt and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield widget


def _described(widget: QWidget) -> dict[str, str]:
    interface = QAccessible.queryAccessibleInterface(widget)
    parents: list[str] = []
    parent = widget.parentWidget()
    while parent is not None and len(parents) < 3:
        parents.append(parent.objectName() or type(parent).__name__)
        parent = parent.parentWidget()
    return {
        "class": type(widget).__name__,
        "name": widget.objectName(),
        "spoken": interface.text(QAccessible.Text.Name),
        "within": " < ".join(parents),
    }


async def _walk() -> None:
    window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMainWindow))
    await until(lambda: window.findChild(QWidget, "chat.composer") is not None, "the pages are there")
    seen = {}
    for page in _PAGES:
        window.show_page(page)  # type: ignore[attr-defined]  # the application's own window class
        await asyncio.sleep(1.0)
        seen[page] = [_described(widget) for widget in _interactive()]
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGTERM)


def _main() -> int:
    tasks: list[asyncio.Task[None]] = []
    return run(AppOptions(), on_first_paint=lambda: tasks.append(asyncio.create_task(_walk())))


if __name__ == "__main__":
    sys.exit(_main())
