"""What the person has said and written and is not yet answered, kept so that it can be sent again."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.values import TalkMode

PieceKind: TypeAlias = Literal["begin", "audio", "end", "text", "end_audio"]
TurnKind: TypeAlias = Literal["talk", "text", "stream"]

# Sound is handed over in pieces of at most this long, so that nothing else waits behind a whole file.
PIECE_SECONDS = 0.2

# Hands-free: a sample beyond this is taken for speech (-36 dB of full scale); the services hear far better,
# this only says what is worth keeping. So much is kept from before it, and after so much silence it is over.
_LOUD, _BEFORE_SECONDS, _SILENCE_SECONDS = 500, 0.6, 8.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to send: sound (`pcm`), words (`text`), or a mark."""

    kind: PieceKind
    pcm: bytes = b""
    text: str = ""


@dataclass(slots=True, eq=False)
class PersonTurn:
    """One turn: spoken between two marks, written, or heard by the service itself (a stream).

    `sent` counts its pieces that the connection of now was given; `heard` is what the service understood.
    """

    kind: TurnKind
    pieces: list[Piece] = field(default_factory=list)
    sent: int = 0
    size: int = 0
    ended: bool = False
    sent_at: float | None = None
    heard: str = ""
    transcribed: bool = False
    spoken: bool = False
    silent_bytes: int = 0

    @property
    def words(self) -> str:
        """What was said, as text; empty where it is not known."""
        written = "".join(piece.text for piece in self.pieces if piece.kind == "text")
        return written or self.heard.strip()

    @property
    def whole(self) -> bool:
        """Whether all of it was sent, so that an answer may come."""
        if self.kind == "stream":
            return self.spoken
        return self.ended and self.sent >= len(self.pieces)

    def forget_sound(self) -> None:
        """It was answered: its words are enough."""
        self.pieces = [piece for piece in self.pieces if piece.kind == "text"]
        self.sent, self.size = len(self.pieces), 0


