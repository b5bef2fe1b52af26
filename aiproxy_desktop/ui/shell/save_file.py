"""Asks where a file shall be saved. `storage.named_files` writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.translation import tr


def ask_where_to_save(parent: QWidget, name: str, chosen: Callable[[Path], None]) -> None:
    """Open the system's dialog, which asks before it replaces a file.

    Args:
        parent: the widget it is about.
        name: a file name to begin with; its extension is added where the person leaves it out.
        chosen: told of the place, if the person names one.
    """
    # The dialog is large, and few ever see it.
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent.window(), tr("Save as"))
    dialog.setObjectName("shell.saveFile")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    dialog.setDirectory(folder if QDir(folder).exists() else QDir.homePath())
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.open()
