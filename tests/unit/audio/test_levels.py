"""Meters and ramps."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest

from aiproxy_desktop.audio.levels import LevelMeter
from aiproxy_desktop.audio.ramps import TalkRamp, gain

RATE = 16_000
CHUNK = RATE // 50


def sine(amplitude: int, frames: int = CHUNK, begin: int = 0) -> bytes:
    """A tone of 250 Hz."""
    samples = [round(amplitude * math.sin(math.pi * (begin + at) / 32)) for at in range(frames)]
    return array("h", samples).tobytes()


def steepest(pcm: bytes) -> int:
    return max(abs(one - other) for one, other in pairwise(array("h", b"\0\0" + pcm + b"\0\0")))


def test_a_meter_shows_decibels_peaks_and_what_is_too_loud() -> None:
    meter = LevelMeter(kept=3)
    assert meter.reading.decibels is None
    for pcm in (sine(32_767), bytes(640), sine(32_767), sine(3_277)):
        meter.add(pcm)
    reading = meter.reading
    assert reading.decibels == pytest.approx(-23.0, abs=0.1)  # a tenth of full scale, and a tone's RMS
    assert reading.peaks == pytest.approx((0.0, 1.0, 0.1), abs=0.001)
    assert reading.clipped == (False, True, False)
    meter.add(bytes(640))
    assert meter.reading.decibels is None
    meter.clear()
    assert meter.reading.peaks == ()


def test_talking_begins_and_ends_without_a_click() -> None:
    ramp, sent = TalkRamp(RATE), b""
    assert ramp.passed(sine(20_000)) == b""
    for turn in range(2):
        ramp.press()
        said = b"".join(ramp.passed(sine(20_000, begin=CHUNK * at + 16)) for at in range(4)) + ramp.release()
        # No step is steeper than the tone's own, though it begins and ends at its loudest.
        assert steepest(said) < 2_400, turn
        assert len(said) == (4 * CHUNK + RATE * 8 // 1000) * 2
        sent += said
    assert ramp.release() == b""
    assert ramp.passed(sine(20_000)) == b""


def test_volume_changes_without_a_step() -> None:
    loud = array("h", [20_000] * 240).tobytes()
    changed = loud + gain(loud, 1.0, 0.25) + gain(loud, 0.25, 0.25)
    assert max(abs(one - other) for one, other in pairwise(array("h", changed))) < 100
    assert array("h", changed)[-1] == 5_000
    assert gain(loud, 1.0, 1.0) is loud
