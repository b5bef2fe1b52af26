"""Sound files of all kinds, and what is none."""

from __future__ import annotations

import io
import random
import struct
import subprocess
from array import array
from pathlib import Path

import pytest

from aiproxy_desktop.audio.flac import FlacWriter
from aiproxy_desktop.audio.sound_file import Sound, decoded, encoded
from aiproxy_desktop.audio.wav import WavWriter
from aiproxy_desktop.core.errors import MediaError
from tests.unit.audio.sounds import strength, tone, wav

PITCH = 440


def of_width(width: int) -> bytes:
    samples = array("h", tone(PITCH, 0.5, 16_000))
    if width == 1:
        return bytes((sample >> 8) + 128 for sample in samples)
    return b"".join((sample << 8 * (width - 2)).to_bytes(width, "little", signed=True) for sample in samples)


def of_floats(rate: int) -> bytes:
    body = struct.pack(f"<{rate}f", *(sample / 32768 for sample in array("h", tone(PITCH, 1, rate))))
    form = struct.pack("<HHIIHH", 3, 1, rate, rate * 4, 4, 32)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(head) + len(body)) + head + body


def in_stereo() -> bytes:
    left = array("h", tone(PITCH, 0.5, 44_100))
    frames = array("h", bytes(4 * len(left)))
    frames[0::2] = frames[1::2] = left
    return wav(frames.tobytes(), 44_100, channels=2)


@pytest.mark.parametrize(
    "data",
    [
        *(
            pytest.param(wav(of_width(width), 16_000, width=width), id=f"{width * 8} bits")
            for width in (1, 2, 3, 4)
        ),
        *(
            pytest.param(wav(tone(PITCH, 0.5, rate), rate), id=f"{rate} Hz")
            for rate in (8_000, 11_025, 22_050, 44_100, 44_056, 48_000, 96_000, 192_000)
        ),
        pytest.param(of_floats(48_000), id="floats"),
        pytest.param(in_stereo(), id="stereo"),
        pytest.param(encoded(tone(PITCH, 0.5, 24_000), 24_000, "flac"), id="FLAC"),
    ],
)
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_any_sound_file_is_read(data: bytes, rate: int) -> None:
    sound = decoded(data, "question").at(rate)
    assert sound.rate == rate
    assert sound.seconds == pytest.approx(1.0 if b"WAVEfmt \x10\0\0\0\3" in data else 0.5, abs=0.01)
    assert strength(sound.pcm[2000:-2000], PITCH, rate) == pytest.approx(0.5, abs=0.02)


def test_what_folds_back_is_left_out() -> None:
    sound = decoded(wav(tone(11_000, 0.5, 48_000), 48_000), "question").at(16_000)
    assert strength(sound.pcm, 5_000, 16_000) < 0.001


@pytest.mark.parametrize("writer", [WavWriter, FlacWriter])
def test_a_file_that_was_cut_off_is_read(writer: type[WavWriter | FlacWriter]) -> None:
    file = io.BytesIO()
    growing = writer(file, 24_000, 1)
    for _ in range(7):
        growing.write([array("h", tone(PITCH, 1, 24_000))])
    assert decoded(file.getvalue()[:-11], "question").seconds > 4.5


def test_a_file_out_of_a_pipe_is_read() -> None:
    data = bytearray(wav(tone(PITCH, 1, 16_000), 16_000))
    for place in (4, 40):  # whoever wrote it did not know how long it would become
        data[place : place + 4] = b"\xff\xff\xff\xff"
    assert decoded(bytes(data), "question").seconds == 1


def test_mp3_is_read() -> None:
    # Layer III, 128 kbit/s, 44.1 kHz, and nothing in it: silence.
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    sound = decoded(frame * 40, "question.mp3")
    assert sound.rate == 44_100
    assert sound.seconds == pytest.approx(40 * 1152 / 44_100, abs=0.1)


def test_ogg_vorbis_is_read(tmp_path: Path) -> None:
    path = tmp_path / "question.ogg"
    subprocess.run(
        ["sox", "-n", "-r", "44100", "-c", "2", str(path), *["synth", "1", "sine", "440"]], check=True
    )
    sound = decoded(path.read_bytes(), path.name).at(16_000)
    assert strength(sound.pcm, PITCH, 16_000) > 0.4


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"What time is it?\n" * 1000, "is no sound file", id="text"),
        pytest.param(
            b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(100_000), "is no sound file", id="picture"
        ),
        pytest.param(random.Random(2).randbytes(100_000), "is no sound file", id="noise"),
        pytest.param(b"RIFF\xff\xff\xff\x7fWAVE", "is no sound file", id="a head without a body"),
        pytest.param(b"", "is no sound file", id="nothing"),
        pytest.param(wav(b"", 16_000), "holds no sound", id="no samples"),
        pytest.param(encoded(b"", 16_000, "flac"), "holds no sound", id="FLAC without samples"),
        pytest.param(wav(bytes(20 * 16_000), 16_000), "is longer than 9 seconds", id="too long"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(MediaError, match=said) as caught:
        decoded(data, "question.wav", most_seconds=9)
    assert "question.wav" in caught.value.title
    assert caught.value.advice


def test_a_small_file_of_endless_silence_is_not_unpacked() -> None:
    file = io.BytesIO()
    growing = FlacWriter(file, 8_000, 1)
    for _ in range(60):
        growing.write([array("h", bytes(16_000))])
    # It never ends, so that its head says nothing of its length.
    with pytest.raises(MediaError, match="longer than 30 seconds"):
        decoded(file.getvalue(), "silence.flac", most_seconds=30)


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_answers_are_whole_files(form: str, tmp_path: Path) -> None:
    pcm = tone(PITCH, 1, 24_000)
    assert decoded(encoded(pcm, 24_000, "wav" if form == "wav" else "flac"), "answer") == Sound(pcm, 24_000)
