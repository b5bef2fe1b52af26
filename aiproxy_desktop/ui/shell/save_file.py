"""Asks where a file shall be saved. `storage.named_files` writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog


def ask_where_to_save(
    parent: QWidget,
    name: str,
    chosen: Callable[[Path], None],
    *,
    title: str = "",
    kind: str = "",
    object_name: str = "shell.saveFile",
) -> QFileDialog:
    """Open the system's dialog, which asks before it replaces a file.

    Args:
        parent: the widget it is about.
        name: a file name to begin with; its extension is added where the person leaves it out.
        chosen: told of the place, if the person names one.
        title: of the dialog; "Save as" where it is empty.
        kind: what files of this extension are called; any file is offered where it is empty.
        object_name: of the dialog.
    """
    # The dialog is large, and few ever see it.
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent.window(), title or tr("Save as"))
    dialog.setObjectName(object_name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    ending = Path(name).suffix
    if kind:
        dialog.setNameFilters([f"{kind} (*{ending})", tr("All files (*)")])
    dialog.setDefaultSuffix(ending.removeprefix("."))
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    dialog.setDirectory(folder if QDir(folder).exists() else QDir.homePath())
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.open()
    return dialog
