"""Where the keyboard is: a message, and a link in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiproxy_desktop.ui.chat.transcript.column import Column

_STEP = 72


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A link of a message."""

    piece: int
    start: int
    end: int
    href: str


class Navigation:
    """Moves from message to message; `ring` says that the keyboard was used and focus shows."""

    def __init__(self, column: Column, moved: Callable[[int | None], None]) -> None:
        self._column = column
        self._moved = moved
        self.current: int | None = None
        self.link: LinkPlace | None = None
        self.ring = False

    def reset(self) -> None:
        """Be nowhere."""
        self.current, self.link, self.ring = None, None, False

    def move_down(self, messages: int) -> None:
        """So many messages came before those here."""
        if self.current is not None:
            self.current += messages

    def enter(self) -> None:
        """The keyboard came: to the message it was on if that is in view, else to the last in view."""
        self.ring = True
        visible = list(self._column.visible_messages())
        if visible and self.current not in visible:
            self.current, self.link = visible[-1], None
            self._moved(self.current)

    def go_to(self, index: int) -> None:
        """Be on a message."""
        self.ring = True
        if index != self.current:
            self.current, self.link = index, None
            self._moved(index)

    def step(self, direction: int) -> None:
        """To the next message (1) or the one before (-1); first through a message taller than the view."""
        column = self._column
        if not column.views:
            return
        if not self.ring or self.current is None:
            self.enter()
            return
        span = column.message_span(self.current)
        if span is not None and direction > 0 and span[1] > column.view_height + _STEP:
            column.scroll_by(min(_STEP, span[1] - column.view_height))
            return
        if span is not None and direction < 0 and span[0] < -_STEP:
            column.scroll_by(max(-_STEP, span[0]))
            return
        target = max(0, min(len(column.views) - 1, self.current + direction))
        if target != self.current:
            self.current, self.link = target, None
            self._moved(target)
        column.reveal(target)

    def step_link(self, direction: int) -> None:
        """To the next link of the message, or the one before."""
        if self.current is None:
            self.enter()
        if self.current is None:
            return
        view = self._column.views[self.current]
        view.materialise()
        links = [
            LinkPlace(index, link.start, link.end, link.href)
            for index, piece in enumerate(view.pieces)
            for link in piece.links()
        ]
        if not links:
            return
        at = links.index(self.link) + direction if self.link in links else (0 if direction > 0 else -1)
        self.ring = True
        self.link = links[at % len(links)]
        self._column.reveal_piece(self.current, self.link.piece)
