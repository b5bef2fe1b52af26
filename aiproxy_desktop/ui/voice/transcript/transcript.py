"""The transcript of a voice session: a scroll area over a `Column`; only what is in view is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from aiproxy_desktop.services.voice.values import VoiceEntry
from aiproxy_desktop.ui.chat.transcript.jump import JumpButton
from aiproxy_desktop.ui.chat.transcript.selection import Selection
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.shell.open_url import open_url
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.transcript.accessible import Accessibility
from aiproxy_desktop.ui.voice.transcript.blocks import Canvas, Key, Wanted
from aiproxy_desktop.ui.voice.transcript.call_block import CallBlock
from aiproxy_desktop.ui.voice.transcript.caret import Caret
from aiproxy_desktop.ui.voice.transcript.column import Column, Shown
from aiproxy_desktop.ui.voice.transcript.controls import Controls
from aiproxy_desktop.ui.voice.transcript.copying import copied, everything
from aiproxy_desktop.ui.voice.transcript.menu import context_menu
from aiproxy_desktop.ui.voice.transcript.navigation import Navigation
from aiproxy_desktop.ui.voice.transcript.news import news
from aiproxy_desktop.ui.voice.transcript.pointer import Pointer
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import speaker_name
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.painting import rounded

COLUMN: Final = 640
_SIDE: Final = 24
_STEP: Final = 24
_RING: Final = 8
_KEYBOARD: Final = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)


class VoiceTranscript(QAbstractScrollArea):
    """Entries in a centred column that stands on the view's bottom and follows the end while shown.

    Signals:
        copy_done: something went to the clipboard.
        at_end_changed: whether the view is at the end.
    """

    copy_done = Signal()
    at_end_changed = Signal(bool)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("voice.transcript")
        self.setAccessibleName(tr("Conversation"))
        self.setAccessibleDescription(tr("What was said. Up and Down go from one turn to the next."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(320, 120)
        self.viewport().setMouseTracking(True)
        self._themes = themes
        self._view_model = view_model
        self.column = Column(Sheet(themes.theme))
        self.selection: Selection | None = None
        self.accessibility = Accessibility(self)
        self.navigation = Navigation(self)
        self._pointer = Pointer(self)
        self.controls = Controls(themes, self.viewport())
        self._syncing = False
        self._last_value = 0
        self._at_end = True
        self._caret = Caret(self)
        self._jump = JumpButton(themes, self)
        self._jump.setObjectName("voice.jumpToLatest")
        self._jump.clicked.connect(self.scroll_to_end)
        # Several changes of one frame are laid out once, when the loop comes round.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self.settle)
        self.controls.pressed.connect(self._pressed)
        self.controls.source_wanted.connect(open_url)
        self.controls.answered.connect(view_model.answer_call)
        themes.changed.connect(self._set_theme)
        view_model.entries_changed.connect(self._entries_changed)
        view_model.offers_changed.connect(self._call_it)
        view_model.settings_changed.connect(self._call_it)
        view_model.state_changed.connect(self._call_it)
        self.column.who = speaker_name(view_model.partner)
        self._entries_changed(0)

    # -- content

    def _entries_changed(self, first: int) -> None:
        before = self.count
        first = min(first, before)
        entries: Sequence[VoiceEntry] = self._view_model.entries[first:]
        state, settings = self._view_model.state, self._view_model.settings
        heard = state.speaker.state == "open" and settings.volume > 0
        said = news(self.column, first, entries, heard=heard)
        kept = self.column.take(first, entries)
        if kept < before:
            self._forget_after(kept)
        for words in said:
            announce(self, words)
        # Solid while words come: a caret that blinks in the middle of them only flickers.
        self._caret.lit = True
        self._changed()

    def _forget_after(self, kept: int) -> None:
        """Only the first `kept` entries are what they were."""
        self.accessibility.reset()
        self.navigation.reset(kept)
        if self.selection is not None and self.selection.end.message >= kept:
            self._pointer.reset()
            self.selection = None
        self.controls.forget({block.id for block in self.column.blocks})

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self.column.blocks)

    @property
    def current(self) -> int | None:
        """The entry that the keyboard is on."""
        return self.navigation.current

    def spoken(self, index: int) -> str:
        """An entry as it is read out."""
        return self.column.blocks[index].spoken(self.column.who)

    def _call_it(self) -> None:
        who = speaker_name(self._view_model.partner)
        if who != self.column.who:
            self.column.call_it(who)
            self._changed()

    def _set_theme(self, theme: Theme) -> None:
        self.column.set_sheet(Sheet(theme))
        self.settle()

    # -- controls

    def _pressed(self, key: Key) -> None:
        view_model = self._view_model
        if key.kind == "head":
            self._toggle(key.entry)
        elif key.kind == "allow":
            view_model.allow(key.entry)
        elif key.kind == "always":
            view_model.allow(key.entry, always=True)
        elif key.kind == "deny":
            view_model.deny(key.entry)

    def _toggle(self, entry: str) -> None:
        for shown in self.column.shown:
            block = self.column.blocks[shown.index]
            if block.id == entry and isinstance(block, CallBlock):
                if block.openable:
                    block.toggle()
                    self.settle()
                return

    # -- scrolling and layout

    @property
    def column_left(self) -> int:
        """The column's left edge in the viewport."""
        # Centred on the whole widget: a scroll bar that comes or goes must not shift the text.
        left = (self.width() - self.column.width) // 2
        return left - self.viewport().x()

    @property
    def at_end(self) -> bool:
        """Whether the view shows the end."""
        return self._at_end

    def scroll_to_end(self) -> None:
        """Show the end, and follow it."""
        self.column.following = True
        self.settle()

    def scroll_by(self, delta: int) -> None:
        """Move the view by pixels."""
        self.column.scroll_by(delta)
        self.settle()

    def _changed(self) -> None:
        """Lay out what is in view now, so that painting finds it; the rest of the frame's work later."""
        self._measure()
        self.column.settle()
        self.viewport().update()
        if not self._due.isActive():
            self._due.start()

    def _measure(self) -> None:
        self.column.view_height = self.viewport().height()
        self.column.set_width(max(200, min(COLUMN, self.width() - 2 * _SIDE)))

    def settle(self) -> None:
        """Lay out what is in view and bring scroll bar, buttons and picture in step with it."""
        self._due.stop()
        column = self.column
        self._measure()
        column.settle()
        self._sync_bar()
        self._place_controls()
        at_end = column.following or column.value >= column.most
        self._jump.setVisible(not at_end and bool(column.blocks))
        if at_end != self._at_end:
            self._at_end = at_end
            self.at_end_changed.emit(at_end)
        self._caret.follow(still=self._themes.reduced_motion)
        self.viewport().update()

    def _sync_bar(self) -> None:
        bar = self.verticalScrollBar()
        self._syncing = True
        bar.setPageStep(self.column.view_height)
        bar.setSingleStep(_STEP)
        bar.setRange(0, self.column.most)
        bar.setValue(self.column.most if self.column.following else self.column.value)
        self._last_value = bar.value()
        self._syncing = False

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        if self._syncing:
            return
        bar = self.verticalScrollBar()
        value = bar.value()
        delta = value - self._last_value
        if abs(delta) <= 3 * self.column.view_height and value not in (0, bar.maximum()):
            self.column.scroll_by(delta)
        else:
            self.column.scroll_to(value)
        self.settle()

    def _place_controls(self) -> None:
        wanted: dict[Key, tuple[Wanted, QRect]] = {}
        column, left = self.column, self.column_left
        for shown in column.shown:
            for each in column.blocks[shown.index].wanted(column.width):
                box = each.box
                start = column.width - box.x() - box.width() if self._leftwards else box.x()
                wanted[each.key] = each, box.translated(left + start - box.x(), shown.top)
        if self.controls.place(wanted):
            before: QWidget = self
            for widget in (*self.controls.in_order(), self._jump):
                QWidget.setTabOrder(before, widget)
                before = widget

    @property
    def _leftwards(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._jump.place()
        self.settle()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QRectF(event.rect())
        theme = self._themes.theme
        painter.fillRect(clip, QColor(theme.surface))
        for shown in self.column.shown:
            block = self.column.blocks[shown.index]
            if block.exact and shown.top < clip.bottom() and shown.top + block.height > clip.top():
                block.paint(self._canvas(painter, shown, clip))
        if self.hasFocus() and self.navigation.ring and self.navigation.current is not None:
            span = self.column.span(self.navigation.current)
            if span is not None:
                box = QRectF(self.column_left, span[0], self.column.width, span[1] - span[0])
                rounded(painter, box.adjusted(-_RING, -_RING, _RING, _RING), RADIUS.m, None, theme.accent, 2)

    def _canvas(self, painter: QPainter, shown: Shown, clip: QRectF) -> Canvas:
        column, chosen, whole = self.column, {}, False
        if self.selection is not None and not self.selection.empty:
            start, end = self.selection.start, self.selection.end
            first = start.message if (start.piece, start.offset) == (0, 0) else start.message + 1
            whole = first <= shown.index < end.message
            for place, part in enumerate(column.blocks[shown.index].parts):
                found = self.selection.within(shown.index, place, len(part.display.text))
                if found is not None:
                    chosen[place] = found
        return Canvas(
            painter,
            self.column_left,
            shown.top,
            column.width,
            clip,
            column.sheet,
            self._leftwards,
            self._caret.lit,
            chosen,
            whole,
        )

    # -- selecting and copying

    def select(self, selection: Selection | None) -> None:
        """Another selection, or none."""
        if selection != self.selection:
            self.selection = selection
            self.viewport().update()

    def select_all(self) -> None:
        """Select every entry."""
        self.select(everything(self.column))

    def selected_text(self) -> str:
        """What is selected, as it is copied."""
        if self.selection is None or self.selection.empty:
            return ""
        return copied(self.column, self.selection)

    def copy(self) -> None:
        """Copy the selection; without one, the entry the keyboard is on."""
        current = self.navigation.current
        if self.selected_text():
            self._put(self.selected_text())
        elif self.navigation.ring and current is not None:
            self.copy_entry(current)

    def copy_entry(self, index: int) -> None:
        """Copy one entry."""
        self._put(self.column.blocks[index].copied())

    def _put(self, text: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)
            self.copy_done.emit()

    # -- pointer and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.navigation.ring = False
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        context_menu(self, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.navigation.key(event):
            event.ignore()
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD:
            self.navigation.enter()
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
