"""Find in conversation: the bar, the hits in view, and the way from one to the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.find.finder import Finder, Found, Hit
from aiproxy_desktop.ui.chat.transcript.find.searching import folded, spans_in
from aiproxy_desktop.ui.chat.transcript.pieces.base import Mark, Piece
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import PAD_X, CodePiece
from aiproxy_desktop.ui.markdown.blocks import Block
from aiproxy_desktop.ui.markdown.copying import block_text
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.focus import focused_widget, has_focus_inside

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.find.find_bar import FindBar
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_SLICE: Final = 0.004
_MARKED: Final = 1000  # pieces whose marks are kept
_CLEARANCE: Final = 8
_PREFILL: Final = 60


class Find(QObject):
    """One search in one transcript. Without a bar it still shows the words that `reveal` was given."""

    def __init__(self, area: Transcript, themes: ThemeController) -> None:
        super().__init__(area)
        self._area = area
        self._themes = themes
        self._finder = Finder(area.column)
        self._hit: Hit | None = None
        self._origin = 0
        # Typing leads to the first hit; other messages that come only change the count.
        self._leads = False
        self._bar: FindBar | None = None
        self._came_from: QWidget | None = None
        self._marks: dict[Piece, tuple[Block, str, tuple[Mark, ...]]] = {}
        self._current: Found | None = None
        self._moved = False  # the hit one is at may stand elsewhere in its message
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    @property
    def active(self) -> bool:
        """Whether some words are marked."""
        return bool(self._finder.terms)

    @property
    def is_open(self) -> bool:
        """Whether the bar is there."""
        return self._bar is not None and not self._bar.isHidden()

    # -- what a person does

    def open(self) -> None:
        """Show the bar, or go back into it."""
        bar = self._bar_now()
        if not self.is_open:
            self._came_from = focused_widget()
            self._origin = self._area.column.anchor.message
            chosen = self._area.selected_text(plain=True)
            if chosen and len(chosen) <= _PREFILL and "\n" not in chosen:
                bar.field.setText(chosen)
            bar.show()
            self.place()
            self._give_room(bar.room)
            self._search((bar.field.text(),))
        bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        bar.field.selectAll()

    def close(self) -> None:
        """Take the bar and the marks away; the focus goes back to where it was."""
        self.forget()
        bar = self._bar
        if bar is None or bar.isHidden():
            return
        inside = has_focus_inside(bar)
        bar.hide()
        self._give_room(0)
        if inside:
            back = self._came_from
            there = back is not None and shiboken6.isValid(back) and back.isVisible()
            (back if there and back is not None else self._area).setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Mark nothing any more."""
        if self.active:
            self._search(())

    def step(self, direction: int) -> None:
        """To the next hit (1), or the one before (-1); opens the bar where there is none."""
        if not self.is_open:
            self.open()
        elif self._hit is None:
            self._go(self._finder.first_from(self._origin))
        else:
            finder = self._finder
            self._go(finder.after(self._hit) if direction > 0 else finder.before(self._hit))

    def reveal(self, message: int, words: Sequence[str]) -> None:
        """Go to a message and mark words in it; to the first of them, where there is one."""
        if self.is_open:
            self.close()
        self._search(words)
        hits = self._finder.found(message) if self.active else []
        if hits:
            self._show(message, hits[0])
        else:
            self._area.column.reveal_span(message, 0, (0, 1), _CLEARANCE)
            self._area.settle()

    # -- what changes meanwhile

    def changed(self, message: int) -> None:
        """A message has another text."""
        if self.active:
            self._finder.changed(message)
            self._moved = self._moved or (self._hit is not None and self._hit.message == message)
            self._timer.start()

    def reset(self) -> None:
        """There are other messages."""
        self._hit = self._current = None
        self._marks.clear()
        self._origin = 0
        self._leads = False
        if self.is_open:
            self._finder.reset()
            self._timer.start()
        else:
            self._finder.search(())

    def prepended(self, count: int) -> None:
        """So many messages came before those there were."""
        self._origin += count
        if self._hit is not None:
            self._hit = Hit(self._hit.message + count, self._hit.number)
        if self.active:
            self._finder.prepended(count)
            self._timer.start()

    def replaced_from(self, index: int) -> None:
        """There are other messages from an index on."""
        self._marks.clear()
        self._leads = False
        self._origin = min(self._origin, index)
        if self._hit is not None and self._hit.message >= index:
            self._hit = self._current = None
        if self.active:
            self._finder.replaced_from(index)
            self._timer.start()

    def place(self) -> None:
        """Put the bar at the upper end of the view."""
        if self._bar is not None:
            self._bar.stand_in(self._area.rect())

    # -- marks

    def marks(self, message: int, piece: int) -> tuple[Mark, ...]:
        """What is marked in a piece in view."""
        view = self._area.column.views[message]
        if piece not in view.text_range:
            return ()
        shown = view.pieces[piece]
        assert shown.block is not None
        known = self._marks.get(shown)
        # The same block is another text once its formulas are drawn and its references lead somewhere.
        text = shown.text
        if known is None or known[0] is not shown.block or known[1] != text:
            known = shown.block, text, self._find_marks(shown, message, piece)
            if len(self._marks) >= _MARKED:
                self._marks.clear()
            self._marks[shown] = known
        return known[2]

    def _find_marks(self, shown: Piece, message: int, piece: int) -> tuple[Mark, ...]:
        assert shown.block is not None
        current = self._current if self._hit is not None and self._hit.message == message else None
        return tuple(
            Mark(*_units(shown, start, end), current=current == Found(piece, start, end))
            for start, end in spans_in(block_text(shown.block), self._finder.terms)
        )

    # -- searching

    def _typed(self, text: str) -> None:
        self._search((text,))

    def _search(self, words: Sequence[str]) -> None:
        self._hit = self._current = None
        self._marks.clear()
        self._leads = True
        self._finder.search([folded(word) for word in words])
        if self.is_open:
            self._step()
            if not self._finder.complete:
                self._timer.start()
        self._area.viewport().update()

    def _step(self) -> None:
        """One slice, after which the first hit may be known."""
        finder = self._finder
        finder.step(_SLICE)
        if finder.complete:
            self._timer.stop()
        if self._moved:
            self._find_again()
        leads = self._leads and self._hit is None and self.is_open
        if leads and (finder.complete or finder.reached(self._origin)):
            self._go(finder.first_from(self._origin))
        self._tell()

    def _find_again(self) -> None:
        """The message of the hit has another text: mark the hit where it is now, or let go of it."""
        self._moved = False
        if self._hit is None:
            return
        hits = self._finder.found(self._hit.message)
        found = hits[self._hit.number] if self._hit.number < len(hits) else None
        if found is None:
            self._hit = None
        if found != self._current:
            self._current = found
            self._marks.clear()
            self._area.viewport().update()

    def _go(self, hit: Hit | None) -> None:
        self._hit = hit
        self._current = None
        self._marks.clear()
        if hit is not None:
            self._current = self._finder.found(hit.message)[hit.number]
            self._origin = hit.message
            self._show(hit.message, self._current)
        self._area.viewport().update()
        self._tell()

    def _show(self, message: int, found: Found) -> None:
        column = self._area.column
        piece = column.laid_out(message, found.piece)
        boxes = piece.rectangles(*_units(piece, found.start, found.end))
        if not boxes:
            return
        if isinstance(piece, CodePiece):
            _scroll_sideways(piece, boxes[0].left(), boxes[0].right())
        span = int(boxes[0].top()), int(boxes[-1].bottom()) + 1
        column.reveal_span(message, found.piece, span, _CLEARANCE)
        self._area.settle()

    def _give_room(self, room: int) -> None:
        """Begin the view below the bar; what is read stays where it is on the screen."""
        area = self._area
        change = room - area.viewportMargins().top()
        area.setViewportMargins(0, room, 0, 0)
        if not area.column.following:
            area.column.scroll_by(change)
        area.settle()

    def _tell(self) -> None:
        if self._bar is not None:
            place = 0 if self._hit is None else self._finder.place(self._hit)
            self._bar.tell(place, self._finder.total, searching=not self._finder.complete)

    def _bar_now(self) -> FindBar:
        if self._bar is None:
            from aiproxy_desktop.ui.chat.transcript.find.find_bar import FindBar

            self._bar = FindBar(self._themes, self._area)
            self._bar.come_before(self._area)
            self._bar.typed.connect(self._typed)
            self._bar.stepped.connect(self.step)
            self._bar.closed.connect(self.close)
        return self._bar


def _units(piece: Piece, start: int, end: int) -> tuple[int, int]:
    """Read characters of a piece in the units of its text."""
    units = range(len(piece.text) + 1)
    first = bisect_right(units, start, key=piece.to_read) - 1
    return first, bisect_left(units, end, key=piece.to_read)


def _scroll_sideways(piece: CodePiece, left: float, right: float) -> None:
    """Bring part of a long line of code into view."""
    shape = piece.shape
    begin = piece.left + PAD_X
    if left < begin or right > begin + shape.inner:
        shape.scroll_to(int(shape.offset + left - begin - shape.inner / 3))