class InputLog:
    """The turns that are not answered, oldest first, and how far they were sent.

    Args:
        rate: samples a second of the sound.
    """

    def __init__(self, rate: int, policy: LivePolicy) -> None:
        self._rate = rate
        self._policy = policy
        self._before = int(_BEFORE_SECONDS * rate) * 2
        self.turns: deque[PersonTurn] = deque()

    @property
    def open_turn(self) -> PersonTurn | None:
        """The spoken turn that has begun and not ended."""
        return next((turn for turn in self.turns if turn.kind == "talk" and not turn.ended), None)

    @property
    def unsent_bytes(self) -> int:
        """Of sound."""
        return sum(len(piece.pcm) for turn in self.turns for piece in turn.pieces[turn.sent :])

    def begin(self) -> bool:
        """A spoken turn begins; False where one has begun already."""
        if self.open_turn is not None:
            return False
        self.turns.append(PersonTurn("talk", [Piece("begin")]))
        return True

    def audio(self, pcm: bytes, mode: TalkMode) -> bool:
        """More sound: of the open turn, or of the stream. False where no turn is open."""
        turn = self.open_turn if mode == "push_to_talk" else self._stream()
        if turn is None:
            return False
        step = int(self._rate * PIECE_SECONDS) * 2
        for start in range(0, len(pcm), step):
            piece = Piece("audio", pcm[start : start + step])
            turn.pieces.append(piece)
            turn.size += len(piece.pcm)
            if turn.kind == "stream":
                self._listen(turn, piece.pcm)
        seconds = self._policy.kept_seconds if turn.kind == "talk" else self._policy.stream_seconds
        self._trim(turn, int(seconds * self._rate) * 2, unsent=True)
        return True

    def end(self) -> bool:
        """The open turn is over; False where there is none. However short, it gets its end."""
        turn = self.open_turn
        if turn is None:
            return False
        turn.pieces.append(Piece("end"))
        turn.ended = True
        return True

    def change_mode(self) -> None:
        """Who marks the turns changes: what is open ends, what was only overheard is dropped."""
        self.end()
        for turn in [turn for turn in self.turns if turn.kind == "stream"]:
            if not turn.ended:
                self.turns.remove(turn)
                continue
            sound = [piece for piece in turn.pieces if piece.kind == "audio"]
            turn.kind, turn.pieces = "talk", [Piece("begin"), *sound, Piece("end")]
            turn.sent = len(turn.pieces)  # it is being answered; only another connection is given it again

    def end_audio(self) -> None:
        """Hands-free: nothing is heard for now."""
        self._stream().pieces.append(Piece("end_audio"))

    def text(self, text: str) -> None:
        """A whole turn in writing."""
        self.turns.append(PersonTurn("text", [Piece("text", text=text)], ended=True))

    def take(self, now: float) -> Piece | None:
        """The next thing to send, counted as sent; None where there is none.

        What comes after an open turn waits for its end: turns are sent in their order.
        """
        turn = self._next()
        if turn is None:
            return None
        piece = turn.pieces[turn.sent]
        turn.sent += 1
        if turn.whole and turn.sent_at is None:
            turn.sent_at = now
        return piece

    @property
    def waits(self) -> bool:
        """Whether there is anything that can be sent."""
        return self._next() is not None

    def rewind(self, but: list[PersonTurn]) -> None:
        """Another connection: everything is to be sent from its beginning, but for these turns."""
        for turn in self.turns:
            if turn not in but:
                if turn.kind == "stream" and not turn.spoken:
                    self._trim(turn, self._before, unsent=True)
                turn.sent, turn.sent_at = 0, None
                turn.heard, turn.transcribed = "", False  # it is written down anew as well

    def whole_turns(self) -> list[PersonTurn]:
        """Those that an answer which begins now may answer."""
        return [turn for turn in self.turns if turn.whole]

    def seal(self, turn: PersonTurn) -> None:
        """An answer to a stream begins: what is heard from now on belongs to another turn."""
        if turn.kind == "stream" and not turn.ended:
            turn.ended = True
            rest = turn.pieces[turn.sent :]
            del turn.pieces[turn.sent :]
            self.turns.append(PersonTurn("stream", rest, size=sum(len(piece.pcm) for piece in rest)))

    def answered(self, turns: list[PersonTurn]) -> None:
        """These need not be sent again."""
        for turn in turns:
            if turn in self.turns:
                self.turns.remove(turn)
            turn.forget_sound()

    def overdue(self, now: float) -> list[PersonTurn]:
        """Turns that were sent so long ago that no answer comes any more."""
        since = now - self._policy.unanswered_seconds
        sent = [turn for turn in self.turns if turn.kind != "stream" and turn.sent_at is not None]
        return [turn for turn in sent if turn.sent_at is not None and turn.sent_at < since]

    def _next(self) -> PersonTurn | None:
        for turn in self.turns:
            if turn.sent < len(turn.pieces):
                return turn
            if turn.kind == "talk" and not turn.ended:
                return None
        return None

    def _stream(self) -> PersonTurn:
        for turn in self.turns:
            if turn.kind == "stream" and not turn.ended:
                return turn
        turn = PersonTurn("stream")
        self.turns.append(turn)
        return turn

    def _listen(self, turn: PersonTurn, pcm: bytes) -> None:
        samples = array("h", pcm)
        if max(samples) > _LOUD or min(samples) < -_LOUD:
            turn.spoken, turn.silent_bytes = True, 0
            return
        turn.silent_bytes += len(pcm)
        if turn.spoken and turn.silent_bytes > _SILENCE_SECONDS * self._rate * 2:
            turn.spoken, turn.sent_at = False, None
        if not turn.spoken:
            self._trim(turn, self._before, unsent=False)

    def _trim(self, turn: PersonTurn, limit: int, *, unsent: bool) -> None:
        """Let the oldest sound go; what was not yet sent only where `unsent`."""
        at = 0
        while turn.size > limit and at < len(turn.pieces):
            if at >= turn.sent and not unsent:
                return
            if turn.pieces[at].kind != "audio":
                at += 1
                continue
            turn.size -= len(turn.pieces.pop(at).pcm)
            if at < turn.sent:
                turn.sent -= 1
