"""Space, held anywhere on the page where nothing else takes it, talks. Escape has the model fall silent."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from aiproxy_desktop.ui.voice.dock.talk_button import TalkButton
from aiproxy_desktop.ui.voice.held_key import HeldKey
from aiproxy_desktop.ui.voice.standing import session_runs
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import can_talk
from aiproxy_desktop.ui.widgets.buttons import PaintedButton

_PLAIN: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
# The release may then come to another window, or never.
_LOST: Final = frozenset(
    {QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked, QEvent.Type.Hide, QEvent.Type.Close}
)


class HoldToTalk(QObject):
    """Watches the window of a page while the page is shown.

    A key that the focused widget takes (a letter typed, a button pressed) never comes as far as the window;
    what does, nobody wanted. A button that was pressed by mouse keeps the focus without showing it: there
    Space talks too. While Space is held every event is looked at, so that its release is seen wherever it
    goes.
    """

    def __init__(self, page: QWidget, view_model: VoiceViewModel) -> None:
        super().__init__(page)
        self._page = page
        self._view_model = view_model
        self._window: QWidget | None = None
        self._button: PaintedButton | None = None
        self._key = HeldKey(self)
        self._key.began.connect(self._begin)
        self._key.ended.connect(self._end)
        page.installEventFilter(self)
        if page.isVisible():
            self._watch(page.window())

    @property
    def held(self) -> bool:
        """Whether Space is held to talk."""
        return self._key.held

    def let_go(self) -> None:
        """Talk no more."""
        self._key.let_go()

    def _begin(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.installEventFilter(self)
            application.focusChanged.connect(self._focus_moved)
        self._view_model.press("key")

    def _end(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.removeEventFilter(self)
            application.focusChanged.disconnect(self._focus_moved)
        self._view_model.release("key")

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        # A session that begins puts one button in another's place: that is nothing the person did.
        if not (isinstance(new, PaintedButton) and self._page.isAncestorOf(new)):
            self.let_go()

    def _watch(self, window: QWidget | None) -> None:
        if window is self._window:
            return
        application = QApplication.instance()
        if isinstance(application, QApplication) and (window is None) != (self._window is None):
            if window is None:
                application.focusChanged.disconnect(self._focus_changed)
                self._focus_changed(None, None)
            else:
                application.focusChanged.connect(self._focus_changed)
                self._focus_changed(None, application.focusWidget())
        if self._window is not None and self._window is not self._page:
            self._window.removeEventFilter(self)
        self._window = window
        if window is not None and window is not self._page:
            window.installEventFilter(self)

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._button is not None and isValid(self._button):
            self._button.removeEventFilter(self)
        self._button = None
        if isinstance(new, TalkButton) or not isinstance(new, PaintedButton):
            return
        if self._page.isAncestorOf(new):
            self._button = new
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._page:
            self._page_event(kind)
        if kind in _LOST and watched in (self._page, self._window):
            self.let_go()
            return False
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(watched, event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._release(event)
        return False

    def _page_event(self, kind: QEvent.Type) -> None:
        if kind == QEvent.Type.Show:
            self._watch(self._page.window())
        elif kind == QEvent.Type.Hide:
            self.let_go()
            self._watch(None)
        elif kind == QEvent.Type.EnabledChange and not self._page.isEnabled():
            self.let_go()

    def _press(self, watched: QObject, event: QKeyEvent) -> bool:
        if self._key.held and event.key() == Qt.Key.Key_Space:
            self._key.press(event)
            return True
        unseen = self._button is not None and watched is self._button and not self._button.keyboard_focus
        if not (watched is self._window or (unseen and event.key() == Qt.Key.Key_Space)) or not self._here:
            return False
        if event.key() == Qt.Key.Key_Escape and event.modifiers() in _PLAIN:
            return self._stop()
        if event.key() != Qt.Key.Key_Space or event.modifiers() not in _PLAIN:
            return False
        view_model = self._view_model
        if view_model.settings.mode == "hands_free":
            return False
        offer = view_model.partner if session_runs(view_model.state) else view_model.offer
        if not can_talk(view_model.state, offer, view_model.devices.problem):
            return False
        self._key.press(event)
        return True

    def _release(self, event: QKeyEvent) -> bool:
        if not self._key.held or event.key() != Qt.Key.Key_Space:
            return False
        self._key.release(event)
        return True

    def _stop(self) -> bool:
        if not self._view_model.state.answering and not self._view_model.state.sounding:
            return False
        self._view_model.stop_answer()
        return True

    @property
    def _here(self) -> bool:
        window = self._window
        return window is not None and self._page.isVisible() and self._page.isEnabled()
