"""One session, and turns that are spoken to it from files: push to talk, without a microphone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Final

from aiproxy_desktop.core.errors import AIProxyError, ProviderTimeoutError
from aiproxy_desktop.core.live.events import (
    AnswerText,
    AudioDelta,
    FunctionCall,
    InputTranscript,
    LiveEvent,
    LiveUsage,
    OutputTranscript,
    Reconnected,
    SearchMade,
    ServiceFailed,
    SessionEnded,
    Source,
    TurnDone,
    UsageReported,
)
from aiproxy_desktop.core.live.values import OUTPUT_RATE

if TYPE_CHECKING:
    from aiproxy_desktop.core.live.session import LiveSession

# How much faster than it was spoken a file is sent, and how much of it at once.
_SPEED: Final = 8
_CHUNK_SECONDS: Final = 0.1

# Seconds. After a refusal an answer may still come, and after an answer the words of both sides: where none
# has come yet, and where some have and nobody said that these are all.
_AFTER_REFUSAL: Final = 5.0
_FOR_WORDS: Final = 3.0
_FOR_MORE_WORDS: Final = 1.0

# A shorter press is none to some services: silence follows it.
_LEAST_SECONDS: Final = 0.3

MOST_SECONDS: Final = 30 * 60
_MOST_BYTES: Final = MOST_SECONDS * OUTPUT_RATE * 2


@dataclass(slots=True)
class Turn:
    """A question and its answer; `sound` is PCM16 mono at 24 kHz, words are empty where there are none."""

    sound: bytearray = field(default_factory=bytearray)
    question: str = ""
    answer: str = ""
    written: str = ""
    sources: tuple[Source, ...] = ()
    usage: LiveUsage | None = None
    failure: AIProxyError | None = None
    ended_early: str = ""
    done: bool = False
    question_whole: bool = False
    answer_whole: bool = False

    def words_awaited(self, *, question: bool) -> float:
        """For how many seconds of silence words may still come, of the question too if it is wanted."""
        missing = [self.answer] if self.sound and not self.answer_whole else []
        if question and not self.question_whole:
            missing.append(self.question)
        return max((_FOR_MORE_WORDS if words else _FOR_WORDS for words in missing), default=0.0)


class Talk:
    """A session under way. `turns` is all that was said, the one that goes on included."""

    def __init__(
        self, session: LiveSession, label: str, patience: float, on_progress: Callable[[str], None]
    ) -> None:
        """Wire up.

        Args:
            session: started; it is not closed here.
            label: what a person calls the service.
            patience: seconds that it may be silent.
            on_progress: told how far it is, in a few words.
        """
        self.turns: list[Turn] = []
        self._session = session
        self._label = label
        self._patience = patience
        self._on_progress = on_progress
        self._events: AsyncGenerator[LiveEvent] = session.events()
        self._next: asyncio.Task[LiveEvent | None] | None = None

    async def ask(self, pcm: bytes, *, words: bool) -> None:
        """Say something, and hear the answer out.

        Args:
            pcm: PCM16 mono at the session's `input_rate`.
            words: wait for the question in words, too.

        Raises:
            AIProxyError: no answer came, or it broke off; what came of it is in `turns`.
        """
        turn = Turn()
        self.turns.append(turn)
        speaking = asyncio.create_task(self._speak(pcm), name="speak")
        try:
            while not turn.done:
                patience = self._patience if turn.failure is None else min(_AFTER_REFUSAL, self._patience)
                if await self._hear(turn, patience):
                    continue
                if turn.failure is not None:
                    raise turn.failure
                if speaking.done():
                    speaking.result()
                    raise self._silence()
            await speaking
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
        if turn.failure is not None and (turn.ended_early or not turn.sound):
            raise turn.failure
        while wait := min(self._patience, turn.words_awaited(question=words)):
            if not await self._hear(turn, wait):
                break

    async def aclose(self) -> None:
        """Listen no more."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        await self._events.aclose()

    async def _speak(self, pcm: bytes) -> None:
        rate = self._session.input_rate
        size = round(rate * _CHUNK_SECONDS) * 2
        pcm = pcm.ljust(round(rate * _LEAST_SECONDS) * 2, b"\0")
        await self._session.begin_turn()
        for at in range(0, len(pcm), size):
            await self._session.send_audio(pcm[at : at + size])
            self._on_progress(f"speaking, {at / (2 * rate):.0f} of {len(pcm) / (2 * rate):.0f} s")
            await asyncio.sleep(_CHUNK_SECONDS / _SPEED)
        await self._session.end_turn()
        self._on_progress("waiting for the answer")

    async def _hear(self, turn: Turn, seconds: float) -> bool:
        """Take one event in; False where none comes within so many seconds."""
        if self._next is None:
            self._next = asyncio.create_task(self._following(), name="hear")
        done, _ = await asyncio.wait([self._next], timeout=seconds)
        if not done:
            return False
        event, self._next = self._next.result(), None
        if event is None or isinstance(event, SessionEnded):
            raise (event and event.error) or AIProxyError(f"{self._label} ended the session", "Try again.")
        await self._take(event, turn)
        return True

    async def _following(self) -> LiveEvent | None:
        return await anext(self._events, None)

    def _silence(self) -> ProviderTimeoutError:
        return ProviderTimeoutError(
            f"{self._label} was silent for {self._patience:g} seconds",
            "Try again, or give it longer with --timeout.",
        )

    @singledispatchmethod
    async def _take(self, event: LiveEvent, turn: Turn) -> None:
        """What else there is does not matter to a file."""

    @_take.register
    async def _(self, event: AudioDelta, turn: Turn) -> None:
        turn.sound += event.data
        self._on_progress(f"answering, {len(turn.sound) / (2 * OUTPUT_RATE):.0f} s")
        if sum(len(one.sound) for one in self.turns) > _MOST_BYTES:
            raise AIProxyError(f"The answer is longer than {MOST_SECONDS // 60} minutes", "Ask for less.")

    @_take.register
    async def _(self, event: AnswerText, turn: Turn) -> None:
        turn.written += event.text

    @_take.register
    async def _(self, event: OutputTranscript, turn: Turn) -> None:
        turn.answer += event.text
        turn.answer_whole = event.finished

    @_take.register
    async def _(self, event: InputTranscript, turn: Turn) -> None:
        turn.question += event.text
        turn.question_whole = event.finished

    @_take.register
    async def _(self, event: SearchMade, turn: Turn) -> None:
        turn.sources = tuple(dict.fromkeys((*turn.sources, *event.sources)))

    @_take.register
    async def _(self, event: UsageReported, turn: Turn) -> None:
        turn.usage = event.usage

    @_take.register
    async def _(self, event: ServiceFailed, turn: Turn) -> None:
        turn.failure = turn.failure or event.error

    @_take.register
    async def _(self, event: Reconnected, turn: Turn) -> None:
        if event.restarted:
            turn.sound.clear()
            turn.answer = turn.written = ""
            turn.answer_whole = False

    @_take.register
    async def _(self, event: FunctionCall, turn: Turn) -> None:  # noqa: ARG002 - all of these take both
        await self._session.send_function_result(event.id, {"error": "There is no such function."})

    @_take.register
    async def _(self, event: TurnDone, turn: Turn) -> None:
        turn.done, turn.ended_early = True, event.reason
