"""A live session through whatever may happen, drawn by a seed: `python -m tests.live_walk --seeds 100`.

The person speaks, writes, cuts in and lets calls wait, while connections break off, go away, refuse handles
and answer late. At the end each turn must be known to the service once, in order, and each that was let be
answered must have been answered whole, and once.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from websockets.exceptions import ConnectionClosed

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.events import (
    FunctionCall,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    SessionEnded,
    TurnDone,
)
from aiproxy_desktop.core.live.history import UNWRITTEN
from tests.integration.live_parts import QUICK, Talk, server_of, talk_with
from tests.live_servers import Call

_POLICY = replace(QUICK, call_seconds=0.5, breaks=1000)
_LAST = "The last question"


@dataclass
class Walk:
    """What was done, and what was asked; `disturbed` are those turns whose answer may be missing."""

    one: Talk
    random: random.Random
    steps: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    disturbed: set[str] = field(default_factory=set)
    _seen: int = 0

    async def step(self) -> None:
        """Do one thing."""
        moves: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (6, self.write),
            (6, self.speak),
            (2, self.cut),
            (3, self.drop),
            (2, self.fail),
            (3, self.go_away),
            (2, self.behave),
            (1, self.call),
            (6, self.settle),
        ]
        weights = [weight for weight, _ in moves]
        (move,) = self.random.choices([move for _, move in moves], weights)
        self.steps.append(move.__name__)
        await move()
        if self.random.random() < 0.5:
            await asyncio.sleep(self.random.uniform(0.0, 0.05))

    def _disturb(self) -> None:
        """Whatever is not answered now may never be."""
        answers = self.answers()
        self.disturbed |= {text for text in self.asked if f"<{text}>" not in answers}

    async def write(self) -> None:
        self._disturb()
        self.asked.append(f"written {len(self.asked)}")
        await self.one.session.send_text(self.asked[-1])

    async def speak(self) -> None:
        self._disturb()
        number = len(self.asked) + 1000
        sound = number.to_bytes(2, "little") * (self.one.session.input_rate // 50)
        await self.one.session.begin_turn()
        self.asked.append(str(number))
        for _ in range(self.random.randint(6, 12)):
            await self.one.session.send_audio(sound)
            if self.random.random() < 0.1:
                await self.random.choice((self.drop, self.fail, self.go_away))()
            if self.random.random() < 0.3:
                await asyncio.sleep(0.01)
        await self.one.session.end_turn()

    async def cut(self) -> None:
        self._disturb()
        await self.one.session.cut("", 0)

    async def drop(self) -> None:
        self.one.server.drop()

    async def fail(self) -> None:
        await self.one.server.close()

    async def go_away(self) -> None:
        server = self.one.server
        server._own(_quietly(server.go_away(self.random.choice((0.0, 0.05, 0.2, 0.5)))), "going away")

    async def behave(self) -> None:
        draw = self.random
        self.one.server.behave(
            delay=draw.choice((0.0, 0.0, 0.03, 0.1)),
            pace=draw.choice((0.0, 2.0)),
            refuse_handles=draw.random() < 0.3,
            transcripts=draw.choice(("before", "between", "after")),
            fault=draw.choice(("", "", "close", "drop")),
            times=1,
        )

    async def call(self) -> None:
        self.one.server.behave(calls=(Call("weather", id=f"call-{len(self.steps)}"),))
        await self.write()
        self.disturbed.add(self.asked[-1])  # told as text, its result is what is answered
        await asyncio.sleep(self.random.uniform(0.0, 0.1))
        self.one.server.behave(calls=())

    async def settle(self) -> None:
        """Wait until nothing is owed."""
        await self.one.saw(lambda: self.one.session._ledger.quiet and self.one.session._life.flowing)

    async def listen(self) -> None:
        """Answer calls, but not all of them."""
        while True:
            for event in self.one.events[self._seen :]:
                self._seen += 1
                if isinstance(event, FunctionCall) and self.random.random() < 0.7:
                    try:
                        await self.one.session.send_function_result(event.id, {"sky": "clear"})
                    except InvalidRequestError:
                        continue  # a call with this id was answered before
            await asyncio.sleep(0.01)

    def answers(self) -> str:
        """What the model said, without what came again."""
        return "".join(_whole(self.one.events))

    def check(self) -> list[str]:
        """What is wrong."""
        wrong = []
        if self.one.of(SessionEnded):
            return [f"ended: {self.one.of(SessionEnded)[0].error!r}"]
        server = self.one.server
        last = next((turn.connection for turn in server.turns if turn.text == _LAST and turn.answered), -1)
        known = [text for role, text in server.connections[last].conversation if role == "user"]
        known = [text for text in known if not text.startswith("(The function")]
        wanted = [*self.asked, _LAST]
        fits = len(known) == len(wanted) and all(
            text == want or (text == UNWRITTEN and want in self.disturbed)
            for text, want in zip(known, wanted, strict=True)
        )
        if not fits:
            wrong.append(f"the service knows {known}, not {wanted}")
        answers = self.answers()
        # The late result of a call is answered as well, and the service here repeats itself then.
        most = 1 + self.steps.count("call")
        for text in wanted:
            times = answers.count(f"<{text}>")
            if times > most or (times == 0 and text not in self.disturbed):
                wrong.append(f"{text} was answered {times} times")
        refused = [one for one in server.refusals if not one.startswith("Cancellation failed")]
        return wrong + [
            f"refused: {one}" for one in refused if "no call" not in one and "tool call" not in one
        ]


async def _quietly(work: Awaitable[None]) -> None:
    with suppress(ConnectionClosed):
        await work


def _whole(events: list[LiveEvent]) -> list[str]:
    said: list[str] = []
    since = 0
    for event in events:
        if isinstance(event, OutputTranscript):
            said.append(event.text)
        elif isinstance(event, TurnDone):
            since = len(said)
        elif isinstance(event, Reconnected) and event.restarted:
            del said[since:]
    return said


async def walk(kind: str, seed: int, steps: int) -> list[str]:
    """Walk, and say what is wrong at the end; nothing where all is well.

    Args:
        kind: `gemini` or `openai`.
        seed: of what happens. Networks and clocks have their own mind: it may go otherwise a second time.
        steps: how many things happen.
    """
    behaviour: dict[str, Any] = {"heard": "{first}", "answer": "<{text}>", "length": 0.1}
    tasks = len(asyncio.all_tasks())
    async with server_of(kind, **behaviour) as server, talk_with(kind, server, _POLICY) as one:
        walked = Walk(one, random.Random(seed))
        listening = asyncio.create_task(walked.listen())
        try:
            async with asyncio.timeout(25):
                for _ in range(steps):
                    await walked.step()
                one.server.behave(fault="", delay=0.0, pace=0.0, refuse_handles=False, calls=())
                await walked.settle()
                await one.session.send_text(_LAST)
                await one.saw(lambda: f"<{_LAST}>" in walked.answers())
                await walked.settle()
        except (TimeoutError, AssertionError, InvalidRequestError) as error:
            wrong = [f"it stands still: {error}", *walked.check()]
        else:
            wrong = walked.check()
        finally:
            listening.cancel()
            await asyncio.wait([listening])
        wrong = [*wrong, str(walked.steps)] if wrong else []
    left = len(asyncio.all_tasks()) - tasks
    return wrong if left <= 0 else [*wrong, f"{left} tasks are left"]


def main() -> int:
    """Walk by hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.live_walk")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--kind", choices=("gemini", "openai"), action="append")
    given = parser.parse_args()
    failures = 0
    for seed in range(given.first, given.first + given.seeds):
        for kind in given.kind or ("gemini", "openai"):
            wrong = asyncio.run(walk(kind, seed, given.steps))
            failures += bool(wrong)
            for line in wrong:
                sys.stdout.write(f"{kind} {seed}: {line}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{failures} of {given.seeds * len(given.kind or ('gemini', 'openai'))} went wrong\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
