"""The transcript for screen readers: a list whose first children are its entries, painted or not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.words import session_time
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


class TranscriptInterface(QAccessibleWidget):
    """The transcript: its entries, then its buttons and scroll bar."""

    def __init__(self, area: VoiceTranscript) -> None:
        super().__init__(area, QAccessible.Role.List, area.accessibleName())
        self._area = area
        self._entries: dict[int, tuple[EntryInterface, int]] = {}

    def childCount(self) -> int:
        return self._area.count + super().childCount()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # null in C++
        count = self._area.count
        if index >= count:
            return super().child(index - count)
        if index < 0:
            return None
        known = self._entries.get(index)
        if known is None:
            made = EntryInterface(self._area, index)
            known = made, QAccessible.registerAccessibleInterface(made)
            self._entries[index] = known
        return known[0]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, EntryInterface):
            return child.place
        found = super().indexOfChild(child)
        return found if found < 0 else found + self._area.count

    def forget(self) -> None:
        """Take back the entries' interfaces: there are other entries now, or none."""
        for _, number in self._entries.values():
            QAccessible.deleteAccessibleInterface(number)
        self._entries.clear()


class Accessibility:
    """Tells assistive technology where the keyboard is. Costs nothing while none listens."""

    def __init__(self, area: VoiceTranscript) -> None:
        self._area = area
        self._interface: TranscriptInterface | None = None
        _install()

    def interface(self) -> TranscriptInterface:
        """The transcript's interface, made once. Qt owns it from then on."""
        if self._interface is None:
            self._interface = TranscriptInterface(self._area)
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
