"""Model files that are dragged from another program, onto the panel or anywhere on the page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.file_drop import FileDrop

_ENDING = ".gguf"


class GgufDrop(FileDrop):
    """Makes a widget take drops with model files or folders in them.

    Whatever else is in such a drop is handed on as well, so that it can be refused in words.
    """

    def __init__(self, themes: ThemeController, widget: QWidget) -> None:
        """Take drops on a widget, which owns this."""
        words = tr("Drop it here to run it on this computer.")
        super().__init__(themes, widget, model_paths, words, name="models.local.dropHere")


def model_paths(data: QMimeData) -> list[str]:
    """The files and folders that are dragged, where a model file or a folder is among them; else none."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    wanted = any(path.lower().endswith(_ENDING) or Path(path).is_dir() for path in paths)
    return paths if wanted else []
