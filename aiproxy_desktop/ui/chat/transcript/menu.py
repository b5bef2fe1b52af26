"""The transcript's context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from aiproxy_desktop.ui.chat.transcript.keyboard import PLAIN_KEY
from aiproxy_desktop.ui.chat.transcript.note_links import is_inside
from aiproxy_desktop.ui.chat.transcript.pointer import Pointer
from aiproxy_desktop.ui.translation import tr

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
        menu.addAction(tr("Open link"), lambda: area.link_activated.emit(href))
        menu.addAction(tr("Copy link address"), lambda: area.put_on_clipboard(href))
        menu.addSeparator()
    _add_copies(menu, area, index)
    menu.addSeparator()
    if index is not None:
        area.doing.add_to(menu, index, point)
        menu.addSeparator()
    everything = menu.addAction(tr("Select all"), area.select_all)
    everything.setShortcut(QKeySequence(QKeySequence.StandardKey.SelectAll))
    everything.setEnabled(bool(area.column.views))
    menu.popup(event.globalPos() if by_mouse else _under_keyboard(area, index))


def _under_keyboard(area: Transcript, index: int | None) -> QPoint:
    """Where the menu belongs that a key opens: at the message the keyboard is on."""
    span = None if index is None else area.column.message_span(index)
    top = 16 if span is None else max(16, min(span[0] + 16, area.viewport().height() - 16))
    return area.viewport().mapToGlobal(QPoint(area.column_left + 16, top))


def _add_copies(menu: QMenu, area: Transcript, index: int | None) -> None:
    if area.selection is not None and not area.selection.empty:
        copy = menu.addAction(tr("Copy"), area.copy)
        plain = menu.addAction(tr("Copy as plain text"), lambda: area.copy(plain=True))
        menu.addAction(tr("Copy as Markdown"), lambda: area.copy(rich=False))
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        plain.setShortcut(QKeySequence(PLAIN_KEY))
        return
    actions = [
        menu.addAction(tr("Copy message")),
        menu.addAction(tr("Copy message as plain text")),
        menu.addAction(tr("Copy message as Markdown")),
    ]
    for action in actions:
        action.setEnabled(index is not None)
    if index is not None:
        message = index
        copy, plain, markdown = actions
        copy.triggered.connect(lambda: area.copy_message(message))
        plain.triggered.connect(lambda: area.copy_message(message, plain=True))
        markdown.triggered.connect(lambda: area.copy_message(message, rich=False))
