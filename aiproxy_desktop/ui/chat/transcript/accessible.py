"""The transcript for screen readers: a list whose first children are its messages, painted or not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
)

from aiproxy_desktop.ui.markdown.copying import Piece, as_plain
from aiproxy_desktop.ui.markdown.whole import read_message
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.accessible_list import AccessibleList
from aiproxy_desktop.ui.widgets.accessible_part import AccessiblePart

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
    from aiproxy_desktop.ui.chat.transcript.messages import MessageState, TranscriptMessage
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_LONGEST: Final = 8000


def _state(state: MessageState) -> str:
    match state:
        case "streaming":
            return " " + tr("It is still being written.")
        case "interrupted":
            return " " + tr("It was stopped.")
        case "failed":
            return " " + tr("It failed.")
        case _:
            return ""


def _brought(message: TranscriptMessage) -> str:
    """Its files and tool calls, in words."""
    said = [
        tr("File {name}, {facts}.", name=shown.attachment.name, facts=shown.facts)
        if shown.path is not None
        else tr("File {name}, no longer there.", name=shown.attachment.name)
        for shown in message.attachments
    ]
    for card in message.tools:
        how = tr("failed") if card.failed else tr("not run") if card.result is None else tr("done")
        said.append(tr("Tool {name}, {how}.", name=card.name, how=how))
    return "".join(f" {sentence}" for sentence in said)


def spoken(view: MessageView) -> str:
    """A message as it is read out: who says it, then what."""
    who = tr("You said: ") if view.own else tr("Answer: ")
    text = view.text[:_LONGEST]
    if not view.own:
        whole = read_message(text)
        text = as_plain([Piece(block) for block in whole.blocks], whole.references)
    error = view.message.error
    if view.message.state == "failed" and error is not None:
        text = f"{text} {error.title}. {error.advice}".strip()
    return who + text


class MessageInterface(AccessiblePart["Transcript"]):
    """One message."""

    def isValid(self) -> bool:
        return super().isValid() and self.place < len(self.owner.column.views)

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        view = self.owner.column.views[self.place]
        if kind == QAccessible.Text.Name:
            return spoken(view)
        if kind == QAccessible.Text.Description:
            notes = " ".join(view.message.notes)
            said = f"{notes} {view.message.footer}{_state(view.message.state)}{_brought(view.message)}"
            return said.strip()
        return ""

    def rect(self) -> QRect:
        span = self.owner.column.message_span(self.place) if self.isValid() else None
        if span is None:
            return QRect()
        top_left = self.owner.viewport().mapToGlobal(QPoint(self.owner.column_left, span[0]))
        return QRect(top_left, QSize(self.owner.column.width, span[1] - span[0]))

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = state.focusable = state.multiLine = True
        state.offscreen = self.rect().isNull()
        state.focused = self.owner.hasFocus() and self.owner.navigation.current == self.place
        return state


class Accessibility:
    """Tells assistive technology what happens in a transcript. Costs nothing while none listens."""

    def __init__(self, area: Transcript) -> None:
        self._area = area
        self._interface: AccessibleList | None = None
        _install()

    def interface(self) -> AccessibleList:
        """The transcript's interface, made once. Qt owns it from then on."""
        if self._interface is None:
            area = self._area
            self._interface = AccessibleList(
                area, lambda: len(area.column.views), lambda place: MessageInterface(area, place)
            )
        return self._interface

    def reset(self) -> None:
        """Other messages are shown."""
        if self._interface is not None:
            self._interface.forget()

    def focused(self, index: int | None) -> None:
        """The keyboard is on another message."""
        if index is not None and QAccessible.isActive():
            event = QAccessibleEvent(self._area, QAccessible.Event.Focus)
            event.setChild(index)
            QAccessible.updateAccessibility(event)

    def ended(self, view: MessageView, state: MessageState) -> None:
        """An answer came to its end, away from the focus: read it out, or say what became of it."""
        if QAccessible.isActive():
            said = spoken(view) if state == "complete" else tr("Answer.") + _state(state)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._area, said))


def _interface_for(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

    return thing.accessibility.interface() if isinstance(thing, Transcript) else None


@cache
def _install() -> None:
    # Once: Qt's list of factories is the whole process's.
    QAccessible.installFactory(_interface_for)
