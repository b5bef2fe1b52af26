"""The command palette: everything that can be done now, found by a few letters and done by Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.command_list import ROW, CommandDelegate, CommandModel
from aiproxy_desktop.ui.shell.command_search import grouped, matching
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.text_field import TextField

_WIDTH = 560
_MOST_ROWS = 11
_TOP = 72


class CommandPalette(QWidget):
    """The content of the palette's popover. Emits the action to run."""

    chosen = Signal(object)  # Action
    resized = Signal()

    def __init__(self, themes: ThemeController, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = grouped(actions)
        self._model = CommandModel(self)
        self.search = TextField(
            themes, name="shell.palette.search", placeholder=tr("What do you want to do?"), icon="search"
        )
        self.search.installEventFilter(self)
        self.setFocusProxy(self.search)
        self._nothing = Label(tr("No command matches"), "body", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setFixedHeight(ROW)
        self.list = self._make_list(themes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list)
        column.addStretch(1)
        self.setFixedWidth(_WIDTH)
        self.search.textChanged.connect(self._show)
        self.list.clicked.connect(self._choose)
        self._show("")

    def _make_list(self, themes: ThemeController) -> QListView:
        view = QListView(self)
        view.setObjectName("shell.palette.list")
        view.setAccessibleName(tr("Commands"))
        view.setProperty("layer", "raised")
        view.setModel(self._model)
        view.setItemDelegate(CommandDelegate(themes, view))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the search field
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return view

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            if event.key() in steps:
                self._step(steps[Qt.Key(event.key())])
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._choose(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _show(self, query: str) -> None:
        self._model.show(matching(self._actions, query))
        choices, count = self._model.choices(), self._model.rowCount()
        if choices:
            self.list.setCurrentIndex(self._model.index(choices[0]))
            self.list.scrollToTop()
            self._tell()
        self._nothing.setVisible(count == 0)
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(ROW * min(max(count, 1), _MOST_ROWS))
        self.updateGeometry()
        self.resized.emit()

    def _step(self, step: int) -> None:
        choices = self._model.choices()
        if not choices:
            return
        current = self.list.currentIndex().row()
        place = choices.index(current) if current in choices else -1
        self.list.setCurrentIndex(self._model.index(choices[max(0, min(place + step, len(choices) - 1))]))
        self._tell()

    def _tell(self) -> None:
        """What has the keyboard says which row is meant: the list itself never has it."""
        said = str(self.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole))
        self.search.setAccessibleDescription(said)
        announce(self.search, said)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.chosen.emit(self._model.action(index.row()))


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
