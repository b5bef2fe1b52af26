"""What is being exported or imported, and a way to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins

# The words of a quiet button line up with the edges of the others.
_BESIDE_QUIET = 5


class BusyLine(QWidget):
    """A sentence and Cancel; not there while nothing is under way."""

    def __init__(
        self, view_model: DataViewModel, themes: ThemeController, *, name: str, parent: QWidget | None = None
    ) -> None:
        """Follow the view-model; the parts are named `<name>.busy` and `<name>.cancel`."""
        super().__init__(parent)
        self._view_model = view_model
        self._words = Label("", "body", "secondary", tabular=True, wrap=True)
        self._words.setObjectName(f"{name}.busy")
        cancel = Button(
            themes,
            tr("Cancel"),
            name=f"{name}.cancel",
            kind="quiet",
            accessible_name=tr("Cancel the export or import"),
        )
        cancel.clicked.connect(view_model.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(16, 8, _BESIDE_QUIET, 8))
        row.addWidget(self._words, 1)
        row.addWidget(cancel)
        view_model.busy_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        busy = self._view_model.busy
        self._words.setText(busy)
        self.setVisible(bool(busy))
