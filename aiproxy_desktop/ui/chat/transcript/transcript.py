"""The transcript: a scroll area whose content is a `Column`, painted; only what is in view exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from aiproxy_desktop.ui.chat.transcript.accessible import Accessibility
from aiproxy_desktop.ui.chat.transcript.code_block import code_block
from aiproxy_desktop.ui.chat.transcript.coloring import Coloring
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.controls import ActionBar, Controls, CopyButton, Key
from aiproxy_desktop.ui.chat.transcript.formulas import FormulaCache
from aiproxy_desktop.ui.chat.transcript.keyboard import handle_key
from aiproxy_desktop.ui.chat.transcript.menu import context_menu
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.navigation import Navigation
from aiproxy_desktop.ui.chat.transcript.note_links import hint
from aiproxy_desktop.ui.chat.transcript.painting import paint_caret, paint_column, paint_focus
from aiproxy_desktop.ui.chat.transcript.placing import place_actions, placed_buttons
from aiproxy_desktop.ui.chat.transcript.pointer import Pointer
from aiproxy_desktop.ui.chat.transcript.selection import Selection, copied, select_all
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.chat.transcript.typesetting import Typesetting
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT, MOTION, Theme
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside

_SIDE: Final = 24
_STEP: Final = 24
_JUMP_GAP: Final = 12


class Transcript(QAbstractScrollArea):
    """Messages in a centred column, following the stream while the reader is at the end.

    Signals:
        retry_requested: id of the answer to ask for again.
        version_requested: id of an answer and -1 or 1: show the version before or after it.
        copy_done: something went to the clipboard.
        link_activated: an http, https or mailto address the person chose; open it with `open_url`.
        at_end_changed: whether the view is at the end.
    """

    retry_requested = Signal(str)
    version_requested = Signal(str, int)
    copy_done = Signal()
    link_activated = Signal(str)
    at_end_changed = Signal(bool)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chat.transcript")
        self.setAccessibleName("Conversation")
        self.setAccessibleDescription("Its messages. Up and Down go from one to the next.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(320, 160)
        self.viewport().setMouseTracking(True)
        self._themes = themes
        self._formulas = FormulaCache()
        self.column = Column(Sheet(themes.theme, self._formulas))
        self.selection: Selection | None = None
        self._syncing = False
        self._last_value = 0
        self._at_end = True
        self._caret_on = True
        self.accessibility = Accessibility(self)
        self.navigation = Navigation(self.column, self.accessibility.focused)
        self._pointer = Pointer(self)
        self._coloring = Coloring(self.column, self)
        self._coloring.changed.connect(self._changed)
        self.destroyed.connect(self._coloring.close)
        self._typesetting = Typesetting(self, self._formulas)
        self._typesetting.changed.connect(self._changed)
        self.destroyed.connect(self._typesetting.close)
        self._controls = Controls(themes, self.viewport())
        self._controls.pressed.connect(self._control_pressed)
        self._actions = ActionBar(themes, self.viewport())
        self._actions.copy.clicked.connect(self._copy_message)
        self._actions.retry.clicked.connect(lambda: self.retry_requested.emit(self._actions.message))
        self._jump = Button(
            themes,
            "Jump to latest",
            name="chat.jumpToLatest",
            kind="secondary",
            icon="chev-down",
            parent=self,
        )
        self._jump.clicked.connect(self.scroll_to_end)
        self._jump.hide()
        # Several changes of one frame are laid out once, when the loop comes round.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self._sync)
        self._blink = QTimer(self)
        self._blink.setInterval(MOTION.caret)
        self._blink.timeout.connect(self._blinked)
        themes.changed.connect(self.set_theme)

    # -- content

    def set_messages(self, messages: Sequence[TranscriptMessage]) -> None:
        """Show another conversation, from its end."""
        self.column.set_messages(messages)
        self.selection = None
        self.navigation.reset()
        self.accessibility.reset()
        self._controls.clear()
        self._actions.dismiss()
        self._changed()

    def clear(self) -> None:
        """Show nothing."""
        self.set_messages(())

    def append_message(self, message: TranscriptMessage) -> None:
        """One more message at the end.

        Raises:
            ValueError: its id is in the transcript already.
        """
        self.column.append(message)
        self._changed()

    def append_text(self, message_id: str, text: str) -> None:
        """More of an answer.

        Raises:
            KeyError: there is no such message.
        """
        index = self._index(message_id)
        # Solid while text comes: a caret that blinks in the middle of it only flickers.
        self._caret_on = True
        self.column.views[index].append_text(text)
        self.column.changed(index)
        self._changed()

    def append_reasoning(self, message_id: str, text: str) -> None:
        """More of an answer's reasoning.

        Raises:
            KeyError: there is no such message.
        """
        index = self._index(message_id)
        self.column.views[index].append_reasoning(text)
        self.column.changed(index)
        self._changed()

    def update_message(self, message: TranscriptMessage) -> None:
        """Another state, footer, error or text of a message.

        Raises:
            KeyError: there is no such message.
        """
        index = self._index(message.id)
        view = self.column.views[index]
        if view.streaming and message.state != "streaming":
            self.accessibility.ended(view, message.state)
        view.update(message)
        self.column.changed(index)
        self._changed()

    def set_theme(self, theme: Theme) -> None:
        """Wear another theme."""
        self.column.set_sheet(Sheet(theme, self._formulas))
        self._changed()

    def scroll_to_end(self) -> None:
        """Show the end, and follow it."""
        self.column.scroll_to_end()
        self.settle()

    @property
    def at_end(self) -> bool:
        """Whether the view shows the end."""
        return self._at_end

    def _index(self, message_id: str) -> int:
        index = self.column.index_of(message_id)
        if index is None:
            raise KeyError(message_id)
        return index

    # -- layout

    def _changed(self) -> None:
        """Lay out what is in view now, so that painting finds it; the rest of the frame's work later."""
        self._measure()
        self.column.settle()
        self.viewport().update()
        self._later()

    def _later(self) -> None:
        if not self._due.isActive():
            self._due.start()

    def settle(self) -> None:
        """Lay out what is in view and bring scroll bar, buttons and picture in step with it."""
        self._measure()
        self.column.settle()
        self.viewport().update()
        self._sync()

    def _measure(self) -> None:
        self.column.view_height = self.viewport().height()
        self.column.set_width(self._column_width())

    def _sync(self) -> None:
        # Never from a paint event: buttons appear here, and a scroll bar that does resizes the viewport.
        self._due.stop()
        column = self.column
        self._sync_bar()
        if self._controls.place(placed_buttons(column, self.column_left)):
            self._order_tabs()
        self._place_actions()
        self._coloring.request()
        self._typesetting.request()
        self._set_at_end(column.value >= column.most)
        self._blink_if_needed()
        if any(column.views[message].behind for message in column.visible_messages()):
            self._catch_up()

    def _catch_up(self) -> None:
        for message in self.column.visible_messages():
            self.column.views[message].catch_up()
            self.column.changed(message)
        self._changed()

    def _column_width(self) -> int:
        return max(200, min(LAYOUT.column_max, self.width() - 2 * _SIDE))

    @property
    def column_left(self) -> int:
        """The column's left edge in the viewport."""
        # Centred on the whole widget: a scroll bar that comes or goes must not shift the text.
        return (self.width() - self.column.width) // 2

    def _sync_bar(self) -> None:
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

    def _set_at_end(self, at_end: bool) -> None:
        self._jump.setVisible(not at_end and bool(self.column.views))
        if at_end != self._at_end:
            self._at_end = at_end
            self.at_end_changed.emit(at_end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self._jump.sizeHint()
        left = (self.width() - size.width()) // 2
        self._jump.setGeometry(left, self.height() - _JUMP_GAP - size.height(), size.width(), size.height())
        self.settle()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QRectF(event.rect())
        painter.fillRect(clip, QColor(self._themes.theme.surface))
        paint_column(painter, self.column, self.column_left, clip, self.selection)
        caret = self._caret_place()
        if self._caret_on and not caret.isNull():
            paint_caret(painter, caret, self._themes.theme)
        if self.hasFocus() and self.navigation.ring:
            paint_focus(painter, self.column, self.column_left, self.navigation, self._themes.theme)

    def _blink_if_needed(self) -> None:
        if self._caret_place().isNull() or self._themes.reduced_motion:
            self._caret_on = True
            self._blink.stop()
        elif not self._blink.isActive():
            self._blink.start()

    def _caret_place(self) -> QRect:
        column = self.column
        for shown in reversed(column.shown):
            view = column.views[shown.message]
            if view.streaming and view.caret_piece() == shown.piece:
                point = column.piece(shown.message, shown.piece).end_point()
                if point is not None:
                    x = self.column_left + round(point.x()) + 3
                    return QRect(x, shown.top + round(point.y()) + 4, 8, 16)
        return QRect()

    def _blinked(self) -> None:
        self._caret_on = not self._caret_on
        self.viewport().update(self._caret_place())

    # -- buttons

    def _order_tabs(self) -> None:
        """Tab goes from the transcript through the buttons in view, as they stand, to what follows."""
        before: QWidget = self
        for button in (*self._controls.in_order(), self._actions.copy, self._actions.retry, self._jump):
            QWidget.setTabOrder(before, button)
            before = button

    def _place_actions(self) -> None:
        """Under the message the pointer is on, else under the one the keyboard is on."""
        index = self._pointer.message
        if index is None and has_focus_inside(self._actions):
            index = self.column.index_of(self._actions.message)
        if index is None and self.navigation.ring and has_focus_inside(self):
            index = self.navigation.current
        place_actions(self._actions, self.column, self.column_left, index)

    def _control_pressed(self, key: Key) -> None:
        index = self.column.index_of(key.message)
        if index is None:
            return
        view = self.column.views[index]
        if key.kind == "retry":
            self.retry_requested.emit(key.message)
        elif key.kind in {"former", "later"}:
            self.version_requested.emit(key.message, -1 if key.kind == "former" else 1)
        elif key.kind == "copy_code":
            block = code_block(view.pieces, key.piece)
            if block is not None:
                self.put_on_clipboard(block.text)
                button = self._controls.button(key)
                if isinstance(button, CopyButton):
                    button.confirm()
        else:
            if key.kind == "reasoning":
                view.toggle_reasoning()
            else:
                view.toggle_details()
            # What was opened must not push its own button out of view.
            self.column.following = False
            self.column.changed(index)
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

    def copy(self, *, plain: bool = False) -> None:
        """Copy the selection; without one, the message the keyboard is on."""
        text = self.selected_text(plain=plain)
        current = self.navigation.current
        if not text and self.navigation.ring and current is not None:
            text = self.message_text(current, plain=plain)
        if text:
            self.put_on_clipboard(text)

    def message_text(self, index: int, *, plain: bool = False) -> str:
        """A message's text as Markdown source, or as it is read."""
        view = self.column.views[index]
        return copied(self.column, Navigation.whole(view, index), plain=plain) if plain else view.text

    def put_on_clipboard(self, text: str) -> None:
        """Copy a text."""
        QGuiApplication.clipboard().setText(text)
        self.copy_done.emit()

    def _copy_message(self) -> None:
        index = self.column.index_of(self._actions.message)
        if index is not None:
            self.put_on_clipboard(self.column.views[index].text)
            self._actions.copy.confirm()
            self._place_actions()

    # -- pointer and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.navigation.ring = False
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)
        self._place_actions()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        context_menu(self, event, self._pointer)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
            self._place_actions()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            href = self._pointer.href_at(event.pos())
            shown = self._pointer.shown_at(event.pos())
            if href and shown is not None:
                text = hint(self, shown.message, shown.piece, href)
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not handle_key(self, event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        }:
            self.navigation.enter()
            # Before any button was placed, or after its neighbours were ordered, they stand elsewhere.
            self._order_tabs()
        super().focusInEvent(event)
        self._place_actions()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._later()
