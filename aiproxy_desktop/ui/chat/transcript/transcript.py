"""The transcript: a scroll area whose content is a `Column`, painted; only what is in view exists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.accessible import Accessibility
from aiproxy_desktop.ui.chat.transcript.action_bar import ActionBar
from aiproxy_desktop.ui.chat.transcript.caret import Caret
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.column_area import ColumnArea
from aiproxy_desktop.ui.chat.transcript.controls import Controls
from aiproxy_desktop.ui.chat.transcript.doing import Doing
from aiproxy_desktop.ui.chat.transcript.editor import Editing
from aiproxy_desktop.ui.chat.transcript.find.find import Find
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.chat.transcript.images.image_actions import ImageActions
from aiproxy_desktop.ui.chat.transcript.images.pictures import Pictures
from aiproxy_desktop.ui.chat.transcript.jump import JumpButton
from aiproxy_desktop.ui.chat.transcript.keyboard import handle_key
from aiproxy_desktop.ui.chat.transcript.maths.formulas import FormulaCache
from aiproxy_desktop.ui.chat.transcript.maths.typesetting import Typesetting
from aiproxy_desktop.ui.chat.transcript.menu import context_menu
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.navigation import Navigation
from aiproxy_desktop.ui.chat.transcript.painting import paint_caret, paint_column, paint_focus
from aiproxy_desktop.ui.chat.transcript.pieces.code_bars import CodeBars
from aiproxy_desktop.ui.chat.transcript.pieces.coloring import Coloring
from aiproxy_desktop.ui.chat.transcript.placing import (
    message_with_actions,
    order_tabs,
    place_actions,
    placed_buttons,
)
from aiproxy_desktop.ui.chat.transcript.pointer import Pointer
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, scaled
from aiproxy_desktop.ui.chat.transcript.thinking import Thinking
from aiproxy_desktop.ui.chat.transcript.wheel import Wheel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT, Theme
from aiproxy_desktop.ui.translation import tr

_SIDE: Final = 24
_CARD_SIDE: Final = 16


class Transcript(ColumnArea):
    """Messages in a centred column, following the stream while the reader is at the end.

    Signals:
        retry_requested: id of the failed or stopped answer to ask for again, or of a question without one.
        edit_submitted: id of a message of the person's, and its new text.
        regenerate_requested: id of an answer, and the model to ask; "" is the one that gave it.
        another_model_requested: id of an answer, and a widget that stands where to choose from.
        continue_requested: id of an answer that is not whole.
        branch_requested: id of the message a new conversation goes up to.
        delete_requested: id of the message that goes, with what follows it.
        failed: a sentence about what could not be done.
        version_requested: id of an answer and -1 or 1: show the version before or after it.
        image_wanted: an Attachment that is to be changed in the image studio.
        save_requested: a file name and a text: ask where to, and write it.
        zoom_wanted: 1 for larger, -1 for smaller.
        copy_done: something went to the clipboard.
        link_activated: an http, https or mailto address the person chose; open it with `open_url`.
        at_end_changed: whether the view is at the end.
    """

    retry_requested = Signal(str)
    edit_submitted = Signal(str, str)
    regenerate_requested = Signal(str, str)
    another_model_requested = Signal(str, QWidget)
    continue_requested = Signal(str)
    branch_requested = Signal(str)
    delete_requested = Signal(str)
    failed = Signal(str)
    version_requested = Signal(str, int)
    image_wanted = Signal(object)
    save_requested = Signal(str, str)
    zoom_wanted = Signal(int)
    link_activated = Signal(str)
    at_end_changed = Signal(bool)

    def __init__(
        self,
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        on_card: bool = False,
        exports: Path | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: the look.
            parent: as ever.
            on_card: it lies on a card: it wears the card's colour, and less room at its sides.
            exports: a folder for copies of images that are dragged into other programs.
        """
        formulas = FormulaCache()
        super().__init__(Column(Sheet(themes.theme, formulas=formulas)), parent)
        self._formulas = formulas
        self._on_card = on_card
        self.setObjectName("chat.transcript")
        self.setAccessibleName(tr("Conversation"))
        self.setAccessibleDescription(tr("Its messages. Up and Down go from one to the next."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(320, 160)
        self.viewport().setMouseTracking(True)
        self._themes = themes
        self._at_end = True
        self.accessibility = Accessibility(self)
        self.navigation = Navigation(self.column, self.accessibility.focused)
        self._coloring = Coloring(self.column, self)
        self._coloring.changed.connect(self._changed)
        self.destroyed.connect(self._coloring.close)
        self._typesetting = Typesetting(self, self._formulas)
        self._typesetting.changed.connect(self._changed)
        self.destroyed.connect(self._typesetting.close)
        background = Background("transcript files", self)
        self.destroyed.connect(background.close)
        self.pictures = Pictures(background, self)
        self.pictures.arrived.connect(self.viewport().update)
        self.images = ImageActions(themes, background, exports, self)
        self.images.copied.connect(self.copy_done)
        self.images.failed.connect(self.failed)
        self.images.edit_wanted.connect(self.image_wanted)
        self._pointer = Pointer(self)
        self.editing = Editing(self, themes)
        self.controls = Controls(themes, self.viewport())
        self.action_bar = ActionBar(themes, self.viewport())
        self.doing = Doing(self)
        self.controls.pressed.connect(self.doing.pressed)
        self.action_bar.chosen.connect(self.doing.from_bar)
        self._bars = CodeBars(themes, self.viewport())
        self._bars.moved.connect(self.settle)
        self._wheel = Wheel(self)
        self._near: int | None = None
        self._caret = Caret(self)
        self.finding = Find(self, themes)
        self._jump = JumpButton(themes, self)
        self._jump.clicked.connect(self.scroll_to_end)
        # Several changes of one frame are laid out once, when the loop comes round.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self._sync)
        # How long it has been thinking stands on a button; nothing else moves.
        self._thinking = Thinking(self.column, self._place_controls, self)
        themes.changed.connect(self.set_theme)

    # -- content

    def set_messages(self, messages: Sequence[TranscriptMessage]) -> None:
        """Show another conversation, from its end."""
        self.column.set_messages(messages)
        self.selection = None
        self.navigation.reset()
        self.accessibility.reset()
        self.controls.clear()
        self.action_bar.dismiss()
        self.editing.messages_changed()
        self.finding.reset()
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
        self.finding.changed(len(self.column.views) - 1)
        self._changed()

    def prepend_messages(self, messages: Sequence[TranscriptMessage]) -> None:
        """What comes before the first message, read later than it. What is in view does not move."""
        count = len(messages)
        self.column.prepend(messages)
        if self.selection is not None:
            self.selection = self.selection.moved(count)
        self.navigation.move_down(count)
        self._pointer.move_down(count)
        self.finding.prepended(count)
        self.accessibility.reset()
        self._changed()

    def replace_from(self, index: int, messages: Sequence[TranscriptMessage]) -> None:
        """Other messages from an index on, as on another branch. What stands before them stays in view."""
        self.column.replace_from(index, messages)
        self.finding.replaced_from(index)
        self.selection = None
        self.navigation.reset()
        self.accessibility.reset()
        self.action_bar.dismiss()
        self.editing.messages_changed()
        self._changed()

    def append_text(self, message_id: str, text: str) -> None:
        """More of an answer.

        Raises:
            KeyError: there is no such message.
        """
        index = self._index(message_id)
        # Solid while text comes: a caret that blinks in the middle of it only flickers.
        self._caret.lit = True
        self.column.views[index].append_text(text)
        self.finding.changed(index)
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
        self.finding.changed(index)
        self.column.changed(index)
        self._changed()

    def set_theme(self, theme: Theme) -> None:
        """Wear another theme."""
        self.column.set_sheet(Sheet(theme, self.zoom, self._formulas))
        self._changed()

    @property
    def zoom(self) -> int:
        """How large the text is, percent."""
        return self.column.sheet.zoom

    def set_zoom(self, zoom: int) -> None:
        """Show the text smaller or larger, percent; what is being read stays where it is."""
        if zoom != self.zoom:
            self.column.keep_place(lambda: self._resize_text(zoom))
            self._changed()

    def _resize_text(self, zoom: int) -> None:
        self.column.set_sheet(Sheet(self._themes.theme, zoom, self._formulas))
        self._measure()

    def reveal_message(self, message_id: str, words: Sequence[str] = ()) -> None:
        """Bring a message into view, at the first of some words in it, and mark them.

        Raises:
            KeyError: there is no such message.
        """
        self.finding.reveal(self._index(message_id), words)

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

    def relayout(self) -> None:
        """Something in the column changed its height."""
        self._changed()

    def _measure(self) -> None:
        self.column.view_height = self.viewport().height()
        self.column.set_width(self._column_width())

    def _sync(self) -> None:
        # Never from a paint event: buttons appear here, and a scroll bar that does resizes the viewport.
        self._due.stop()
        column = self.column
        self.sync_bar()
        self._near = message_with_actions(self, self._pointer.message)
        self._place_controls()
        self._place_actions()
        self._thinking.look()
        self._coloring.request()
        self._typesetting.request()
        self._set_at_end(column.value >= column.most)
        self._caret.follow(still=self._themes.reduced_motion)
        if any(column.views[message].behind for message in column.visible_messages()):
            self._catch_up()

    def _catch_up(self) -> None:
        for message in self.column.visible_messages():
            self.column.views[message].catch_up()
            self.column.changed(message)
        self._changed()

    def _column_width(self) -> int:
        side = _CARD_SIDE if self._on_card else _SIDE
        return max(200, min(scaled(LAYOUT.column_max, self.zoom), self.width() - 2 * side))

    @property
    def column_left(self) -> int:
        """The column's left edge in the viewport."""
        # Centred on the whole widget: a scroll bar that comes or goes must not shift the text.
        return (self.width() - self.column.width) // 2

    def _set_at_end(self, at_end: bool) -> None:
        self._jump.setVisible(not at_end and bool(self.column.views))
        if at_end != self._at_end:
            self._at_end = at_end
            self.at_end_changed.emit(at_end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.finding.place()
        self._jump.place()
        self.settle()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QRectF(event.rect())
        theme = self._themes.theme
        painter.fillRect(clip, QColor(theme.surface_raised if self._on_card else theme.surface))
        paint_column(painter, self, clip)
        caret = self._caret.place()
        if self._caret.lit and not caret.isNull():
            paint_caret(painter, caret, self._themes.theme)
        if self.hasFocus() and self.navigation.ring:
            paint_focus(painter, self.column, self.column_left, self.navigation, self._themes.theme)

    # -- buttons

    def _place_controls(self) -> None:
        changed = self.controls.place(placed_buttons(self.column, self.column_left, self._near))
        self.editing.place()
        if self._bars.place(self.column, self.column_left) or changed:
            self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes from the transcript through the buttons in view, as they stand, to what follows."""
        placed = [*self.controls.in_order(), *self._bars.in_order(), *self.editing.widgets]
        order_tabs(self, placed, (*self.action_bar.buttons(), self._jump))

    def _place_actions(self) -> None:
        """Under the message the pointer is on, else under the one the keyboard is on."""
        before = self.bar_room
        index = message_with_actions(self, self._pointer.message)
        if index != self._near:
            self._later()
        if place_actions(self.action_bar, self.column, self.column_left, index):
            self._order_tabs()
        if self.bar_room != before:
            self.viewport().update()

    @property
    def bar_room(self) -> tuple[str, int]:
        """The message that the bar stands under, and how wide it is there."""
        return self.action_bar.message, 0 if self.action_bar.isHidden() else self.action_bar.width()

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._wheel.turn(event):
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
            self._place_actions()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._pointer.show_tip(event)
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
