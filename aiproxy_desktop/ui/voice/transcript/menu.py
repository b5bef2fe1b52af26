"""The transcript's context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QKeySequence

from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.menu import Entry, menu_of

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript


def context_menu(area: VoiceTranscript, event: QContextMenuEvent) -> None:
    """Show it: for the selection, or else for the entry at hand."""
    by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
    point = area.viewport().mapFromGlobal(event.globalPos())
    shown = area.column.at(point.y()) if by_mouse else None
    index = shown.index if shown is not None else area.current
    copy_key = QKeySequence(QKeySequence.StandardKey.Copy).toString()
    all_key = QKeySequence(QKeySequence.StandardKey.SelectAll).toString()
    if area.selected_text():
        first = Entry("copy", tr("Copy"), area.copy, copy_key)
    else:
        place = index if index is not None else 0
        first = Entry("copy", tr("Copy"), lambda: area.copy_entry(place), copy_key, enabled=index is not None)
    every = Entry("all", tr("Select all"), area.select_all, all_key, enabled=bool(area.count))
    menu = menu_of((first, Entry("line"), every), area, name="voice.transcript.menu")
    span = None if by_mouse or index is None else area.column.span(index)
    at = event.globalPos()
    if span is not None:
        top = max(16, min(span[0] + 16, area.viewport().height() - 16))
        at = area.viewport().mapToGlobal(QPoint(area.column_left + 16, top))
    menu.popup(at)
