"""A scroll area over a `Column`: scrolled by what is in view, selected in, and copied from."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from aiproxy_desktop.ui.chat.transcript.clipboard import Clip, put_on_clipboard
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.navigation import Navigation
from aiproxy_desktop.ui.chat.transcript.selection import (
    Selection,
    copied,
    message_clip,
    select_all,
    selection_clip,
)

_STEP: Final = 24


class ColumnArea(QAbstractScrollArea):
    """What can be done with a column of messages without knowing what stands in it.

    Signals:
        copy_done: something went to the clipboard.
    """

    copy_done = Signal()

    navigation: Navigation

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column
        self.selection: Selection | None = None
        self._syncing = False
        self._last_value = 0

    @abstractmethod
    def settle(self) -> None:
        """Lay out what is in view and bring scroll bar, buttons and picture in step with it."""

    # -- scrolling

    def sync_bar(self) -> None:
        """Show on the scroll bar where the view is."""
        bar = self.verticalScrollBar()
        self._syncing = True
        bar.setPageStep(self.column.view_height)
        bar.setSingleStep(_STEP)
        bar.setRange(0, self.column.most)
        bar.setValue(self.column.value)
        self._last_value = bar.value()
        self._syncing = False

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        if self._syncing:
            return
        value = self.verticalScrollBar().value()
        delta = value - self._last_value
        if abs(delta) <= 3 * self.column.view_height and value not in (0, self.verticalScrollBar().maximum()):
            self.column.scroll_by(delta)
        else:
            self.column.scroll_to(value)
        self.settle()

    def scroll_by(self, delta: int) -> None:
        """Move the view by pixels."""
        self.column.scroll_by(delta)
        self.settle()

    # -- copying

    def select(self, selection: Selection | None) -> None:
        """Another selection, or none."""
        if selection != self.selection:
            self.selection = selection
            self.viewport().update()

    def select_all(self) -> None:
        """Select every message."""
        self.select(select_all(self.column))

    def selected_text(self, *, plain: bool = False) -> str:
        """The selection as Markdown source, or as it is read."""
        if self.selection is None or self.selection.empty:
            return ""
        return copied(self.column, self.selection, plain=plain)

    @property
    def has_something_to_copy(self) -> bool:
        """Whether `copy` would copy something."""
        if self.selection is not None and not self.selection.empty:
            return True
        return self.navigation.ring and self.navigation.current is not None

    def copy(self, *, plain: bool = False, rich: bool = True) -> None:
        """Copy the selection; without one, the message the keyboard is on.

        Args:
            plain: as it is read, not as Markdown source.
            rich: as rich text too.
        """
        current = self.navigation.current
        if self.selection is not None and not self.selection.empty:
            self.put(selection_clip(self.column, self.selection, plain=plain, rich=rich))
        elif self.navigation.ring and current is not None:
            self.copy_message(current, plain=plain, rich=rich)

    def copy_message(self, index: int, *, plain: bool = False, rich: bool = True) -> None:
        """Copy one message; `plain` and `rich` as in `copy`."""
        self.put(message_clip(self.column, index, plain=plain, rich=rich))

    def put_on_clipboard(self, text: str) -> None:
        """Copy a text."""
        self.put(Clip(text))

    def put(self, clip: Clip) -> None:
        """Copy, where there is something."""
        if clip.text:
            put_on_clipboard(clip)
            self.copy_done.emit()
