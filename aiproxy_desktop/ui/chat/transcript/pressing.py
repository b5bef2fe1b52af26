"""What the buttons on code and tables do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton

from aiproxy_desktop.ui.chat.transcript.clipboard import Clip
from aiproxy_desktop.ui.chat.transcript.controls import CopyButton, Key
from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.pieces.code_block import code_block
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.chat.transcript.pieces.table_piece import RowPiece, table_rows
from aiproxy_desktop.ui.markdown.code_files import file_name
from aiproxy_desktop.ui.markdown.html import html_of
from aiproxy_desktop.ui.markdown.tables import table_csv, table_markdown
from aiproxy_desktop.ui.translation import tr

CodeButton: TypeAlias = Literal["copy_code", "save_code", "wrap_code"]

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


def press(area: Transcript, key: Key, button: QPushButton | None) -> None:
    """Do what a button says."""
    index = area.column.index_of(key.message)
    if index is None:
        return
    view = area.column.views[index]
    match key.kind:
        case "copy_code" | "save_code" | "wrap_code":
            _press_code(area, view, key, button)
        case "copy_table":
            _open_table_menu(area, view, key, button)


def press_in_view(area: Transcript, kind: CodeButton) -> None:
    """Do it to the code in view: to that of the message the keyboard is on, where there is some."""
    piece = _first_in_view(area, CodePiece)
    if piece is not None:
        press(area, Key(kind, *piece), None)


def copy_table_in_view(area: Transcript, *, csv: bool) -> None:
    """Copy the table in view, as `press_in_view` chooses it."""
    place = _first_in_view(area, RowPiece)
    if place is None:
        return
    view = area.column.views[area.column.index_of(place[0]) or 0]
    rows = table_rows(view.pieces, place[1])
    area.put(Clip(table_csv(rows)) if csv else Clip(table_markdown(rows), html_of(rows, view.references)))


def _first_in_view(area: Transcript, kind: type[Piece]) -> tuple[str, int] | None:
    """Message id and index of the first piece of a kind."""
    current = area.navigation.current if area.navigation.ring else None
    found = [
        shown
        for shown in area.column.shown
        if isinstance(area.column.piece(shown.message, shown.piece), kind)
    ]
    found.sort(key=lambda shown: shown.message != current)
    return (area.column.views[found[0].message].id, found[0].piece) if found else None


def _press_code(area: Transcript, view: MessageView, key: Key, button: QPushButton | None) -> None:
    block = code_block(view.pieces, key.piece)
    if block is None:
        return
    if key.kind == "copy_code":
        area.put_on_clipboard(block.text)
        if isinstance(button, CopyButton):
            button.confirm()
    elif key.kind == "save_code":
        area.save_requested.emit(file_name(tr("code"), block.language), block.text)
    else:
        block.toggle_wrap()
        reflow(area, area.column.index_of(view.id) or 0)


def _open_table_menu(area: Transcript, view: MessageView, key: Key, button: QPushButton | None) -> None:
    rows = table_rows(view.pieces, key.piece)
    if not rows or button is None:
        return
    menu = QMenu(button)
    menu.setObjectName("chat.transcript.tableMenu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    rich = Clip(table_markdown(rows), html_of(rows, view.references))
    menu.addAction(tr("Copy as Markdown"), lambda: area.put(rich))
    menu.addAction(tr("Copy as CSV"), lambda: area.put(Clip(table_csv(rows))))
    menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))


def reflow(area: Transcript, index: int) -> None:
    """Lay a message out again after something of it was opened: its own button must stay in view."""
    area.column.following = False
    area.column.changed(index)
    area.settle()
