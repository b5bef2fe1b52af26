"""The queue of an answer, in a time of the test's own."""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import dataclass
from itertools import pairwise

import pytest

from aiproxy_desktop.audio.jitter import JitterBuffer

RATE = 24_000
BLOCK = RATE // 100


def speech(seconds: float) -> bytes:
    """A voice of a kind: a tone, with a pause of 100 ms in each second."""
    frames = int(seconds * RATE)
    tone = [round(9_000 * math.sin(at / 20)) if at % RATE < RATE * 0.9 else 0 for at in range(frames)]
    return array("h", tone).tobytes()


def samples(pcm: bytes) -> array[int]:
    return array("h", pcm)


@dataclass
class Player:
    """A speaker that takes a block each 10 ms, and a network that delivers to it."""

    buffer: JitterBuffer
    now: float = 0.0

    def answer(self, pcm: bytes, item: str, arrivals: list[float], piece: int) -> bytes:
        """Play one answer whose pieces come at these seconds from now; what went to the device."""
        pieces = [pcm[at : at + piece] for at in range(0, len(pcm), piece)]
        coming = [(self.now + at, part) for at, part in zip(arrivals, pieces, strict=True)]
        heard = bytearray()
        self._counted = 0
        finished = False
        while not finished or self.buffer.active:
            while coming and coming[0][0] <= self.now:
                self.buffer.put(coming.pop(0)[1], item, self.now)
            if not coming and not finished:
                finished = True
                self.buffer.finish()
            taken = self.buffer.take(BLOCK, self.now)
            assert len(taken.pcm) == BLOCK * 2
            self._counted += sum(frames for of, frames in taken.parts if of == item)
            heard += taken.pcm
            self.now += 0.01
        assert self._counted * 2 == len(pcm), "every sample is played once"
        self.now += 1.0
        return bytes(heard)


def delivered(count: int, milliseconds: float, pace: float, jitter: float, rng: random.Random) -> list[float]:
    """When pieces come that are sent at a pace, each delayed by the network, and in order."""
    times, last = [], 0.0
    for number in range(count):
        last = max(last, (number * milliseconds / pace + rng.uniform(0, jitter)) / 1000)
        times.append(last)
    return times


@pytest.mark.parametrize("pace", [1.0, 1.5, 4.0])
@pytest.mark.parametrize("milliseconds", [20, 100])
def test_ten_minutes_of_jitter_make_no_hole(pace: float, milliseconds: int) -> None:
    player, rng = Player(JitterBuffer(RATE)), random.Random(7)
    pcm = speech(6.0)
    piece = milliseconds * RATE // 1000 * 2
    for number in range(100):
        player.answer(pcm, f"{number}", delivered(len(pcm) // piece, milliseconds, pace, 150, rng), piece)
    assert max(player.buffer.starved_ms, default=0) <= 20


def test_a_smooth_network_is_learned_and_answers_start_at_once() -> None:
    player, rng = Player(JitterBuffer(RATE)), random.Random(7)
    pcm = speech(2.0)
    starts = []
    for number in range(10):
        heard = player.answer(pcm, f"{number}", delivered(50, 40, 1.0, 2, rng), 40 * RATE // 1000 * 2)
        starts.append(next(at for at, one in enumerate(samples(heard)) if one) / RATE)
    assert starts[0] <= 0.18  # nothing was known yet
    assert max(starts[1:]) <= 0.05
    assert not player.buffer.starved_ms


@pytest.mark.parametrize("rest", [0, 200])
def test_a_hole_fades_out_and_in(rest: int) -> None:
    buffer = JitterBuffer(RATE)
    loud = array("h", [12_000] * RATE).tobytes()
    buffer.put(loud[: BLOCK * 2 * 20 + rest], "a", 0.0)
    out = b"".join(buffer.take(BLOCK, at / 100).pcm for at in range(30))
    buffer.put(loud, "a", 0.3)
    out += b"".join(buffer.take(BLOCK, at / 100).pcm for at in range(30, 40))
    found = samples(out)
    steepest = max(abs(one - other) for one, other in pairwise(found))
    assert steepest < 600, "a step is a click"
    assert buffer.starved_ms
    assert max(found[-BLOCK:]) == 12_000


def test_flushed_it_is_silent_after_a_ramp() -> None:
    buffer = JitterBuffer(RATE)
    buffer.put(array("h", [12_000] * RATE).tobytes(), "a", 0.0)
    before = b"".join(buffer.take(BLOCK, at / 100).pcm for at in range(5))
    buffer.flush()
    after = b"".join(buffer.take(BLOCK, 0.05 + at / 100).pcm for at in range(3))
    found = samples(before[-100:] + after)
    assert max(abs(one - other) for one, other in pairwise(found)) < 600
    assert not any(after[BLOCK * 2 :])
    assert not buffer.active
    buffer.put(array("h", [5_000] * RATE).tobytes(), "b", 1.0)
    assert any(any(buffer.take(BLOCK, 1.0 + at / 100).pcm) for at in range(30)), "the next answer plays"


def test_an_answer_that_nobody_finishes_is_given_up() -> None:
    buffer = JitterBuffer(RATE)
    buffer.put(speech(0.3), "a", 0.0)
    for at in range(400):
        buffer.take(BLOCK, at / 100)
    assert not buffer.active
    assert not buffer.starved_ms
