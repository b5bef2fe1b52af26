"""Space talks from a button that was clicked, and presses one that the keys have reached."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.buttons import PaintedButton


class SpaceTalks(QObject):
    """Hands Space on to the window, where holding it talks.

    A click leaves the keys on what was clicked: whoever turned a switch and then holds Space to talk would
    turn it back. Buttons reached by the keys wear a ring and keep their Space.
    """

    def __init__(self, part: QWidget, view_model: VoiceViewModel) -> None:
        """Watch the buttons of a part of the page.

        Args:
            part: whose buttons; those it has by now.
            view_model: says whether holding talks at all.
        """
        super().__init__(part)
        self._vm = view_model
        for button in part.findChildren(PaintedButton):
            button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() != QEvent.Type.KeyPress
            or not isinstance(event, QKeyEvent)
            or not isinstance(watched, PaintedButton)
            or event.key() != Qt.Key.Key_Space
            or watched.keyboard_focus
            or self._vm.settings.mode == "hands_free"
        ):
            return False
        QCoreApplication.sendEvent(watched.window(), event)
        return True
