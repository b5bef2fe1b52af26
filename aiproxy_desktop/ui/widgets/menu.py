"""Context menus from values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class Entry(NamedTuple):
    """One thing that can be done; without a title, the line between two groups."""

    id: str
    title: str = ""
    run: Callable[[], None] | None = None
    key: str = ""
    enabled: bool = True


def menu_of(entries: Sequence[Entry], parent: QWidget, *, name: str) -> QMenu:
    """The menu, called `name`, which goes away by itself once it is closed; its rows are `<name>.<id>`."""
    menu = QMenu(parent)
    menu.setObjectName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for entry in entries:
        if entry.run is None:
            menu.addSeparator()
            continue
        action = QAction(entry.title.replace("&", "&&"), menu)
        action.setObjectName(f"{name}.{entry.id}")
        action.setEnabled(entry.enabled)
        if entry.key:
            action.setShortcut(QKeySequence(entry.key))
            # The page's own shortcut does it; here it is only told.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(lambda _checked=False, run=entry.run: run())
        menu.addAction(action)
    return menu
