"""What can be done with an Ollama server, and what is loaded on it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.ollama.loaded import LoadedModels
from aiproxy_desktop.ui.models.ollama.loaded_viewmodel import LoadedViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.panel import QUIET, inset, rule

_NAME = "models.ollama.server"


class OllamaHostOrders(QWidget):
    """A section for the panel of a provider, `reaching` QUIET.

    Signals:
        change_wanted(str): the address of this server.
        remove_wanted(str): this server.
        add_wanted(): one more.
    """

    change_wanted = Signal(str)
    remove_wanted = Signal(str)
    add_wanted = Signal()

    def __init__(
        self, themes: ThemeController, loaded: LoadedViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; `show_host` says of which server."""
        super().__init__(parent)
        self._host = ""
        self.setObjectName(_NAME)
        self._loaded = LoadedModels(themes, loaded)
        change = Button(themes, tr("Change address…"), name=f"{_NAME}.change", kind="quiet", icon="edit")
        self._remove = Button(themes, tr("Remove"), name=f"{_NAME}.remove", kind="quiet", icon="trash")
        add = Button(themes, tr("Add another server…"), name=f"{_NAME}.add", kind="quiet", icon="plus")
        buttons = flowing((change, self._remove, add), gap=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        inner = inset(QUIET)
        for widget in (rule(), self._loaded, rule()):
            inner.addWidget(widget)
        column.addLayout(inner)
        column.addWidget(buttons)
        change.clicked.connect(lambda: self.change_wanted.emit(self._host))
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(self._host))
        add.clicked.connect(self.add_wanted)

    def show_host(self, host: str, *, kept: bool) -> None:
        """Another server; an empty id shows nothing. `kept`: it was added by hand, and can be removed."""
        self._host = host
        self._loaded.set_host(host)
        self._remove.setVisible(kept)
        self.setVisible(bool(host))
