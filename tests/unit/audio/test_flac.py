"""Our FLAC files, as another reader sees them."""

from __future__ import annotations

import hashlib
import io
import random
from array import array

import miniaudio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.audio.flac import BLOCK, FlacWriter, frame
from aiproxy_desktop.audio.sound_file import encoded
from tests.unit.audio.sounds import tone

SAMPLE = st.integers(-32768, 32767)


def read(data: bytes) -> bytes:
    return bytes(miniaudio.flac_read_s16(data).samples.tobytes())


@given(
    st.lists(st.one_of(SAMPLE, st.sampled_from([-32768, 32767, 0])), min_size=1, max_size=700),
    st.sampled_from([8_000, 24_000, 48_000, 11_025]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read(samples: list[int], rate: int) -> None:
    pcm = array("h", samples).tobytes()
    data = encoded(pcm, rate, "flac")
    assert read(data) == pcm
    info = miniaudio.flac_get_info(data)
    assert (info.sample_rate, info.num_frames) == (rate, len(samples))
    assert data[26:42] == hashlib.md5(pcm).digest()


@pytest.mark.parametrize(
    ("pcm", "share"),
    [
        pytest.param(tone(440, 1, 24_000), 0.45, id="a tone"),
        pytest.param(bytes(2 * 24_000), 0.01, id="silence"),
        pytest.param(random.Random(1).randbytes(2 * 24_000), 1.01, id="noise"),
        pytest.param(array("h", [-32768, 32767] * 12_000).tobytes(), 1.01, id="the loudest there is"),
    ],
)
def test_it_is_as_small_as_it_should_be(pcm: bytes, share: float) -> None:
    data = encoded(pcm, 24_000, "flac")
    assert read(data) == pcm
    assert len(data) <= share * len(pcm) + 100


def test_two_sides_stay_apart_and_a_file_that_is_cut_off_is_one() -> None:
    left, right = (array("h", tone(pitch, 2, 24_000)) for pitch in (300, 500))
    file = io.BytesIO()
    writer = FlacWriter(file, 24_000, 2)
    for at in range(0, len(left), 480):
        writer.write([left[at : at + 480], right[at : at + 480]])
    cut_off = file.getvalue()
    writer.finish()

    whole = array("h", read(file.getvalue()))
    assert (whole[0::2], whole[1::2]) == (left, right)
    before = array("h", read(cut_off))
    blocks = len(left) // BLOCK * BLOCK
    assert (before[0::2], before[1::2]) == (left[:blocks], right[:blocks])
    # Half a frame at its end: the frames before it are there all the same.
    assert array("h", read(cut_off[:-100])) == before[: -2 * BLOCK]


@pytest.mark.parametrize(
    "number", [0, 127, 128, 2047, 2048, 65535, 65536, 2**21 - 1, 2**21, 2**26, 2**31 - 1]
)
def test_a_frame_says_its_number_as_utf_8_does(number: int) -> None:
    data = frame([array("h", [7] * BLOCK)], number, 24_000)
    if number < 0x10FFFF and not 0xD800 <= number < 0xE000:
        assert data[4:].startswith(chr(number).encode())
    # The head ends in its checksum, which makes that of all of it 0.
    value = 0
    for byte in data[: _head_length(data)]:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x107) if value & 0x80 else value << 1
    assert value == 0


def _head_length(data: bytes) -> int:
    ones = f"{data[4]:08b}".index("0")
    return 4 + max(1, ones) + 1
