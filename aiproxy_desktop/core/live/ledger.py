"""Where the conversation of a live session stands: what is asked, what is answered, what is still owed.

No connection and no clock of its own: events and times go in, what is to be told comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from aiproxy_desktop.core.live.calls import CallBook
from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    HandleReceived,
    InputTranscript,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    SpeechStarted,
    SpeechStopped,
    TurnDone,
    WireEvent,
)
from aiproxy_desktop.core.live.history import Conversation
from aiproxy_desktop.core.live.inputs import InputLog, PersonTurn
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.values import OUTPUT_RATE, SpokenTurn

# Why a turn ended that the connection took with it although all of it had come.
CONNECTION = "connection"


@dataclass(slots=True)
class _Answer:
    """The answer under way. `begun`: something of it was told; `silenced`: no more of it is."""

    turns: list[PersonTurn]
    item: str = ""
    words: str = ""
    size: int = 0
    half: bytes = b""
    begun: bool = False
    complete: bool = False
    interrupted: bool = False
    silenced: bool = False
    heard_ms: int | None = None

    def said(self) -> str:
        """Its words; of an answer that was cut about those that were heard."""
        played = self.size / 2 / OUTPUT_RATE * 1000
        if self.heard_ms is None or played <= 0:
            return self.words
        return self.words[: round(len(self.words) * min(1.0, self.heard_ms / played))]


@dataclass(frozen=True, slots=True)
class Moved:
    """What another connection is told first, and what whoever listens is told of it."""

    history: tuple[SpokenTurn, ...] = ()
    restarted: bool = False
    events: tuple[LiveEvent, ...] = field(default_factory=tuple)


class Ledger:
    """One session's state, over all its connections."""

    def __init__(self, rate: int, policy: LivePolicy) -> None:
        self._policy = policy
        self.log = InputLog(rate, policy)
        self.calls = CallBook()
        self.talk = Conversation(policy.history_chars)
        self.handle: str | None = None
        self._handles = 0
        self._known = 0  # exchanges that the newest handle holds
        self._answer: _Answer | None = None
        self._speaking = False
        self._named: dict[str, PersonTurn] = {}  # whose transcripts come, where the service names the turns
        self.whole_answers = 0

    @property
    def flooded(self) -> bool:
        """Whether an answer came that is longer than any answer is."""
        answer = self._answer
        return answer is not None and answer.size + len(answer.words) > self._policy.answer_bytes

    @property
    def answering(self) -> bool:
        """Whether an answer has begun and more of it is to come."""
        return self._answer is not None and not self._answer.complete

    @property
    def good_handle(self) -> str | None:
        """The newest handle, where it holds all that was said: nothing can be told to who comes with one."""
        whole = self._known >= self.talk.count and (not self.calls or self.calls.known_to(self._handles))
        return self.handle if whole else None

    @property
    def untold(self) -> bool:
        """Whether there is anything that a connection without a handle must be told."""
        return self.talk.count > 0 or self._answer is not None or bool(self.calls)

    @property
    def quiet(self) -> bool:
        """Whether nobody speaks and nothing is owed: the moment to change the connection."""
        owed = any(turn.kind != "stream" or turn.spoken for turn in self.log.turns)
        return not (owed or self._answer or self._speaking or self.calls)

    def take(self, event: WireEvent, now: float) -> Iterator[LiveEvent]:  # noqa: C901 - one case for each kind
        """What an event of the connection of now means for whoever listens."""
        match event:
            case AudioDelta():
                yield from self._sound(event)
                return
            case OutputTranscript() | AnswerText():
                if not self._worded(event):
                    return
            case AnswerStarted():
                yield from self._started(event)
            case Interrupted():
                answer = self._going()
                answer.interrupted = answer.silenced = True
            case GenerationDone():
                self._going().complete = True
            case TurnDone():
                self._done()
            case InputTranscript():
                self._transcribed(event)
            case SpeechStarted():
                self._speaking = True
            case SpeechStopped():
                self._speaking = False
            case FunctionCall():
                self.calls.asked(event, now, self._handles)
            case FunctionCallsCancelled():
                self.calls.void(event.ids)
            case HandleReceived():
                self._handed(event)
                return
            case _:
                pass
        yield event

    def cut(self, item: str, heard_ms: int) -> None:
        """The person wants no more of the answer under way, or none at all to what they said so far."""
        answer = self._answer
        if not item and (answer is None or answer.interrupted):
            self._close([turn for turn in self.log.whole_turns() if turn.kind != "stream"], "")
        elif answer is not None and (not item or not answer.item or item == answer.item):
            answer.silenced, answer.heard_ms = True, heard_ms

    def lost(self) -> tuple[LiveEvent, ...]:
        """The connection is gone. An answer that was complete, or cut off, is over with it."""
        answer = self._answer
        self._speaking = False
        if answer is None or not (answer.complete or answer.interrupted or answer.silenced):
            return ()
        self._done()
        return (TurnDone(CONNECTION),)

    def moved(self, *, resumed: bool) -> Moved:
        """Another connection stands; with `resumed` it knows what the newest handle holds.

        What was asked and not answered is sent again from its beginning. An answer with calls in it is not
        asked for again, as the functions would run twice: their results are told.
        """
        answer, self._answer = self._answer, None
        events: list[LiveEvent] = []
        restarted = answer is not None and answer.begun
        spared: list[PersonTurn] = []
        if self.calls:
            known = resumed and self.calls.known_to(self._handles)
            asked = answer.turns if answer is not None else []
            if known:
                spared, restarted = asked, False
            elif all(turn.words for turn in asked):
                self._close(asked, "")
            else:
                events.append(FunctionCallsCancelled(self.calls.void(self.calls.ids)))
            self.calls.moved(known=known)
        elif restarted and answer is not None and not answer.turns:
            # Nobody had asked for it: it does not come again.
            restarted = False
            self._close([], answer.said())
            events.append(TurnDone(CONNECTION))
        self.log.rewind(but=spared)
        if spared and answer is not None:
            self._answer = _Answer(answer.turns)
        return Moved(() if resumed else self.talk.told(), restarted, tuple(events))

    def settled(self, *, resumed: bool) -> None:
        """The other connection was told all of it."""
        self._known = self.talk.count
        self.talk.write_no_more()
        self._named.clear()
        if not resumed:
            self.handle = None

    def forget_handle(self) -> None:
        """It was refused, or is for another model."""
        self.handle = None

    def overdue(self, now: float) -> tuple[str, ...]:
        """Give up what waits too long: turns without an answer, and calls, whose ids these are."""
        late = [] if self._answer is not None else self.log.overdue(now)
        if late:
            self.log.answered(late)
            self.talk.add([turn for turn in late if turn.words], "")
        return self.calls.overdue(now, self._policy.call_seconds)

    def _sound(self, event: AudioDelta) -> Iterator[LiveEvent]:
        answer = self._going()
        if answer.silenced:
            return
        data = answer.half + event.data if answer.half else event.data
        whole = len(data) & ~1
        answer.half = data[whole:]
        answer.size += whole
        answer.begun = True
        if whole:
            yield (
                event
                if whole == len(event.data) and data is event.data
                else AudioDelta(data[:whole], event.item)
            )

    def _worded(self, event: OutputTranscript | AnswerText) -> bool:
        """More of an answer's words; False where it is cut off and they are nobody's."""
        if self._answer is None and isinstance(event, OutputTranscript):
            self.talk.add_words(event.text)  # its sound is long over
            return True
        answer = self._going()
        if not answer.interrupted:
            answer.begun = answer.begun or bool(event.text)
            answer.words += event.text
        return not answer.interrupted

    def _started(self, event: AnswerStarted) -> Iterator[LiveEvent]:
        answer = self._answer
        if answer is not None and (answer.begun or answer.interrupted):
            # The last one never got its end.
            self._done()
            answer = None
            yield TurnDone()
        turns = answer.turns if answer is not None else self._asked()
        self._answer = _Answer(turns, event.item)
        self._speaking = False

    def _going(self) -> _Answer:
        if self._answer is None:
            self._answer = _Answer(self._asked())
        return self._answer

    def _asked(self, most: int | None = None) -> list[PersonTurn]:
        turns = self.log.whole_turns()[:most]
        for turn in turns:
            self.log.seal(turn)
        return turns

    def _done(self) -> None:
        answer, self._answer = self._answer, None
        if answer is None:
            # Nothing came of it: a press too short, or silence. Only what is known of it is worth keeping.
            asked = self._asked(most=1)
            self.log.answered([turn for turn in asked if not turn.words])
            turns = [turn for turn in asked if turn.words]
        else:
            turns = answer.turns
        cut_off = answer is not None and answer.interrupted
        if cut_off and len(turns) > 1:
            turns = turns[:-1]  # it was the last one of them that cut in
        self._close(turns, answer.said() if answer is not None else "")
        self.calls.settle()
        self.whole_answers += 1

    def _close(self, turns: list[PersonTurn], said: str) -> None:
        self.log.answered(turns)
        self.talk.add(turns, said)

    def _transcribed(self, event: InputTranscript) -> None:
        turn = self._named.get(event.item) if event.item else self._guessed()
        if turn is None and event.item:
            taken = self._named.values()
            waiting = [one for one in self.log.turns if one.kind != "text" and one.sent and one not in taken]
            turn = self.talk.unwritten(but=taken) or next(iter(waiting), None)
            if turn is not None:
                self._named[event.item] = turn
        if turn is not None:
            turn.heard += event.text
            turn.transcribed = event.finished

    def _guessed(self) -> PersonTurn | None:
        """Whose words come, where the service names no turns: it writes them down in their order."""
        turn = self.talk.unwritten()
        under_way = [
            one for one in self.log.turns if one.kind != "text" and not one.transcribed and one.sent > 0
        ]
        if under_way and (turn is None or turn.heard):
            # What is under way is being written down; the last one's transcript just was not said to be over.
            if turn is not None:
                turn.transcribed = True
            turn = under_way[0]
        return turn

    def _handed(self, event: HandleReceived) -> None:
        if event.handle is None:
            return  # not just now: the last one is still the best there is
        self.handle = event.handle
        self._handles += 1
        complete = self._answer is not None and self._answer.complete
        self._known = self.talk.count + (1 if complete else 0)
