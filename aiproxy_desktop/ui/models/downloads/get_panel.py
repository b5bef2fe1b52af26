"""The panel that fetches a model: by name from Ollama, or a file from an address."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from aiproxy_desktop.ui.models.downloads.address_pane import AddressPane
from aiproxy_desktop.ui.models.downloads.pull_pane import PullPane
from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.panel import Panel
from aiproxy_desktop.ui.widgets.segmented import Segmented


class GetModelPanel(Panel):
    """Two ways to get a model, one in sight."""

    def __init__(
        self, themes: ThemeController, view_model: DownloadsViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, tr("Get a model"), name="models.getModel", parent=parent)
        self._ways = Segmented(
            themes,
            [("ollama", tr("From Ollama")), ("address", tr("From an address"))],
            name="models.getModel.way",
            accessible_name=tr("Where from"),
        )
        self.pulls = PullPane(themes, view_model)
        self.addresses = AddressPane(themes, view_model)
        self.column.addWidget(self._ways, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addSpacing(8)
        self.column.addWidget(self.pulls)
        self.column.addWidget(self.addresses)
        self.column.addStretch(1)
        self._ways.chosen.connect(self.show_way)
        self.addresses.grown.connect(lambda widget: self.area.ensureWidgetVisible(widget, 0, 20))
        self.keep_in_sight([*self.pulls.inputs, *self.addresses.inputs])
        self.show_way("ollama")

    def show_way(self, way: str) -> None:
        """Show `ollama` or `address`."""
        self._ways.set_value(way)
        self.pulls.setVisible(way == "ollama")
        self.addresses.setVisible(way == "address")

    def focus_start(self) -> None:
        """Into the first field of the way that is in sight; the way itself was chosen before."""
        field = next(
            (one for one in self.pulls.inputs if isinstance(one, QLineEdit) and one.isVisible()), None
        )
        if field is None:
            super().focus_start()
        else:
            field.setFocus(Qt.FocusReason.TabFocusReason)
