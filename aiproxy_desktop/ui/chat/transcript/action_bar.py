"""What can be done with the message under the pointer or with the focus: one bar for all messages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from aiproxy_desktop.ui.chat.transcript.controls import CopyButton
from aiproxy_desktop.ui.chat.transcript.messages import MessageAction
from aiproxy_desktop.ui.chat.transcript.offers import key_of, offer
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import set_tooltip

_GAP: Final = 4
_HEIGHT: Final = 28


class ActionBar(QWidget):
    """Buttons for some actions; those without room stand in a menu behind the last of them.

    Signals:
        chosen: an action, the message's id.
    """

    chosen = Signal(str, str)

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chat.transcript.actions")
        self.message = ""
        self._themes = themes
        self._actions: tuple[MessageAction, ...] = ()
        self._buttons: dict[MessageAction, Button] = {}
        self._in_menu: list[MessageAction] = []
        self._more: Button | None = None
        self._menu: QMenu | None = None
        self.hide()

    def show_for(
        self, message: str, actions: Sequence[MessageAction], right: int, top: int, room: int
    ) -> bool:
        """Stand at a message's end edge.

        Args:
            message: its id.
            actions: in the order in which they are offered; none hides the bar.
            right: where the bar ends.
            top: of its row.
            room: how wide it may be.

        Returns:
            Whether there are other buttons than before.
        """
        if message != self.message:
            self._reset_copy()
        self.message = message
        changed = tuple(actions) != self._actions
        self._actions = tuple(actions)
        width = self._arrange(room)
        if not actions:
            self.dismiss()
            return changed
        self.setGeometry(right - width, top, width, _HEIGHT)
        appeared = self.isHidden()
        self.show()
        self.raise_()
        return changed or appeared

    def dismiss(self) -> None:
        """Stand nowhere, unless its menu is open: that belongs to the message it was opened on."""
        if self._menu is not None:
            return
        if self.isVisible():
            self._reset_copy()
            self.hide()
        self.message = ""

    @property
    def busy(self) -> bool:
        """Whether a menu is open on it."""
        return self._menu is not None

    def buttons(self) -> list[Button]:
        """Those that can be pressed now, in order."""
        found = [self._buttons[action] for action in self._actions if action not in self._in_menu]
        return found + ([self._more] if self._more is not None and self._in_menu else [])

    def button(self, action: MessageAction) -> Button | None:
        """The button of an action; that of the menu where it stands in there."""
        return self._more if action in self._in_menu else self._buttons.get(action)

    def confirm_copy(self) -> None:
        """Say that it is copied."""
        button = self._buttons.get("copy")
        if isinstance(button, CopyButton):
            button.confirm()

    def follow_menu(self, menu: QMenu) -> None:
        """Stay while this menu is open."""
        self._menu = menu
        menu.aboutToHide.connect(self._menu_closed)

    def _menu_closed(self) -> None:
        self._menu = None

    def _arrange(self, room: int) -> int:
        """Place what fits; the width of it all."""
        widths = [self._button(action).sizeHint().width() for action in self._actions]
        fits = len(widths)
        if sum(widths) + _GAP * (len(widths) - 1) > room:
            more = self._more_button().sizeHint().width()
            while fits and sum(widths[:fits]) + _GAP * fits + more > room:
                fits -= 1
        self._in_menu = list(self._actions[fits:])
        x = 0
        for action, button in self._buttons.items():
            button.setVisible(action in self._actions and action not in self._in_menu)
        shown = [self._buttons[action] for action in self._actions[:fits]]
        if self._more is not None:
            self._more.setVisible(bool(self._in_menu))
        if self._in_menu:
            shown.append(self._more_button())
        for button in shown:
            size = button.sizeHint()
            button.setGeometry(x, 0, size.width(), _HEIGHT)
            x += size.width() + _GAP
        return max(0, x - _GAP)

    def _button(self, action: MessageAction) -> Button:
        known = self._buttons.get(action)
        if known is None:
            known = self._make(action)
            key = QKeySequence(key_of(action)).toString(QKeySequence.SequenceFormat.NativeText)
            set_tooltip(known, tr("{what} ({key})", what=offer(action).said, key=key))
            known.clicked.connect(lambda: self.chosen.emit(action, self.message))
            self._buttons[action] = known
        return known

    def _make(self, action: MessageAction) -> Button:
        words = offer(action)
        if action == "copy":
            return CopyButton(self._themes, "chat.transcript.copy", words.said, self)
        return Button(
            self._themes,
            words.label,
            name=f"chat.transcript.{action}",
            kind="quiet",
            icon=words.icon,
            chevron=action == "regenerate",
            accessible_name=words.said,
            parent=self,
        )

    def _more_button(self) -> Button:
        if self._more is None:
            self._more = Button(
                self._themes,
                name="chat.transcript.moreActions",
                kind="quiet",
                icon="more",
                tooltip=tr("More actions"),
                parent=self,
            )
            self._more.clicked.connect(self._open_more)
        return self._more

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("chat.transcript.moreActions.menu")
        message = self.message
        for action in self._in_menu:
            menu.addAction(offer(action).label, partial(self.chosen.emit, action, message))
        menu.aboutToHide.connect(menu.deleteLater)
        self.follow_menu(menu)
        button = self._more_button()
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _reset_copy(self) -> None:
        button = self._buttons.get("copy")
        if isinstance(button, CopyButton):
            button.reset()
