"""All messages in one column, and which part of it the view shows. No widget in here.

The truth about the view is its anchor: a piece, and how far below that piece's top the view begins.
Heights above it may be estimates and become exact: the sums change, what the reader sees does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet

TOP: Final = 16
BOTTOM: Final = 8
_MESSAGES_KEPT: Final = 64
_PIECES_KEPT: Final = 400


@dataclass(frozen=True, slots=True)
class Anchor:
    """The view begins `offset` pixels below the top of this piece (above it where negative)."""

    message: int = 0
    piece: int = 0
    offset: int = -TOP


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece in view: where it is, and its top in the view's pixels."""

    message: int
    piece: int
    top: int


class Column:
    """Messages, their heights, and the part in view.

    `following` says that the view keeps to the end; `settle` makes what is in view exact.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.views: list[MessageView] = []
        self.width = 720
        self.view_height = 0
        self.following = True
        self.anchor = Anchor()
        self.shown: list[Shown] = []
        self._kept: tuple[Anchor, tuple[int, float]] | None = None
        self._heights = HeightIndex()
        # Place of each message, counted from the one that stood first at the beginning.
        self._places: dict[str, int] = {}
        self._base = 0
        self._laid_out: dict[Piece, None] = {}
        self._recent: dict[MessageView, None] = {}

    # -- messages

    def set_messages(self, messages: Sequence[TranscriptMessage]) -> None:
        """Show other messages, from their end."""
        self.views = [MessageView(message, self.sheet) for message in messages]
        self._heights = HeightIndex(view.height for view in self.views)
        self._places = {view.id: index for index, view in enumerate(self.views)}
        self._base = 0
        self._laid_out.clear()
        self._recent.clear()
        self.shown = []
        self._kept = None
        self.anchor = Anchor()
        self.following = True

    def append(self, message: TranscriptMessage) -> None:
        """One more message at the end.

        Raises:
            ValueError: its id is taken.
        """
        if message.id in self._places:
            raise ValueError(f"message {message.id!r} is in the transcript already")
        view = MessageView(message, self.sheet)
        self._places[view.id] = self._base + len(self.views)
        self.views.append(view)
        self._heights.append(view.height)

    def prepend(self, messages: Sequence[TranscriptMessage]) -> None:
        """What comes before the first message. What is in view stays where it is."""
        views = [MessageView(message, self.sheet) for message in messages]
        count = len(views)
        self._base -= count
        for place, view in enumerate(views, self._base):
            self._places[view.id] = place
        self.views[0:0] = views
        self._heights.prepend([view.height for view in views])
        self._kept = None
        if len(self.views) > count:
            self.anchor = replace(self.anchor, message=self.anchor.message + count)
        self.shown = [replace(shown, message=shown.message + count) for shown in self.shown]

    def replace_from(self, index: int, messages: Sequence[TranscriptMessage]) -> None:
        """Other messages from an index on; what stands before them stays where it is."""
        for view in self.views[index:]:
            del self._places[view.id]
            self._recent.pop(view, None)
            for piece in view.pieces:
                self._laid_out.pop(piece, None)
        del self.views[index:]
        self._heights.truncate(index)
        for message in messages:
            self.append(message)
        self.shown = []
        if self.anchor.message >= index:
            # The view began within what is gone: it begins where the other messages do.
            self.anchor = Anchor(min(index, max(0, len(self.views) - 1)))

    def index_of(self, message_id: str) -> int | None:
        """Where a message is."""
        place = self._places.get(message_id)
        return None if place is None else place - self._base

    def changed(self, message: int) -> None:
        """Take over a message's height after it changed."""
        view = self.views[message]
        self._heights.set(message, view.height)
        if message == self.anchor.message and view.pieces and self.anchor.piece >= len(view.pieces):
            self.anchor = replace(self.anchor, piece=len(view.pieces) - 1, offset=0)

    def set_width(self, width: int) -> None:
        """Another column width: every height is an estimate again, the anchor stays."""
        if width == self.width:
            return
        self.width = width
        for view in self._recent:
            for piece in view.pieces:
                piece.exact = False

    def set_sheet(self, sheet: Sheet) -> None:
        """Another theme, or another size of text."""
        resized = sheet.zoom != self.sheet.zoom
        self.sheet = sheet
        anchor = self.anchor
        for view in self.views:
            view.restyle(sheet)
        self._laid_out.clear()
        if resized:
            self._heights = HeightIndex(view.height for view in self.views)
        for view in self._recent:
            self._heights.set(self._places[view.id] - self._base, view.height)
        self.anchor = anchor

    @property
    def count(self) -> int:
        """How many messages there are."""
        return len(self.views)

    # -- where the view is

    @property
    def total(self) -> int:
        """Height of everything, with the room above and below."""
        return TOP + self._heights.total + BOTTOM

    @property
    def value(self) -> int:
        """The view's top, from the top of everything."""
        if not self.views:
            return 0
        view = self.views[self.anchor.message]
        within = view.heights.top(self.anchor.piece) if view.pieces else 0
        return TOP + self._heights.top(self.anchor.message) + within + self.anchor.offset

    @property
    def most(self) -> int:
        """The largest value."""
        return max(0, self.total - self.view_height)

    def scroll_by(self, delta: int) -> None:
        """Move the view by pixels. What comes into view is laid out on the way, so nothing jumps."""
        if not self.views or not delta:
            return
        self.following = False
        self.anchor = replace(self.anchor, offset=self.anchor.offset + delta)
        self._normalise()
        if delta > 0 and self.value >= self.most:
            self.following = True

    def scroll_to(self, value: int) -> None:
        """Go to a place far away, by the heights known or guessed."""
        if not self.views:
            return
        self.following = value >= self.most
        if self.following:
            return
        message, within = self._heights.find(value - TOP)
        guess = self._heights[message]
        view = self._need(message)
        if view.height != guess:
            within = within * view.height // max(1, guess)
            self._heights.set(message, view.height)
        piece, offset = view.heights.find(within)
        self.anchor = Anchor(message, piece, offset if value >= TOP else value - TOP)

    def scroll_to_end(self) -> None:
        """Go to the end, and keep to it."""
        self.following = True

    def reveal(self, message: int) -> None:
        """Bring a message into view, moving as little as possible."""
        self.settle()
        view = self._need(message)
        for piece in range(len(view.pieces)):
            self._exact(message, piece)
            if view.heights.top(piece) > self.view_height:
                break
        top = TOP + self._heights.top(message)
        bottom = top + view.height
        if top < self.value or view.height > self.view_height - TOP:
            inside = self.value >= top and self.value + self.view_height <= bottom
            if not inside:
                self.following = False
                self.anchor = Anchor(message, 0, -TOP)
        elif bottom > self.value + self.view_height:
            self.scroll_by(bottom - self.value - self.view_height)

    def reveal_piece(self, message: int, piece: int) -> None:
        """Bring one piece of a message into view."""
        view = self._need(message)
        self._exact(message, piece)
        top = TOP + self._heights.top(message) + view.heights.top(piece)
        if top < self.value:
            self.following = False
            self.anchor = Anchor(message, piece, -TOP)
        elif top + view.heights[piece] > self.value + self.view_height:
            self.scroll_by(top + view.heights[piece] - self.value - self.view_height)

    def materialised(self, message: int) -> MessageView:
        """A message with the pieces of all its text."""
        view = self._need(message)
        while view.behind:
            view.catch_up()
        self.changed(message)
        return view

    def laid_out(self, message: int, piece: int) -> Piece:
        """A piece with its lines."""
        self._need(message)
        self._exact(message, piece)
        return self.piece(message, piece)

    def reveal_span(self, message: int, piece: int, span: tuple[int, int], clearance: int) -> None:
        """Bring part of a piece into view, a third down where it was not.

        Args:
            message: its message.
            piece: the piece, whose message must hold it.
            span: top and bottom of the part, from the piece's top.
            clearance: pixels at the view's top that something else covers.
        """
        view = self._need(message)
        self._exact(message, piece)
        top = TOP + self._heights.top(message) + view.heights.top(piece) + span[0]
        bottom = top + span[1] - span[0]
        if top < self.value + clearance or bottom > self.value + self.view_height:
            self.following = False
            room = max(clearance, self.view_height // 3)
            self.anchor = Anchor(message, piece, span[0] - room)
            self._normalise()

    def keep_place(self, change: Callable[[], None]) -> None:
        """Make a change that lays everything out anew; the words at the view's top stay there."""
        if self.following or not self.views or not self.views[self.anchor.message].pieces:
            change()
            return
        anchor = self.anchor
        # From size to size the same words: a line's first word would move up a little each time.
        kept = self._kept
        place = kept[1] if kept is not None and kept[0] == anchor else self._words_at(anchor)
        change()
        self._need(anchor.message)
        self._exact(anchor.message, anchor.piece)
        if place is not None:
            unit, within = place
            boxes = self.piece(anchor.message, anchor.piece).rectangles(unit, unit + 1)
            if boxes:
                offset = boxes[0].top() + within * boxes[0].height()
                self.anchor = replace(anchor, offset=round(offset))
                self._kept = self.anchor, place

    def _words_at(self, anchor: Anchor) -> tuple[int, float] | None:
        """The unit at the view's top and how far down in its line that is; None in a margin."""
        piece = self.piece(anchor.message, anchor.piece)
        if not piece.exact or not piece.text or anchor.offset <= piece.margin:
            return None
        unit = min(piece.position_at(0, anchor.offset), piece.position_at(self.width, anchor.offset))
        boxes = piece.rectangles(unit, unit + 1)
        if not boxes or not boxes[0].height():
            return None
        return unit, (anchor.offset - boxes[0].top()) / boxes[0].height()

    def settle(self) -> None:
        """Lay out what is in view and find where each piece of it stands."""
        self.shown = []
        if not self.views or self.view_height <= 0:
            return
        if self.following:
            self._anchor_at_end()
        self._fill()
        if not self.following and self.value > self.most:
            self._anchor_at_end()
            self._fill()
        self._forget()

    def _anchor_at_end(self) -> None:
        """Put the view's bottom at the end of everything, laying out upwards."""
        message = len(self.views) - 1
        piece = len(self._need(message).pieces) - 1
        room = self.view_height - BOTTOM
        while True:
            room -= self._exact(message, piece)
            if room <= 0:
                self.anchor = Anchor(message, piece, -room)
                return
            above = self._above(message, piece)
            if above is None:
                # Everything fits, perhaps but for some of the room above it.
                self.anchor = Anchor(offset=-min(room, TOP))
                return
            message, piece = above

    def _normalise(self) -> None:
        """Let the anchor be the piece at the view's top."""
        message, piece, offset = self.anchor.message, self.anchor.piece, self.anchor.offset
        self._need(message)
        while offset < 0:
            above = self._above(message, piece)
            if above is None:
                offset = max(offset, -TOP)
                break
            message, piece = above
            offset += self._exact(message, piece)
        while offset >= (height := self._exact(message, piece)):
            below = self._below(message, piece)
            if below is None:
                break
            offset -= height
            message, piece = below
        self.anchor = Anchor(message, piece, offset)

    def _fill(self) -> None:
        """Lay out from the anchor down to the view's bottom."""
        self._normalise()
        message, piece = self.anchor.message, self.anchor.piece
        y = -self.anchor.offset
        shown: list[Shown] = []
        while y < self.view_height:
            height = self._exact(message, piece)
            shown.append(Shown(message, piece, y))
            y += height
            below = self._below(message, piece)
            if below is None:
                break
            message, piece = below
        self.shown = shown

    def _above(self, message: int, piece: int) -> tuple[int, int] | None:
        if piece > 0:
            return message, piece - 1
        if message == 0:
            return None
        return message - 1, len(self._need(message - 1).pieces) - 1

    def _below(self, message: int, piece: int) -> tuple[int, int] | None:
        if piece + 1 < len(self.views[message].pieces):
            return message, piece + 1
        if message + 1 == len(self.views):
            return None
        self._need(message + 1)
        return message + 1, 0

    def _need(self, message: int) -> MessageView:
        view = self.views[message]
        if view.materialise():
            self._heights.set(message, view.height)
        self._recent.pop(view, None)
        self._recent[view] = None
        return view

    def _exact(self, message: int, index: int) -> int:
        """Lay a piece out if need be; its height."""
        view = self.views[message]
        piece = view.pieces[index]
        if not piece.exact:
            piece.lay_out(self.width)
            grown = view.measured(index)
            if grown:
                self._heights.set(message, view.height)
        self._laid_out.pop(piece, None)
        self._laid_out[piece] = None
        return piece.height

    def lay_out_again(self, message: int, index: int) -> None:
        """Lay out a piece that reads otherwise now. What is in view below the view's first piece stays."""
        before = self.views[message].heights[index]
        grown = self._exact(message, index) - before
        anchor = self.anchor
        if (anchor.message, anchor.piece) == (message, index) and anchor.offset > 0:
            self.anchor = replace(anchor, offset=max(0, anchor.offset + grown))

    def _forget(self) -> None:
        """Keep no more laid-out lines and pieces than a few screens of them."""
        while len(self._laid_out) > _PIECES_KEPT:
            piece = next(iter(self._laid_out))
            del self._laid_out[piece]
            piece.release()
        spare = len(self._recent) - _MESSAGES_KEPT
        for view in list(self._recent)[: max(0, spare)]:
            if not view.streaming:
                del self._recent[view]
                view.dematerialise()

    # -- looking things up

    def piece(self, message: int, piece: int) -> Piece:
        """A piece of a materialised message."""
        return self.views[message].pieces[piece]

    def at(self, y: int) -> Shown | None:
        """What is shown at a height of the view; the nearest piece when outside."""
        found = None
        for shown in self.shown:
            if found is not None and shown.top > y:
                break
            found = shown
        return found

    def message_span(self, message: int) -> tuple[int, int] | None:
        """Top and bottom of a message in the view's pixels, if any of it is in view."""
        parts = [shown for shown in self.shown if shown.message == message]
        if not parts:
            return None
        view = self.views[message]
        top = parts[0].top - view.heights.top(parts[0].piece)
        return top, top + view.height

    def visible_messages(self) -> Iterator[int]:
        """Each message that is in view."""
        before = -1
        for shown in self.shown:
            if shown.message != before:
                before = shown.message
                yield before
