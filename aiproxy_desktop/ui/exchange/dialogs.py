"""Where to write an export, and which file to import: the system's own dialogs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from aiproxy_desktop.ui.shell.save_file import ask_where_to_save
from aiproxy_desktop.ui.translation import tr


def ask_for_target(parent: QWidget, name: str, label: str, chosen: Callable[[Path], None]) -> QFileDialog:
    """Ask where a file goes.

    Args:
        parent: of the dialog.
        name: suggested, with its ending.
        label: of the format.
        chosen: called with the place, unless the dialog is left.
    """
    return ask_where_to_save(
        parent, name, chosen, title=tr("Export"), kind=label, object_name="exchange.target"
    )


def ask_for_source(parent: QWidget, chosen: Callable[[Path], None]) -> QFileDialog:
    """Ask which export is to be taken in."""
    dialog = QFileDialog(parent, tr("Import conversations"))
    dialog.setObjectName("exchange.source")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([tr("Exports (*.json *.zip)"), tr("All files (*)")])
    return _open(dialog, chosen)


def _open(dialog: QFileDialog, chosen: Callable[[Path], None]) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
    return dialog
