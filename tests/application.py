"""The whole application in this process, used as a person does: a real window, real keys, a real mouse."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from aiproxy_desktop.app import Application
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.options import AppOptions
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.ui.shell.handed_files import HandedFiles
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
from tests.waiting import until

W = TypeVar("W", bound=QWidget)


class Person:
    """Someone in front of the window. Every press goes through the X server."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def find(self, name: str, kind: type[W]) -> W:
        """The visible widget of this name."""
        found = [widget for widget in self.window.findChildren(kind, name) if widget.isVisible()]
        assert found, f"{name} is not to be seen"
        return found[0]

    def sees(self, name: str) -> bool:
        """Whether a widget of this name is visible."""
        return any(widget.isVisible() for widget in self.window.findChildren(QWidget, name))

    def reads(self, words: str) -> bool:
        """Whether some visible line of text holds these words."""
        return any(words in line.text() for line in self.window.findChildren(QLabel) if line.isVisible())

    async def click(self, name: str) -> None:
        """Move the mouse to the middle of a widget and press."""
        await until(lambda: self.sees(name), name)
        widget = self.find(name, QWidget)
        await self.click_at(widget, widget.rect().center())

    async def click_at(self, widget: QWidget, place: QPoint) -> None:
        """Move the mouse to a place in a widget and press."""
        at = widget.mapToGlobal(place)
        await _xdotool("mousemove", str(at.x()), str(at.y()), "click", "1")

    async def write(self, text: str) -> None:
        """Type into whatever has the focus."""
        await _xdotool("type", "--delay", "4", text)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, such as `Return` or `ctrl+comma`."""
        await _xdotool("key", "--delay", "20", *keys)


@asynccontextmanager
async def running(folder: Path | AppPaths, *files: Path) -> AsyncIterator[Person]:
    """The application with its window open on a folder; closed as a person closes it at the end.

    Args:
        folder: of everything it keeps, or the folders.
        files: that it is asked to open.
    """
    paths = folder if isinstance(folder, AppPaths) else AppPaths.resolve(str(folder), {})
    paths.ensure()
    redactor = Redactor()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    with logging_to_file(paths, redactor), SingleInstance(paths.data) as instance:
        assert instance.acquire()
        handed = HandedFiles(files)
        instance.files_handed.connect(handed.put)
        whole = Application(application, AppOptions(), paths, redactor, instance, handed)
        task = asyncio.ensure_future(whole.run(None))
        try:
            await until(lambda: task.done() or _window() is not None, "the window")
            assert not task.done(), task
            shown = _window()
            assert shown is not None
            # Without a window manager nobody else gives the window the keyboard.
            shown.activateWindow()
            await until(shown.isActiveWindow, "the window has the keyboard")
            await until(lambda: task.done() or shown.current_page, "the first page")
            yield Person(shown)
        finally:
            window = _window()
            if window is not None:
                window.close()
            assert await asyncio.wait_for(task, 60) == 0


def _window() -> MainWindow | None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MainWindow) and widget.isVisible():
            return widget
    return None


async def _xdotool(*arguments: str) -> None:
    # On a thread: the window must live on to take what is pressed.
    await asyncio.to_thread(subprocess.run, ["xdotool", *arguments], check=True, timeout=60)
