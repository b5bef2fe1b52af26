"""The transcript for screen readers: a list whose first children are its entries, painted or not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.words import session_time
from aiproxy_desktop.ui.widgets.accessible_list import AccessibleList
from aiproxy_desktop.ui.widgets.accessible_part import AccessiblePart

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript

_LONGEST: Final = 8000


class EntryInterface(AccessiblePart["VoiceTranscript"]):
    """One entry."""

    def isValid(self) -> bool:
        return super().isValid() and self.place < self.owner.count

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return self.owner.spoken(self.place)[:_LONGEST]
        if kind == QAccessible.Text.Description:
            entry = self.owner.column.blocks[self.place].entry
            live = isinstance(entry, VoiceTurn) and entry.status == "live"
            when = tr("At {time}.", time=session_time(entry.at))
            return f"{when} {tr('It goes on.')}" if live else when
        return ""

    def rect(self) -> QRect:
        span = self.owner.column.span(self.place) if self.isValid() else None
        if span is None:
            return QRect()
        top_left = self.owner.viewport().mapToGlobal(QPoint(self.owner.column_left, span[0]))
        return QRect(top_left, QSize(self.owner.column.width, span[1] - span[0]))

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = state.focusable = state.multiLine = True
        state.offscreen = self.rect().isNull()
        state.focused = self.owner.hasFocus() and self.owner.current == self.place
        return state


class Accessibility:
    """Tells assistive technology where the keyboard is. Costs nothing while none listens."""

    def __init__(self, area: VoiceTranscript) -> None:
        self._area = area
        self._interface: AccessibleList | None = None
        _install()

    def interface(self) -> AccessibleList:
        """The transcript's interface, made once. Qt owns it from then on."""
        if self._interface is None:
            area = self._area
            self._interface = AccessibleList(
                area, lambda: area.count, lambda place: EntryInterface(area, place)
            )
        return self._interface

    def reset(self) -> None:
        """Other entries are shown."""
        if self._interface is not None:
            self._interface.forget()

    def focused(self, index: int) -> None:
        """The keyboard is on another entry."""
        if QAccessible.isActive():
            event = QAccessibleEvent(self._area, QAccessible.Event.Focus)
            event.setChild(index)
            QAccessible.updateAccessibility(event)


def _interface_for(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript

    return thing.accessibility.interface() if isinstance(thing, VoiceTranscript) else None


@cache
def _install() -> None:
    # Once: Qt's list of factories is the whole process's.
    QAccessible.installFactory(_interface_for)
