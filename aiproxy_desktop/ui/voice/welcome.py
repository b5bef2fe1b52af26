"""What stands in the middle of the voice tab before anything was said."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.empty_state import EmptyState


class VoiceWelcome(QWidget):
    """What it is and what to do, or what is missing. `page_wanted`: go to a page, such as `settings`."""

    page_wanted = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._vm = view_model
        self.setObjectName("voice.welcome")
        self._empty = EmptyState(themes, name="voice.empty")
        self._empty.acted.connect(self.page_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        view_model.offers_changed.connect(self._show)
        view_model.devices_changed.connect(self._show)
        view_model.settings_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        title = tr("Talk with a model")
        self._empty.show_state(title, tr("Hold Space and speak; let go, and it answers."), ())
