"""An export that is dragged from another program onto the list of conversations is taken in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.file_drop import FileDrop

_ENDINGS = {".json", ".zip"}


class ImportDrop(FileDrop):
    """Makes a widget take the drop of one file that may be an export."""

    def __init__(self, themes: ThemeController, widget: QWidget) -> None:
        """Take drops on a widget, which owns this."""
        words = tr("Drop the file here to import conversations.")
        super().__init__(themes, widget, export_in, words, name="chat.importHere", layer="sidebar")


def export_in(data: QMimeData) -> list[str]:
    """The one file that is dragged, where it may be an export by its name; else none."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return []
    path = urls[0].toLocalFile()
    return [path] if Path(path).suffix.lower() in _ENDINGS else []
