"""The voice tab: head, what was said, the dock to talk with, and the panel that says how."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.dock.dock import VoiceDock
from aiproxy_desktop.ui.voice.header import VoiceHeader
from aiproxy_desktop.ui.voice.hold_to_talk import HoldToTalk
from aiproxy_desktop.ui.voice.panel.panel import VoicePanel
from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.welcome import VoiceWelcome
from aiproxy_desktop.ui.widgets.toast import ToastMessage


class VoicePage(PageWidget):
    """Shows what the view-model holds and passes on what is wished."""

    def __init__(
        self, view_model: VoiceViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("voice")
        self._vm = view_model
        self.header = VoiceHeader(themes, view_model)
        self.welcome = VoiceWelcome(themes, view_model)
        self.transcript = VoiceTranscript(themes, view_model)
        self.dock = VoiceDock(themes, view_model)
        self.panel = VoicePanel(themes, view_model)
        self.panel.setFixedWidth(LAYOUT.voice_panel)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        self._lay_out()
        self._hold = HoldToTalk(self, view_model)
        self._follow()
        self._keys()
        self._show_middle()

    @property
    def view_model(self) -> VoiceViewModel:
        """What is shown."""
        return self._vm

    def regions(self) -> Sequence[QWidget]:
        """What F6 visits, in order."""
        return [self.header, self.welcome, self.transcript, self.dock, self.panel]

    def focus_start(self) -> None:
        """Where Space talks: on the talk button."""
        self.dock.talk.setFocus(Qt.FocusReason.OtherFocusReason)

    def toast_clearance(self) -> int:
        """Toasts stand above the dock."""
        return self.dock.height() + 12

    def actions_here(self) -> Sequence[Action]:
        """What can be done here, for the palette and its shortcuts."""
        vm, group = self._vm, tr("Voice")

        def runs() -> bool:
            return vm.state.phase in {"connecting", "ready", "reconnecting"}

        def idle() -> bool:
            return not runs()

        def ended() -> bool:
            return vm.state.phase == "ended"

        def answering() -> bool:
            return vm.state.answering or vm.state.sounding

        def kept() -> bool:
            return vm.state.conversation_id is not None

        def hands_free() -> bool:
            return vm.settings.mode == "hands_free"

        return (
            Action("voice.talk", tr("Talk while held"), self.focus_start, ("Space",), group, shown_only=True),
            Action("voice.start", tr("Start a voice session"), self._start, ("Ctrl+Return",), group, idle),
            Action("voice.end", tr("End the voice session"), vm.end, ("Ctrl+Shift+W",), group, runs),
            Action("voice.new", tr("New voice session"), vm.new, (), group, ended),
            Action(
                "voice.mute", tr("Mute or unmute"), self._mute, ("M",), group, hands_free, shown_only=True
            ),
            Action("voice.stop", tr("Stop the answer"), vm.stop_answer, ("Ctrl+.",), group, answering),
            Action("voice.mode", tr("Push to talk or hands-free"), self._change_mode, ("Ctrl+T",), group),
            Action("voice.write", tr("Write instead of talking"), self.dock.write, ("Ctrl+L",), group),
            Action("voice.chat", tr("Go on in chat"), vm.open_in_chat, ("Ctrl+Shift+Return",), group, kept),
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page is shown: nobody holds a key of this one any more."""
        self._hold.let_go()
        super().hideEvent(event)

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.dock)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(middle, 1)
        row.addWidget(self.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(row, 1)

    def _follow(self) -> None:
        vm = self._vm
        vm.state_changed.connect(self._show_middle)
        vm.entries_changed.connect(self._show_middle)
        vm.noticed.connect(self._say)
        vm.chat_wanted.connect(lambda _conversation: self.page_requested.emit("chat"))
        self.header.keys_free.connect(self.dock.talk.setFocus)
        self.welcome.page_wanted.connect(self.page_requested)

    def _keys(self) -> None:
        """M mutes where no text is being written: a key on its own stays a letter in text fields."""
        mute = QShortcut(QKeySequence("M"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        mute.activated.connect(self._mute)

    def _show_middle(self) -> None:
        said = bool(self._vm.entries) or self._vm.state.phase in {"ready", "reconnecting"}
        self._stack.setCurrentWidget(self.transcript if said else self.welcome)

    def _start(self) -> None:
        if self._vm.state.phase in {"idle", "ended"}:
            self._vm.start()

    def _mute(self) -> None:
        if self._vm.settings.mode == "hands_free":
            self._vm.set_muted(not self._vm.state.muted)

    def _change_mode(self) -> None:
        hands_free = self._vm.settings.mode == "hands_free"
        self._vm.change(mode="push_to_talk" if hands_free else "hands_free")

    def _say(self, notice: Notice) -> None:
        undo = "" if notice.undo is None else tr("Undo")
        self.toast_requested.emit(ToastMessage(notice.text, undo, notice.undo))
