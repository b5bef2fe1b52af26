"""Why the application cannot start, said in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from aiproxy_desktop.ui.translation import tr


class StartFailure(QMessageBox):
    """One sentence about what is wrong, one about what to do, and a way out."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__()
        self.setObjectName("shell.startFailure")
        self.setAccessibleName(tr("AI Proxy Desktop cannot start"))
        self.setWindowTitle("AI Proxy Desktop")
        self.setIcon(QMessageBox.Icon.Warning)
        # File names stand in these sentences; nothing in them is markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"{title}.")
        self.setInformativeText(advice)
        self.setStandardButtons(QMessageBox.StandardButton.Close)
        close = self.button(QMessageBox.StandardButton.Close)
        close.setObjectName("shell.startFailure.close")
        close.setAccessibleName(tr("Close"))
