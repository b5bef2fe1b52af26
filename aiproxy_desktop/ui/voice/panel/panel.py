"""The voice tab's panel: which model, how it speaks, through which devices, with which help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.devices import DevicesGroup
from aiproxy_desktop.ui.voice.panel.figures import FiguresGroup
from aiproxy_desktop.ui.voice.panel.functions import FunctionsGroup
from aiproxy_desktop.ui.voice.panel.groups import PAD
from aiproxy_desktop.ui.voice.panel.speech import SpeechGroup
from aiproxy_desktop.ui.voice.panel.switches import SwitchesGroup
from aiproxy_desktop.ui.voice.space_talks import SpaceTalks
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.panel import rule


class VoicePanel(QFrame):
    """296 wide; what does not fit scrolls, the figures stay.

    `page_wanted`: go to a page of the window, such as `settings`.
    """

    page_wanted = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("voice.panel")
        self.setAccessibleName(tr("How to talk"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "start")
        self.setFixedWidth(LAYOUT.voice_panel)
        self.speech = SpeechGroup(themes, view_model)
        self.speech.mend_wanted.connect(lambda: self.page_wanted.emit("settings"))
        self.devices = DevicesGroup(themes, view_model)
        self.switches = SwitchesGroup(themes, view_model)
        self.functions = FunctionsGroup(themes, view_model)
        self.figures = FiguresGroup(view_model)
        inner = QWidget()
        inner.setProperty("layer", "sidebar")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        groups = (self.speech, self.devices, self.switches, self.functions)
        for place, group in enumerate(groups):
            if place:
                column.addWidget(rule())
            column.addWidget(group)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setObjectName("voice.panel.content")
        self._area.setAccessibleName(self.accessibleName())
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(rule())
        whole.addWidget(self.figures)
        self._groups = groups
        self._space = SpaceTalks(self, view_model)
        self._area.verticalScrollBar().rangeChanged.connect(self._keep_width)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def focus_start(self) -> None:
        """Put the keyboard where a person begins."""
        self.speech.model.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep_width(self, _least: int, most: int) -> None:
        """A scroll bar takes its room from the margin: the fields keep their width."""
        taken = self._area.verticalScrollBar().sizeHint().width() if most > 0 else 0
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for group in self._groups:
            now = group.column.contentsMargins()
            if leftwards:
                now.setLeft(max(PAD - taken, 0))
            else:
                now.setRight(max(PAD - taken, 0))
            group.column.setContentsMargins(now)

    def _focus_changed(self, _former: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._area.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, PAD)
