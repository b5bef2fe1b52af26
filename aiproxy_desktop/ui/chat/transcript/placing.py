"""Where the buttons of what is in view belong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.chrome import FooterPiece
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.controls import ActionBar, Key, Placed


def placed_buttons(column: Column, left: int, near: int | None) -> list[Placed]:
    """The buttons of every piece in view.

    Args:
        column: the messages.
        left: the column's left edge.
        near: the message that the pointer or the keyboard is on.
    """
    wanted: list[Placed] = []
    for shown in column.shown:
        view = column.views[shown.message]
        for control in view.pieces[shown.piece].controls(column.width):
            if control.on_hover and shown.message != near:
                continue
            key = Key(control.kind, view.id, shown.piece)
            at = control.at + QPoint(left, shown.top)
            reasoning = control.kind == "reasoning"
            label = view.thought_label() if reasoning else ""
            opened = {"reasoning": view.expanded, "details": view.details}
            on = opened.get(control.kind, control.on)
            wanted.append(Placed(key, at, control.from_right, label, on, control.enabled))
    return wanted


def order_tabs(area: QWidget, placed: Sequence[QWidget], then: Sequence[QWidget]) -> None:
    """Let Tab go from the transcript through what stands in view, as it stands, and then through these."""
    before = area
    for widget in (*sorted(placed, key=lambda one: (one.y(), one.x())), *then):
        QWidget.setTabOrder(before, widget)
        before = widget


def place_actions(bar: ActionBar, column: Column, left: int, message: int | None) -> None:
    """Put the bar under a message, or away where the message's last row is out of view."""
    if message is None or message >= len(column.views):
        bar.dismiss()
        return
    view = column.views[message]
    for shown in reversed(column.shown):
        piece = column.piece(shown.message, shown.piece)
        if shown.message == message and isinstance(piece, FooterPiece):
            retry = not view.own and view.message.state == "complete"
            bar.show_for(view.id, left + column.width, shown.top + piece.margin, retry=retry)
            return
    bar.dismiss()
