"""Which turn of the person's a piece of transcript belongs to.

Services transcribe on their own, turn by turn, at their own pace: before, during or after the answer, and not
all say when a turn's transcript is whole. Turns are transcribed in order, so a piece belongs to the oldest
turn that may still want words. Where a service marks the ends of transcripts, that order is all there is to
it; where it does not, a later turn's answer tells that nothing more comes of the turns before.
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
    again: bool = False  # it was sent again: its next words are its first ones


class SaidTurns:
    """The spoken turns whose transcript may still grow, oldest first."""

    def __init__(self) -> None:
        self._turns: deque[_Said] = deque()
        self._live: dict[str, None] = {}
        self._unanswered: dict[str, None] = {}
        self._marks = False  # whether the service says when a transcript is whole

    def begin(self, turn_id: str) -> None:
        """A turn began."""
        self._turns.append(_Said(turn_id))
        self._live[turn_id] = self._unanswered[turn_id] = None

    def release(self, turn_id: str) -> None:
        """It was said."""
        self._live.pop(turn_id, None)

    def forget(self, turn_id: str) -> None:
        """It was none."""
        self._live.pop(turn_id, None)
        self._unanswered.pop(turn_id, None)
        self.finish(turn_id)

    def has_words(self, turn_id: str) -> bool:
        """Some of its words came; whether they are its first ones anew."""
        for turn in self._turns:
            if turn.id == turn_id:
                again, turn.again, turn.words = turn.again, False, True
                return again
        return False

    def sent_again(self) -> None:
        """Another connection: what was not answered may be sent, and written down, once more."""
        known = {turn.id: turn for turn in self._turns}
        answered = [turn for turn in self._turns if turn.id not in self._unanswered]
        reopened = [known.get(turn_id, _Said(turn_id)) for turn_id in self._unanswered]
        for turn in reopened:
            turn.again = True
        self._turns = deque((*answered, *reopened))

    def finish(self, turn_id: str) -> None:
        """Its transcript takes no more words."""
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
        self._unanswered = {turn_id: None for turn_id in self._unanswered if turn_id in self._live}

    def nothing_came(self) -> None:
        """The service ended a turn without an answer: a press too short, or silence, which has no words."""
        for turn in self._turns:
            if turn.id in self._unanswered and turn.id not in self._live:
                self._unanswered.pop(turn.id)
                if not turn.words:
                    self.finish(turn.id)
                return

    def turn_for(self, *, last: bool, stale: bool) -> str | None:
        """The turn that the next piece belongs to; None where it is of a turn that nobody saw begin.

        Args:
            last: whether the piece is marked as the last one of its turn.
            stale: whether a turn that was answered takes no more words, even where no other one follows.
        """
        self._marks = self._marks or last
        while self._turns:
            first = self._turns[0]
            followed = len(self._turns) > 1
            over = first.words and first.answered and (followed or stale)
            passed = followed and not first.words and first.overtaken and not self._marks
            if not over and not passed:
                return first.id
            self._turns.popleft()
        return None
