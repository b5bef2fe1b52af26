"""Live sessions: an hour of talk, and what stands between a chunk of sound and the socket."""

from __future__ import annotations

import asyncio
import statistics
import time

from aiproxy_desktop.core.live.events import Reconnected
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.values import LiveOptions
from tests.benchmarks.harness import Figure
from tests.integration.api.live_client import client, live_api
from tests.integration.live_parts import MODELS, QUICK, server_of, service_of, talk
from tests.live_hour import Hour, talk_for
from tests.waiting import until

_TURNS = 360  # an hour of turns of ten seconds
_LEAST_PACE = 60.0


def measure() -> list[Figure]:
    """Both services; the hour with the connection going away every ten minutes."""
    figures: list[Figure] = []
    for kind in ("gemini", "openai"):
        began, cpu = time.perf_counter(), time.process_time()
        hour = asyncio.run(talk_for(kind, _TURNS))
        figures += _of_hour(kind, hour, time.perf_counter() - began, time.process_time() - cpu)
    chunks = asyncio.run(_chunk_latencies())
    p95 = statistics.quantiles(chunks, n=20)[-1] * 1000
    served = asyncio.run(_served_latencies())
    through = statistics.quantiles(served, n=20)[-1] * 1000
    rounds = asyncio.run(_going_away(50))
    spare = asyncio.run(_spare())
    return [
        *figures,
        Figure("live: chunk handed over to bytes at the server, p95", f"{p95:.2f} ms", "20 ms", p95 <= 20),
        Figure("live: the same through the local API, p95", f"{through:.2f} ms", "20 ms", through <= 20),
        Figure("live: 50 goAways, turns lost or doubled", str(rounds), "0", rounds == 0),
        Figure("live: after goAway, left of the old connection's 5 s", f"{spare:.1f} s", "> 0 s", spare > 0),
    ]


def _of_hour(kind: str, hour: Hour, seconds: float, cpu: float) -> list[Figure]:
    pace = hour.turns * 10 / seconds
    grown = (hour.late.bytes - hour.early.bytes) / 1e6
    flat = (hour.late.tasks - hour.early.tasks, hour.late.threads - hour.early.threads)
    share = cpu / (hour.turns * 10) * 100
    name = f"live, an hour with {kind}"
    return [
        Figure(f"{name}: pace", f"{pace:.0f} x", f"{_LEAST_PACE:.0f} x", pace >= _LEAST_PACE),
        Figure(f"{name}: every turn answered once", str(hour.answered_once), "True", hour.answered_once),
        Figure(f"{name}: memory gained after its first quarter", f"{grown:.1f} MB", "10 MB", grown <= 10),
        Figure(f"{name}: tasks and threads gained", f"{flat[0]}, {flat[1]}", "0, 0", max(flat) <= 1),
        Figure(f"{name}: CPU of session and server, of a core", f"{share:.1f} %", "10 %", share <= 10),
    ]


async def _chunk_latencies() -> list[float]:
    """From `send_audio` to the server having read it, a chunk every 20 ms."""
    async with server_of("gemini") as server:
        session = LiveSession(service_of("gemini", server.url), LiveOptions(MODELS["gemini"]), policy=QUICK)
        await session.start()
        await session.begin_turn()
        taken: list[float] = []
        for number in range(1, 251):
            began = time.perf_counter()
            await session.send_audio(b"\x10\x00" * 320)
            while len(server.connection.buffer) < number * 640:  # noqa: ASYNC110 - it is another's buffer
                await asyncio.sleep(0)
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)
        await session.aclose()
        return taken


async def _served_latencies() -> list[float]:
    """The same from a client of the local API, over its WebSocket."""
    async with live_api() as (api, server), client(api) as one:
        await one.config(mode="push_to_talk")
        await one.say(type="activity_start")
        await until(lambda: server.connection.speaking)
        chunks: list[float] = []
        for number in range(1, 301):
            began = time.perf_counter()
            await one.sound(bytes(640))
            while len(server.connection.buffer) < 640 * number:  # noqa: ASYNC110 - to see it at once
                await asyncio.sleep(0)
            chunks.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)
        return chunks


async def _going_away(rounds: int) -> int:
    """Turns that the server answered not once."""
    async with talk("gemini", go_away_every=1, go_away=0.2, length=0.04) as one:
        for number in range(1, rounds + 1):
            await one.session.send_text(f"Question {number}")
            await one.answered(number)
            await one.reconnected(number)
        texts = [turn.text for turn in one.server.turns if turn.answered]
    return sum(texts.count(f"Question {number}") != 1 for number in range(1, rounds + 1))


async def _spare() -> float:
    """Seconds that were left of the old connection when the new one stood, of five."""
    async with talk("gemini", go_away_every=1, go_away=5.0) as one:
        await one.session.send_text("Question")
        await one.answered(1)
        began = time.perf_counter()
        await until(lambda: one.of(Reconnected))
        return 5.0 - (time.perf_counter() - began)
