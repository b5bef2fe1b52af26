"""Sample rates converted: what stays, what must not come, and in whatever pieces."""

from __future__ import annotations

import cmath
import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.audio.resampling import Resampler, resampled

LEVEL = 20_000


def tone(hertz: float, rate: int, seconds: float = 0.25) -> bytes:
    return array(
        "h", [round(LEVEL * math.sin(2 * math.pi * hertz * at / rate)) for at in range(int(rate * seconds))]
    ).tobytes()


def strength(pcm: bytes, hertz: float, rate: int) -> float:
    """Decibels of one frequency, relative to the tone that went in; the ends are left out."""
    middle = array("h", pcm)[rate // 50 : -rate // 50]
    window = [0.5 - 0.5 * math.cos(2 * math.pi * at / len(middle)) for at in range(len(middle))]
    turn = -2j * math.pi * hertz / rate
    total = sum(s * w * cmath.exp(turn * at) for at, (s, w) in enumerate(zip(middle, window, strict=True)))
    return 20 * math.log10(max(1e-9, abs(total) / (sum(window) / 2)) / LEVEL)


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(48_000, 16_000), (44_100, 24_000), (24_000, 48_000), (8_000, 24_000)]
)
def test_speech_passes_and_nothing_folds_back(rate_in: int, rate_out: int) -> None:
    lower = min(rate_in, rate_out)
    passing = lower * 0.3
    out = resampled(tone(passing, rate_in), rate_in, rate_out)
    assert abs(strength(out, passing, rate_out)) < 0.1
    if rate_out < rate_in:
        above = rate_out * 0.53
        alias = rate_out - above
        assert strength(resampled(tone(above, rate_in), rate_in, rate_out), alias, rate_out) < -60
    else:
        image = rate_in - passing
        assert strength(out, image, rate_out) < -60


@settings(max_examples=30)
@given(
    cuts=st.lists(st.integers(1, 400), min_size=1, max_size=20), rates=st.sampled_from(((48, 16), (11, 24)))
)
def test_the_pieces_do_not_matter(cuts: list[int], rates: tuple[int, int]) -> None:
    rate_in, rate_out = rates[0] * 1000 + 25, rates[1] * 1000
    pcm = tone(440, rate_in, 0.05)
    resampler, out, at = Resampler(rate_in, rate_out), b"", 0
    for cut in cuts:
        out += resampler.feed(pcm[at : at + cut])
        at += cut
    out += resampler.feed(pcm[at:]) + resampler.finish()
    assert out == resampled(pcm, rate_in, rate_out)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000])
def test_it_lasts_as_long_as_before(rate: int) -> None:
    out = resampled(bytes(rate // 10 * 2), rate, 24_000)
    assert len(out) == 2_400 * 2 or abs(len(out) / 2 - 2_400) <= 1


def test_full_scale_does_not_wrap_round() -> None:
    square = array("h", [32_767 if at // 40 % 2 else -32_768 for at in range(4_000)]).tobytes()
    found = array("h", resampled(square, 48_000, 44_100))
    edges = sum((one < 0) != (other < 0) for one, other in pairwise(found))
    assert abs(edges - 100) <= 1


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 is no sample rate"):
        Resampler(0, 16_000)
