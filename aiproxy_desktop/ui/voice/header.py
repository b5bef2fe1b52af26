"""The voice tab's head: what the conversation is called, how it stands, how long it runs, what it costs."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.labels import ElidedLabel
from aiproxy_desktop.ui.widgets.painting import margins


class VoiceHeader(QFrame):
    """48 high; where it is narrow, words give way in the order of their weight."""

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._vm = view_model
        self.setObjectName("voice.head")
        self.setProperty("layer", "surface")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        self._title = ElidedLabel("", "reading_strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(24, 0, 20, 0))
        row.addWidget(self._title, 1)
        view_model.state_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self._title.setText(self._vm.state.title or tr("New conversation"))
