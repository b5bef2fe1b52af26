"""Which turn of the person's a piece of transcript belongs to.

Services transcribe on their own, turn by turn, at their own pace: before, during or after the answer, and not
all say when a turn's transcript is whole. Turns are transcribed in order, so a piece belongs to the oldest
turn that may still want words.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class _Said:
    id: str
    words: bool = False
    answered: bool = False  # the answer to it is whole
    overtaken: bool = False  # the answer to a later turn has begun


class SaidTurns:
    """The spoken turns whose transcript may still grow, oldest first."""

    def __init__(self) -> None:
        self._turns: deque[_Said] = deque()
        self._live: dict[str, None] = {}

    def begin(self, turn_id: str) -> None:
        """A turn began."""
        self._turns.append(_Said(turn_id))
        self._live[turn_id] = None

    def release(self, turn_id: str) -> None:
        """It was said."""
        self._live.pop(turn_id, None)

    def forget(self, turn_id: str) -> None:
        """It was none."""
        self._live.pop(turn_id, None)
        self.finish(turn_id)

    def has_words(self, turn_id: str) -> None:
        """Some of its words came."""
        for turn in self._turns:
            if turn.id == turn_id:
                turn.words = True
                return

    def finish(self, turn_id: str) -> None:
        """Its transcript is whole."""
        self._turns = deque(turn for turn in self._turns if turn.id != turn_id)

    def answered_by_new(self) -> tuple[str, ...]:
        """An answer begins: turns that nobody saw end have ended; their ids."""
        ended = tuple(self._live)
        self._live.clear()
        for turn in list(self._turns)[:-1]:
            turn.overtaken = True
        return ended

    def answer_done(self) -> None:
        """An answer is whole, or was cut off by the service."""
        for turn in self._turns:
            if turn.id not in self._live:
                turn.answered = True

    def turn_for(self, *, stale: bool) -> str | None:
        """The turn that the next piece belongs to; None where it is of a turn that nobody saw begin.

        Args:
            stale: whether a turn that was answered takes no more words, even where no other one follows.
        """
        while self._turns:
            first = self._turns[0]
            followed = len(self._turns) > 1
            over = first.words and first.answered and (followed or stale)
            if not over and not (followed and not first.words and first.overtaken):
                return first.id
            self._turns.popleft()
        return None
