"""The menu of a conversation's row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.sidebar.library import Library
from aiproxy_desktop.ui.exchange.menu import add_export_menu
from aiproxy_desktop.ui.translation import tr

NAME = "chat.conversations.menu"
PIN_KEY = "Ctrl+Shift+P"
ARCHIVE_KEY = "Ctrl+Shift+H"


class MenuOrders(NamedTuple):
    """What only the sidebar can do."""

    rename: Callable[[], None]
    export: Callable[[str], None] | None  # in a format; None where nothing can be exported


def conversation_menu(item: Conversation, library: Library, orders: MenuOrders, parent: QWidget) -> QMenu:
    """The menu, which goes away by itself once it is closed."""
    menu = QMenu(parent)
    menu.setObjectName(NAME)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    history, pinned, archived = library.history, item.pinned_at is not None, item.archived_at is not None
    _add(menu, "rename", tr("Rename"), orders.rename, "F2")
    if not archived:
        pin = partial(history.set_pinned, item.id, pinned=not pinned)
        _add(menu, "pin", tr("Unpin") if pinned else tr("Pin"), pin, PIN_KEY)
        menu.addMenu(_folders_menu(item, library, menu))
    archive = partial(library.set_archived, item.id, archived=not archived)
    _add(menu, "archive", tr("Take out of the archive") if archived else tr("Archive"), archive, ARCHIVE_KEY)
    if orders.export is not None:
        add_export_menu(menu, orders.export, f"{NAME}.export")
    menu.addSeparator()
    _add(menu, "delete", tr("Delete"), partial(history.delete, item.id), "Del")
    return menu


def _folders_menu(item: Conversation, library: Library, parent: QMenu) -> QMenu:
    menu = QMenu(tr("Move to folder"), parent)
    menu.setObjectName(f"{NAME}.move")
    for folder in library.shelves.folders:
        action = _add(
            menu, f"move.{folder.id}", _plain(folder.name), partial(library.move, item.id, folder.id)
        )
        action.setCheckable(True)
        action.setChecked(folder.id == item.folder_id)
    if library.shelves.folders:
        menu.addSeparator()
    if item.folder_id is not None:
        _add(menu, "move.none", tr("No folder"), partial(library.move, item.id, None))
    _add(menu, "move.new", tr("New folder"), partial(library.move_to_new, item.id, tr("New folder")))
    return menu


def _plain(text: str) -> str:
    """A name in which nothing is a mnemonic."""
    return text.replace("&", "&&")


def _add(menu: QMenu, name: str, text: str, run: Callable[[], None], key: str = "") -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: run())
    action.setObjectName(f"{NAME}.{name}")
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)
        # Shown in the menu only: the list and the page handle the keys themselves.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    return action
