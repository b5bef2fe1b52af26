"""Export from the chat tab: the button in the header, the rows' menu, and the dialog behind both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from aiproxy_desktop.ui.exchange.dropping import ImportDrop
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from aiproxy_desktop.services.exchange.service import Format
    from aiproxy_desktop.ui.chat.page import ChatPage
    from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
    from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel
    from aiproxy_desktop.ui.theme.controller import ThemeController


class Exporting(QObject):
    """Belongs to the chat page."""

    def __init__(
        self, page: ChatPage, themes: ThemeController, chat: ChatViewModel, data: DataViewModel
    ) -> None:
        super().__init__(page)
        self._page = page
        self._chat = chat
        self._data = data
        self._button = Button(
            themes,
            tr("Export"),
            name="chat.export",
            kind="quiet",
            icon="download",
            chevron=True,
            accessible_name=tr("Export this conversation"),
        )
        self._button.clicked.connect(self.open_menu)
        page.header.add_button(self._button)
        QWidget.setTabOrder(page.writing.options_button, self._button)
        page.sidebar.can_export = True
        page.sidebar.export_wanted.connect(self._ask)
        self._themes = themes
        self._busy: QWidget | None = None
        data.busy_changed.connect(self._show_busy)
        dropping = ImportDrop(themes, page.sidebar)
        dropping.dropped.connect(lambda paths: data.import_from(Path(paths[0])))

    @property
    def button(self) -> QWidget:
        """The last one of the header."""
        return self._button

    def actions(self) -> Sequence[Action]:
        """For the shortcuts and the palette."""
        group = tr("Chat")
        return (
            Action(
                "chat.export",
                tr("Export conversation"),
                self.open_menu,
                ("Ctrl+Shift+E",),
                group,
                enabled=lambda: self._chat.conversation is not None,
            ),
            Action("chat.import", tr("Import conversations"), self.ask_for_import, ("Ctrl+Shift+I",), group),
            Action("chat.backUp", tr("Back up now"), self._data.back_up, ("Ctrl+Shift+B",), group),
        )

    def open_menu(self) -> None:
        """Offer the formats for the conversation on the page."""
        from aiproxy_desktop.ui.exchange.menu import add_formats

        current = self._chat.conversation
        if current is None:
            return
        menu = QMenu(self._button)
        menu.setObjectName("chat.export.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_formats(menu, lambda form: self._ask(current.id, form), "chat.export.menu")
        if self._button.isVisible():
            menu.popup(self._button.mapToGlobal(QPoint(0, self._button.height() + 4)))
        else:  # columns are compared
            menu.popup(self._page.mapToGlobal(QPoint(self._page.width() // 2, LAYOUT.header)))

    def ask_for_import(self) -> None:
        """Ask for a file to take in."""
        from aiproxy_desktop.ui.exchange.dialogs import ask_for_source

        ask_for_source(self._page, self._data.import_from)

    def _show_busy(self) -> None:
        if self._busy is None:
            from aiproxy_desktop.ui.exchange.busy_line import BusyLine

            self._busy = BusyLine(self._data, self._themes, name="chat.exchange", parent=self._page.sidebar)
            self._page.sidebar.add_line(self._busy)

    def _ask(self, conversation_id: str, form: str) -> None:
        from aiproxy_desktop.ui.exchange.dialogs import ask_for_target
        from aiproxy_desktop.ui.exchange.formats import offer, suggested_name

        wanted = cast("Format", form)  # the menu offers nothing else
        title = self._title(conversation_id)
        ask_for_target(
            self._page,
            suggested_name(title, wanted),
            offer(wanted).label,
            lambda path: self._data.export_one(conversation_id, path, wanted),
        )

    def _title(self, conversation_id: str) -> str:
        current = self._chat.conversation
        if current is not None and current.id == conversation_id:
            return current.title
        return self._chat.history.title(conversation_id)
