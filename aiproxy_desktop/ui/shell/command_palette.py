"""The command palette: everything that can be done now, found by a few letters and done by Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.command_list import ROW, CommandDelegate, CommandModel
from aiproxy_desktop.ui.shell.command_search import grouped, matching
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.searched_list import SearchedList

_WIDTH = 560
_MOST_ROWS = 11
_TOP = 72


class CommandPalette(SearchedList):
    """The content of the palette's popover. Emits the action to run."""

    chosen = Signal(object)  # Action

    def __init__(self, themes: ThemeController, actions: Sequence[Action]) -> None:
        self._commands = CommandModel()
        super().__init__(
            themes,
            self._commands,
            CommandDelegate(themes),
            name="shell.palette",
            placeholder=tr("What do you want to do?"),
            accessible_name=tr("Commands"),
            nothing=tr("No command matches"),
            width=_WIDTH,
            row_height=ROW,
            most_rows=_MOST_ROWS,
            icon="search",
        )
        self._actions = grouped(actions)
        self.search.textChanged.connect(self._show)
        self.taken.connect(self._choose)
        self._show("")

    def _show(self, query: str) -> None:
        self._commands.show(matching(self._actions, query))
        self.rows_changed()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._commands.action(index.row()))


class PaletteOpener(QObject):
    """Opens the palette over a window, one at a time, and gives the keyboard back when it closes."""

    def __init__(self, themes: ThemeController, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._window = window
        self._anchor: QWidget | None = None

    def open(self, actions: Sequence[Action]) -> None:
        """Show these actions; nothing happens while it is open."""
        if self._anchor is not None:
            return
        before: QWidget | None = self._window.focusWidget()
        palette = CommandPalette(self._themes, actions)
        # Popovers stand beside a widget: this one has no size, at the top of the middle.
        self._anchor = anchor = QWidget(self._window)
        anchor.setObjectName("shell.palette.anchor")
        anchor.setAccessibleName(tr("Commands"))
        anchor.setGeometry((self._window.width() - _WIDTH) // 2, _TOP, 0, 0)
        popover = Popover(self._themes, anchor, palette, name="shell.palette")
        wanted: list[Action] = []

        def closed() -> None:
            self._anchor = None
            anchor.deleteLater()
            if before is not None and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)
            for action in wanted:
                action.run()

        def choose(action: Action) -> None:
            wanted.append(action)
            popover.close_popover()

        popover.closed.connect(closed)
        palette.chosen.connect(choose)
        palette.resized.connect(popover.refit)
        popover.open()
