"""The voice tab's head: what the conversation is called, how it stands, how long it runs, what it costs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.space_talks import SpaceTalks
from aiproxy_desktop.ui.voice.standing import session_runs, standing
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import cost_words, session_time
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.dot import Dot
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins

_START, _END, _GAP = 24, 20, 8
_SPACES = 4 + 4 + 12 + 7 * _GAP
# Pixels; of a longer title a part is shown before a word elsewhere goes.
_ENOUGH_OF_THE_TITLE = 160
_ENOUGH_OF_THE_STATE = 96
_LEAST = 360


class VoiceHeader(QFrame):
    """48 high; where it is narrow the cost goes first, then words that something else tells too.

    `keys_free`: the button that had the keys is gone; has the reason to give them on with.
    """

    keys_free = Signal(object)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._vm = view_model
        self.setObjectName("voice.head")
        self.setAccessibleName(tr("The session"))
        self.setProperty("layer", "surface")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        self._title = ElidedLabel("", "reading_strong")
        self._title.setObjectName("voice.title")
        self._dot = Dot(themes)
        self._word = ElidedLabel("", "meta", "secondary")
        self._word.setObjectName("voice.state")
        self._time = Label("", "title", tabular=True)
        self._time.setObjectName("voice.time")
        self._cost = Label("", "meta", "muted", tabular=True)
        self._cost.setObjectName("voice.cost")
        self._to_chat = Button(themes, tr("Go on in chat"), name="voice.toChat", kind="quiet", icon="chat-20")
        self._to_chat.clicked.connect(view_model.open_in_chat)
        self._end = Button(themes, tr("End session"), name="voice.end")
        self._end.clicked.connect(view_model.end)
        self._new = Button(themes, tr("New session"), name="voice.new")
        self._new.clicked.connect(view_model.new)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(_START, 0, _END, 0))
        row.setSpacing(_GAP)
        row.addWidget(self._title, 1000)
        row.addSpacing(4)
        row.addWidget(self._dot)
        row.addWidget(self._word, 1000)
        row.addStretch(1)
        row.addSpacing(4)
        row.addWidget(self._time)
        row.addWidget(self._cost)
        row.addSpacing(12)
        for button in (self._to_chat, self._end, self._new):
            row.addWidget(button)
        for changed in (view_model.state_changed, view_model.offers_changed, view_model.settings_changed):
            changed.connect(self._show)
        view_model.figures_changed.connect(self._tick)
        self._space = SpaceTalks(self, view_model)
        self._show()

    def minimumSizeHint(self) -> QSize:
        # The window is not kept wide for its words: they give way.
        return QSize(_LEAST, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _show(self) -> None:
        state = self._vm.state
        self._title.setText(state.title or tr("New conversation"))
        # As wide as its words, so that the state stands beside them.
        self._title.setMaximumWidth(self._title.sizeHint().width() + 1)
        runs = session_runs(state)
        self._give_keys_on(runs)
        self._end.setVisible(runs)
        self._new.setVisible(state.phase == "ended")
        self._to_chat.setVisible(state.conversation_id is not None)
        self._tick()
        if state.error is not None:
            announce(self, f"{state.error}")

    def _give_keys_on(self, runs: bool) -> None:
        """The two buttons stand in one place: whoever pressed the one has the keys on the other."""
        going, coming = (self._new, self._end) if runs else (self._end, self._new)
        owner = next((one for one in (going, coming) if one.hasFocus()), None)
        if owner is None:
            return
        by_keys = owner.keyboard_focus
        reason = Qt.FocusReason.TabFocusReason if by_keys else Qt.FocusReason.OtherFocusReason
        if self._vm.state.phase == "idle":
            # Else Qt would give them to whatever comes next, which Space would press instead of talking.
            owner.clearFocus()
            self.keys_free.emit(reason)
        elif owner is going:
            coming.setVisible(True)
            coming.setFocus(reason)

    def _tick(self) -> None:
        """What goes on by itself: the time, the cost, how long ago something was."""
        state, figures = self._vm.state, self._vm.figures
        now = standing(state, figures.seconds)
        former = self._word.text()
        self._word.setText(now.word)
        self._word.setMaximumWidth(self._word.sizeHint().width() + 1)
        self._dot.set_state(now.dot)
        self._dot.setVisible(bool(now.word))
        self._word.setAccessibleDescription(now.whole)
        set_tooltip(self._dot, now.whole or now.word)
        self._word.set_tone("danger" if now.dot == "broken" else "secondary")
        idle = state.phase == "idle"
        time = "" if idle else session_time(figures.seconds)
        cost = "" if idle or figures.cost is None else cost_words(figures.cost)
        wider = len(time) != len(self._time.text()) or len(cost) != len(self._cost.text())
        self._time.setText(time)
        self._time.setVisible(bool(time))
        self._time.setAccessibleName(tr("Time: {time}", time=time) if time else "")
        self._cost.setText(cost)
        self._cost.setAccessibleName(tr("Cost so far: {cost}", cost=cost) if cost else "")
        if wider or former != now.word:
            self._fit()

    def _fit(self) -> None:
        """What there is no room for goes: the cost, the words of the way to the chat, that of the state."""
        shown = [one for one in (self._end, self._new) if not one.isHidden()]
        title = min(self._title.sizeHint().width(), _ENOUGH_OF_THE_TITLE)
        room = self.width() - _START - _END - title - sum(one.sizeHint().width() + _GAP for one in shown)
        room -= self._time.sizeHint().width() + self._dot.sizeHint().width() + _SPACES
        there = not self._to_chat.isHidden()
        words = self._to_chat.fontMetrics().horizontalAdvance(tr("Go on in chat")) + 24 if there else 0
        room -= self._to_chat.height() + _GAP if there else 0
        state, cost = self._word.sizeHint().width(), self._cost.sizeHint().width() + _GAP
        self._word.setVisible(room >= min(state, _ENOUGH_OF_THE_STATE) and bool(self._word.text()))
        bare = room < state + words
        if bool(self._to_chat.text()) == bare:
            self._to_chat.set_label("" if bare else tr("Go on in chat"))
            set_tooltip(self._to_chat, tr("Go on in chat") if bare else "")
            self._to_chat.updateGeometry()
        self._cost.setVisible(room >= state + words + cost and bool(self._cost.text()))
