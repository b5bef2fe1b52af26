"""The voice tab's panel: which model, how it speaks, through which devices, with which help."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins


class VoicePanel(QFrame):
    """296 wide; what does not fit scrolls. `page_wanted`: go to a page of the window, such as `settings`."""

    page_wanted = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._vm = view_model
        self.setObjectName("voice.panel")
        self.setAccessibleName(tr("How to talk"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "start")
        self.setFixedWidth(LAYOUT.voice_panel)
        self._model = ElidedLabel("", "body")
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(20, 12, 20, 20))
        column.addWidget(Label(tr("Model"), "meta", "secondary"))
        column.addWidget(self._model)
        column.addStretch(1)
        view_model.offers_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        offer = self._vm.offer
        self._model.setText(offer.name if offer is not None else tr("Choose a model"))
