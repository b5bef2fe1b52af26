"""The transcript's context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from aiproxy_desktop.ui.chat.transcript.note_links import is_inside
from aiproxy_desktop.ui.chat.transcript.pointer import Pointer

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


def context_menu(area: Transcript, event: QContextMenuEvent, pointer: Pointer) -> None:
    """Show it: for the link at hand, for the selection, or else for the message."""
    by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
    point = area.viewport().mapFromGlobal(event.globalPos())
    shown = pointer.shown_at(point) if by_mouse else None
    href = pointer.href_at(point) if by_mouse else ""
    index = shown.message if shown is not None else area.navigation.current
    menu = QMenu(area)
    menu.setObjectName("chat.transcript.menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if href and not is_inside(href):
        menu.addAction("Open link", lambda: area.link_activated.emit(href))
        menu.addAction("Copy link address", lambda: area.put_on_clipboard(href))
        menu.addSeparator()
    _add_copies(menu, area, index)
    menu.addSeparator()
    everything = menu.addAction("Select all", area.select_all)
    everything.setShortcut(QKeySequence(QKeySequence.StandardKey.SelectAll))
    everything.setEnabled(bool(area.column.views))
    menu.popup(event.globalPos())


def _add_copies(menu: QMenu, area: Transcript, index: int | None) -> None:
    if area.selection is not None and not area.selection.empty:
        copy = menu.addAction("Copy", area.copy)
        menu.addAction("Copy as plain text", lambda: area.copy(plain=True))
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        return
    copy = menu.addAction("Copy message")
    plain = menu.addAction("Copy message as plain text")
    if index is None:
        copy.setEnabled(False)
        plain.setEnabled(False)
        return
    message = index
    copy.triggered.connect(lambda: area.put_on_clipboard(area.message_text(message)))
    plain.triggered.connect(lambda: area.put_on_clipboard(area.message_text(message, plain=True)))
