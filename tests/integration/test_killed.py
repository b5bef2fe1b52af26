"""kill -9 in the middle of an answer."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from tests.integration.streaming_process import PACE, WORDS

ROUNDS = 20
ALLOWED_LOSS = 0.25  # seconds of the stream
WHOLE = "".join(WORDS)


def killed_while_streaming(path: Path, prompt: str, after: float) -> list[tuple[float, int]]:
    """Kill a streaming process `after` seconds of its answer; what it said: (seconds, characters so far)."""
    command = [sys.executable, "-m", "tests.integration.streaming_process", str(path), prompt]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        first = process.stdout.readline()
        time.sleep(after)
        process.kill()
        rest = process.stdout.read()
        assert process.wait() == -9
    lines = (first + rest).splitlines(keepends=True)
    # The kill may cut the last line short.
    told = [line.split() for line in lines if line.endswith("\n")]
    return [(int(moment) / 1e9, int(length)) for moment, length in told]


def lost_seconds(told: list[tuple[float, int]], kept: int) -> float:
    """How long the stream had been running since the last piece that was kept.

    A pause of the whole process (a busy machine) brings no text, so it counts as one step of the stream.
    """
    steps = [min(later[0] - sooner[0], 4 * PACE) for sooner, later in pairwise(told) if later[1] > kept]
    return sum(steps)


def test_the_lost_time_is_that_of_the_pieces_after_the_last_kept() -> None:
    told = [(0.0, 1), (0.005, 2), (0.010, 3), (5.0, 4)]
    assert lost_seconds(told, 4) == 0
    assert lost_seconds(told, 2) == 0.005 + 4 * PACE


async def test_a_killed_process_loses_at_most_a_quarter_second(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "conversations.db"
    seed = random.SystemRandom().randrange(2**32)
    moments = random.Random(seed)
    losses: list[float] = []

    for number in range(ROUNDS):
        told = killed_while_streaming(path, f"prompt {number}", moments.uniform(0, 1.2))

        db = await Database.open(path)
        try:
            assert await db.read(lambda c: c.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]
            store = ConversationStore(db)
            assert await store.recover() == 1
            question, answer = await store.thread((await store.page(limit=1))[0].id)
        finally:
            await db.close()

        where = f"round {number}, seed {seed}"
        assert question.text == f"prompt {number}", where
        assert answer.status == "interrupted", where
        assert WHOLE.startswith(answer.text), where
        losses.append(lost_seconds(told, len(answer.text)))
        assert losses[-1] <= ALLOWED_LOSS, f"{where}: lost {losses[-1]:.3f} s of {told[-1]}"

    record_property("longest_loss_ms", round(max(losses) * 1000))
    # Every earlier round is still there.
    connection = sqlite3.connect(path)
    counts = connection.execute(
        "SELECT role, status, count(*) FROM messages GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    connection.close()
    assert counts == [("assistant", "interrupted", ROUNDS), ("user", "complete", ROUNDS)]
