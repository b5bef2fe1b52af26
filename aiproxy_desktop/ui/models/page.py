"""The models tab: head, providers, downloads, filters, table, and a panel beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.services.download_values import Download
from aiproxy_desktop.ui.models.downloads.strip import DownloadStrip
from aiproxy_desktop.ui.models.downloads.words import problem
from aiproxy_desktop.ui.models.filters.bar import FilterBar
from aiproxy_desktop.ui.models.header import ModelsHeader
from aiproxy_desktop.ui.models.local.dropping import GgufDrop
from aiproxy_desktop.ui.models.page_actions import chosen_model_actions, model_actions
from aiproxy_desktop.ui.models.panels import Panels
from aiproxy_desktop.ui.models.providers.strip import ProviderStrip
from aiproxy_desktop.ui.models.side import PanelSide
from aiproxy_desktop.ui.models.table.view import ModelsTable
from aiproxy_desktop.ui.models.table.view_options import ViewOptions
from aiproxy_desktop.ui.models.viewmodel import ModelsViewModel
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.empty_state import EmptyState
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.menu import Entry, menu_of
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.toast import ToastMessage

MENU = "models.menu"

# Milliseconds between two looks at how old the lists are.
_AGE_EVERY = 20_000


class ModelsPage(PageWidget):
    """Shows what the view-model holds and passes on what is wished."""

    def __init__(
        self,
        view_model: ModelsViewModel,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        """Build it.

        Args:
            view_model: state and actions.
            themes: to paint with.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setObjectName("models")
        self._vm = view_model
        self._themes = themes
        self.panels = Panels(self, themes)
        self._popover: Popover | None = None
        self.header = ModelsHeader(themes)
        self.filters = FilterBar(themes, view_model.table)
        self.table = ModelsTable(themes)
        self.empty = EmptyState(themes, name="models.empty")
        self._stack = QStackedWidget()
        self.providers = ProviderStrip(themes, view_model.providers)
        self.downloads = DownloadStrip(themes, view_model.downloads)
        self.side = PanelSide(self._main())
        self._age = QTimer(self)
        self._age.setInterval(_AGE_EVERY)
        self._age.timeout.connect(self._show_age)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.providers)
        column.addWidget(self.downloads)  # above the panel too, which covers the table in a narrow window
        column.addWidget(self.side, 1)
        GgufDrop(themes, self).dropped.connect(view_model.local.add)
        self._follow()
        view_model.start()
        self._show_view()
        self.table.show_columns(view_model.table.view.columns)

    def _main(self) -> QWidget:
        main = QFrame()
        main.setProperty("layer", "surface")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(self._stack, 1)
        return main

    def _follow(self) -> None:
        vm, table = self._vm, self.table
        vm.table.rows_changed.connect(self._show_rows)
        vm.table.view_changed.connect(self._show_view)
        vm.age_changed.connect(self._show_age)
        vm.age_changed.connect(self._show_emptiness)
        vm.noticed.connect(self._say)
        vm.chat_wanted.connect(lambda _reference: self.page_requested.emit("chat"))
        vm.compare_wanted.connect(lambda _reference: self.page_requested.emit("chat"))
        vm.images_wanted.connect(lambda _reference: self.page_requested.emit("images"))
        vm.voice_wanted.connect(lambda _reference: self.page_requested.emit("voice"))
        table.chosen.connect(vm.details.show_model)
        table.pressed_on.connect(self._pressed)
        table.opened.connect(lambda _reference: self.open_panel("details"))
        table.starred.connect(vm.table.toggle_favourite)
        table.sort_wanted.connect(vm.table.sort)
        table.columns_changed.connect(lambda: vm.table.set_columns(table.columns))
        table.delete_wanted.connect(lambda _reference: self.panels.ask_delete())
        table.menu_wanted.connect(self._open_menu)
        table.columns_wanted.connect(lambda _place: self.open_view())
        self.filters.table_wanted.connect(self._enter_table)
        self.filters.view_wanted.connect(lambda _button: self.open_view())
        self.header.refresh.clicked.connect(vm.refresh)
        self.header.find_best.clicked.connect(lambda: self.open_panel("best"))
        self.header.add_provider.clicked.connect(self.begin_add)
        self.providers.opened.connect(self.panels.show_provider)
        vm.providers.added.connect(self.panels.show_provider)
        vm.downloads.ended.connect(self._say_ended)
        self.header.get_model.clicked.connect(self.open_get_menu)
        self.downloads.left.connect(self._take_keys)
        self.empty.acted.connect(self._act_on_emptiness)

    # What the window asks

    def regions(self) -> Sequence[QWidget]:
        panel = self.side.panel
        downloads = [] if self.downloads.isHidden() else [self.downloads]
        return [
            self.header,
            self.providers,
            *downloads,
            self.filters,
            self._stack,
            *(() if panel is None else (panel,)),
        ]

    def focus_start(self) -> None:
        self.filters.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def actions_here(self) -> Sequence[Action]:
        return model_actions(self)

    def show_part(self, part: str) -> None:
        if part in self.panels:
            self.open_panel(part)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.side.panel is not None:
            self.close_panel()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._age.start()
        self._vm.ollama.look_on(on=True)
        self._show_age()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age.stop()
        self._vm.ollama.look_on(on=False)

    # What can be done, by key, menu or button

    @property
    def current(self) -> str:
        """The reference of the chosen model; empty where none is."""
        return self.table.current

    @property
    def view_model(self) -> ModelsViewModel:
        """State and actions."""
        return self._vm

    def open_panel(self, name: str, *, take_focus: bool = True) -> None:
        """Show a panel beside the table."""
        if name in self.panels:
            self.side.show_panel(self.panels.get(name), take_focus=take_focus)

    def begin_add(self) -> None:
        """Ask which provider is to be added."""
        self.panels.begin_add()

    def close_panel(self) -> None:
        """Put the panel away; the keys go back into the table, or to the search where that is empty."""
        focused = focused_widget()
        by_mouse = isinstance(focused, PaintedButton) and not focused.keyboard_focus
        if self.side.close_panel():
            reason = Qt.FocusReason.MouseFocusReason if by_mouse else Qt.FocusReason.ShortcutFocusReason
            self._take_keys(reason)

    def open_view(self) -> None:
        """Choose columns and order."""
        if self._popover is None:
            button = self.filters.view_button
            content = ViewOptions(self._themes, self._vm.table, lambda: self.table.columns)
            self._popover = Popover(self._themes, button, content, name="models.view.popover")
            self._popover.closed.connect(self._view_closed)
            self._popover.open(align_end=True)

    def open_get_menu(self) -> None:
        """Choose how a model comes here."""
        button = self.header.get_model
        menu = menu_of(self._ways_to_get(), self, name=MENU)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def copy_id(self) -> None:
        """Put the chosen model's reference on the clipboard."""
        if self.current:
            QGuiApplication.clipboard().setText(self.current)
            announce(self.table, tr("Copied"))
            self._say(Notice(tr("{reference} is copied", reference=self.current)))

    def choose(self, reference: str) -> None:
        """Show a model's details, its line chosen where that is shown."""
        if not self.table.choose(reference):
            self._vm.details.show_model(reference)
        self.open_panel("details")

    # Inside

    def _ways_to_get(self) -> list[Entry]:
        ways = (
            ("get", tr("Pull or download a model…")),
            ("local", tr("Built-in models and files…")),
            ("create", tr("Create from a Modelfile…")),
        )
        return [
            Entry(name, title, partial(self.open_panel, name)) for name, title in ways if name in self.panels
        ]

    def _pressed(self, reference: str) -> None:
        """A click on a line shows its details where there is room beside the table."""
        self._vm.details.show_model(reference)
        if self.side.has_room:
            self.open_panel("details", take_focus=False)

    def _open_menu(self, reference: str, place: QPoint) -> None:
        row = self._vm.table.row(reference)
        undone = {
            "favourite": tr("No longer a favourite") if row is not None and row.favourite else "",
            "hide": tr("Show it again") if row is not None and row.hidden else tr("Hide this model"),
        }
        entries: list[Entry] = []
        for action in chosen_model_actions(self):
            name = action.id.partition(".")[2]
            if name in {"details", "favourite"}:
                entries.append(Entry(f"before.{name}"))
            title = undone.get(name) or action.title
            entries.append(Entry(name, title, action.run, action.keys[0], action.enabled()))
        menu_of(entries, self, name=MENU).popup(place)

    def _take_keys(self, reason: Qt.FocusReason = Qt.FocusReason.ShortcutFocusReason) -> None:
        """What had the keys is gone."""
        target = self.table if self.table.rows else self.filters.search
        target.setFocus(reason)

    def _enter_table(self) -> None:
        if self.table.rows:
            self.table.setFocus(Qt.FocusReason.TabFocusReason)

    def _view_closed(self) -> None:
        self._popover = None

    def _show_rows(self) -> None:
        self.table.show_rows(self._vm.table.rows)
        self._show_emptiness()

    def _show_view(self) -> None:
        view = self._vm.table.view
        self.table.show_sort(view.sort, descending=view.descending)
        if view.columns and view.columns != self.table.columns:
            self.table.show_columns(view.columns)

    def _show_age(self) -> None:
        self.header.show_age(self._vm.age)

    def _show_emptiness(self) -> None:
        self._say_what_is_absent()
        # Only now: the keys that were in the table go to what has been put there.
        self._stack.setCurrentWidget(self.table if self._vm.table.rows else self.empty)

    def _say_what_is_absent(self) -> None:
        table = self._vm.table
        if table.rows:
            return
        if table.total and table.narrowed:
            title = tr("No model matches")
            text = tr("Search for fewer words, or clear the filters.")
            self.empty.show_state(title, text, (("clear", tr("Clear search and filters")),))
        elif table.hidden_count:
            title = tr("Every model is hidden")
            self.empty.show_state(title, "", (("hidden", tr("Show hidden ones")),))
        elif any(state.status == "checking" for state in table.states):
            self.empty.show_state(tr("Looking for models"), "", ())
        else:
            title = tr("No models yet")
            text = tr("Add a key for a provider, start Ollama, or add a model file.")
            self.empty.show_state(
                title, text, (("add", tr("Add provider")), ("local", tr("Add a model file")))
            )

    def _act_on_emptiness(self, action: str) -> None:
        if action == "clear":
            self.filters.search.clear()
            self._vm.table.clear_filters()
        elif action == "hidden":
            self._vm.table.set_filters(hidden=True)
        elif action == "add":
            self.begin_add()
        else:
            self.open_panel(action)

    def _say_ended(self, download: Download) -> None:
        """To whoever is on another page, and does not see its row."""
        if not self.isVisible():
            failed = download.status == "failed"
            done = tr("{model} is there now", model=download.name)
            self._say(Notice(problem(download) if failed else done))

    def _say(self, notice: Notice) -> None:
        action = "" if notice.undo is None else tr("Undo")
        self.toast_requested.emit(ToastMessage(notice.text, action, notice.undo))
