"""A long live session in a short time: turns as fast as the loop takes them, connections that go away."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import dataclass

import psutil

from aiproxy_desktop.core.live.events import AudioDelta, LiveEvent, Reconnected, TurnDone
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.values import LiveOptions
from tests.integration.live_parts import MODELS, QUICK, server_of, service_of
from tests.waiting import until

# Of a turn: what the person says, and the answer.
SPOKEN_SECONDS, ANSWER_SECONDS = 4.0, 6.0

# A connection's life in turns: ten minutes of them.
TURNS_A_CONNECTION = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """What the process held. `bytes` is what only it uses."""

    bytes: int
    tasks: int
    threads: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What came of it; `early` is from after the first part, `late` from the end."""

    turns: int
    answered_once: bool
    answers: int
    sound_seconds: float
    connections: int
    early: Moment
    late: Moment


async def talk_for(kind: str, turns: int, *, live: int = TURNS_A_CONNECTION) -> Hour:
    """Talk for so many turns of ten seconds, each as fast as it can be said and heard.

    Args:
        kind: `gemini` or `openai`.
        turns: an hour has 360.
        live: after so many turns the service goes away.
    """
    async with server_of(kind, go_away_every=live, go_away=0.2, length=ANSWER_SECONDS) as server:
        session = LiveSession(service_of(kind, server.url), LiveOptions(MODELS[kind]), policy=QUICK)
        heard = _Heard()
        listening = asyncio.create_task(heard.listen(session))
        await session.start()
        early = None
        for number in range(1, turns + 1):
            chunk = number.to_bytes(2, "little") * (session.input_rate // 50)
            await session.begin_turn()
            for _ in range(int(SPOKEN_SECONDS * 50)):
                await session.send_audio(chunk)
            await session.end_turn()
            await heard.answered(number)
            for turn in server.turns:
                turn.pcm = turn.pcm[:2]  # the service's own memory is not what is measured
            for one in server.connections:
                one.messages.clear()
            if number == turns // 4:
                early = _moment()
        late = _moment()
        await session.aclose()
        await listening
        assert early is not None
        answered = [int.from_bytes(turn.pcm, "little") for turn in server.turns if turn.answered]
        once = answered == list(range(1, turns + 1))
        return Hour(turns, once, heard.answers, heard.bytes / 48_000, len(server.connections), early, late)


class _Heard:
    """Counts what came."""

    def __init__(self) -> None:
        self.answers = 0
        self.bytes = 0
        self.changes = 0

    async def answered(self, count: int) -> None:
        await until(lambda: self.answers >= count)

    async def listen(self, session: LiveSession) -> None:
        async for event in session.events():
            self._take(event)

    def _take(self, event: LiveEvent) -> None:
        if isinstance(event, AudioDelta):
            self.bytes += len(event.data)
        elif isinstance(event, TurnDone):
            self.answers += 1
        elif isinstance(event, Reconnected):
            self.changes += 1


def _moment() -> Moment:
    gc.collect()
    held = psutil.Process().memory_full_info().uss
    return Moment(held, len(asyncio.all_tasks()), threading.active_count())
