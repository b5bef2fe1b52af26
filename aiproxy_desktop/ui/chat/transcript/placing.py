"""Where the buttons of what is in view belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.action_bar import ActionBar
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.controls import Key, Placed
from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
from aiproxy_desktop.ui.chat.transcript.messages import MessageAction
from aiproxy_desktop.ui.chat.transcript.pieces.chrome import FooterPiece
from aiproxy_desktop.ui.widgets.focus import has_focus_inside

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


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
            key = Key(control.kind, view.id, shown.piece, control.part)
            at = control.at + QPoint(left, shown.top)
            reasoning = control.kind == "reasoning"
            label = view.thought_label() if reasoning else control.label
            opened = {"reasoning": view.expanded, "details": view.details}
            on = opened.get(control.kind, control.on)
            size, zoom = control.size, column.sheet.zoom
            wanted.append(Placed(key, at, control.from_right, label, on, control.enabled, size, zoom))
    return wanted


def order_tabs(area: QWidget, placed: Sequence[QWidget], then: Sequence[QWidget]) -> None:
    """Let Tab go from the transcript through what stands in view, as it stands, and then through these."""
    before = area
    for widget in (*sorted(placed, key=lambda one: (one.y(), one.x())), *then):
        QWidget.setTabOrder(before, widget)
        before = widget


def place_actions(bar: ActionBar, column: Column, left: int, message: int | None) -> bool:
    """Put the bar under a message, or away where the message's last row is out of view.

    Tells whether there are other buttons in it than before.
    """
    if bar.busy:
        return False
    if message is None or message >= len(column.views):
        bar.dismiss()
        return False
    view = column.views[message]
    for shown in reversed(column.shown):
        piece = column.piece(shown.message, shown.piece)
        if shown.message == message and isinstance(piece, FooterPiece):
            right = column.width - piece.actions_inset
            room = right - piece.before_actions
            return bar.show_for(
                view.id, shown_actions(view), left + right, shown.top + piece.actions_top, room
            )
    bar.dismiss()
    return False


def shown_actions(view: MessageView) -> tuple[MessageAction, ...]:
    """What the bar offers: while the message is edited nothing, and nothing that stands above it already."""
    if view.editing:
        return ()
    above = {"continue"} if view.message.state == "interrupted" else set()
    return tuple(action for action in view.message.actions if action not in above)


def message_with_actions(area: Transcript, pointed: int | None) -> int | None:
    """The message the bar belongs to: under the pointer, else with the focus in the bar or on the message."""
    if pointed is not None:
        return pointed
    if has_focus_inside(area.action_bar):
        return area.column.index_of(area.action_bar.message)
    return area.navigation.current if area.navigation.ring and has_focus_inside(area) else None
