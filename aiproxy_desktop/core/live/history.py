"""What was said so far, as text: what another connection is told where no handle is good."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from aiproxy_desktop.core.live.inputs import PersonTurn
from aiproxy_desktop.core.live.values import SpokenTurn

# What stands for a turn of which only the sound was known.
UNWRITTEN = "(I said something that was not written down.)"

_MOST_EXCHANGES = 1000

# To so many of the newest a transcript may still come.
_MAY_GROW = 2


@dataclass(slots=True)
class Exchange:
    """What the person said, and the answer. A transcript may still come to a turn after its answer."""

    turns: tuple[PersonTurn, ...]
    said: str

    def spoken(self) -> list[SpokenTurn]:
        """As turns of text."""
        found = [SpokenTurn("user", turn.words or UNWRITTEN) for turn in self.turns]
        if self.said.strip():
            found.append(SpokenTurn("model", self.said.strip()))
        return found


class Conversation:
    """The exchanges that are over, oldest first; of a very long conversation the newest.

    Args:
        most_chars: of what is told.
    """

    def __init__(self, most_chars: int) -> None:
        self._most_chars = most_chars
        self._exchanges: deque[Exchange] = deque(maxlen=_MOST_EXCHANGES)
        self.count = 0

    def add(self, turns: list[PersonTurn], said: str) -> None:
        """An exchange is over."""
        if turns or said.strip():
            self._exchanges.append(Exchange(tuple(turns), said))
            self.count += 1

    def add_words(self, text: str) -> None:
        """The transcript of an answer goes on after its end."""
        if self._exchanges:
            self._exchanges[-1].said += text

    def told(self) -> tuple[SpokenTurn, ...]:
        """The newest of it, as far as it is kept and not too long."""
        turns = [turn for exchange in self._exchanges for turn in exchange.spoken()]
        room, first = self._most_chars, len(turns)
        while first > 0 and len(turns[first - 1].text) <= room:
            first -= 1
            room -= len(turns[first].text)
        if first == 0:
            return tuple(turns)
        # An answer whose question is left out would stand there as the beginning.
        first = next((at for at in range(first, len(turns)) if turns[at].role == "user"), len(turns))
        return tuple(turns[first:]) or (_tail(turns[-1], self._most_chars),)

    def write_no_more(self) -> None:
        """Transcripts come from the connection that heard the turn, and it is gone."""
        for exchange in list(self._exchanges)[-_MAY_GROW:]:
            for turn in exchange.turns:
                turn.transcribed = True

    def unwritten(self, but: Collection[PersonTurn] = ()) -> PersonTurn | None:
        """The oldest turn that was spoken and whose transcript may still come."""
        for exchange in list(self._exchanges)[-_MAY_GROW:]:
            for turn in exchange.turns:
                if turn.kind != "text" and not turn.transcribed and turn not in but:
                    return turn
        return None


def _tail(turn: SpokenTurn, chars: int) -> SpokenTurn:
    return SpokenTurn(turn.role, turn.text[-chars:])
