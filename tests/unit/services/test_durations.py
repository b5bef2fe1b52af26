"""Lengths of sounds and films, from real headers and from broken ones."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.durations import seconds_of


def wav(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0\0\0" * int(8000 * seconds))
    return out.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(version: int, scale: int, length: int) -> bytes:
    times = struct.pack(">IIII", 0, 0, scale, length)
    if version:
        times = struct.pack(">QQIQ", 0, 0, scale, length)
    header = box(b"mvhd", bytes((version, 0, 0, 0)) + times)
    return box(b"ftyp", b"isom") + box(b"mdat", b"\0" * 50) + box(b"moov", header)


def mp3(frames: int | None) -> bytes:
    tag = b"ID3\4\0\0\0\0\0\x0a" + b"\0" * 10
    first = b"\xff\xfb\x90\x64"  # MPEG 1 layer 3, 128 kbit/s, 44.1 kHz
    if frames is None:
        return tag + first + b"\0" * (16_000 * 3 - 4)
    return tag + first + b"\0" * 32 + b"Xing" + struct.pack(">II", 1, frames) + b"\0" * 100


@pytest.mark.parametrize(
    ("data", "mime", "seconds"),
    [
        (wav(2.5), "audio/wav", 2.5),
        (mp4(0, 1000, 185_000), "video/mp4", 185.0),
        (mp4(1, 90_000, 900_000), "video/quicktime", 10.0),
        (mp3(None), "audio/mpeg", 3.0),
        (mp3(1000), "audio/mpeg", 26.1),
        (b"fLaC\0\0\0\x22" + b"\0" * 10 + ((48000 << 44) | 480_000).to_bytes(8), "audio/flac", 10.0),
    ],
)
def test_the_header_says_how_long_it_is(data: bytes, mime: str, seconds: float) -> None:
    assert seconds_of(data, mime) == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (wav(1)[:20], "audio/wav"),
        (mp4(0, 0, 5), "video/mp4"),
        (mp4(0, 1, 4_000_000_000), "video/mp4"),
        (box(b"ftyp", b"isom") + struct.pack(">I4s", 1, b"free") + b"\0" * 8, "video/mp4"),
        (b"ID3\4\0\0\x7f\x7f\x7f\x7f", "audio/mpeg"),
        (b"OggS", "audio/ogg"),
    ],
)
def test_what_is_not_told_or_not_believable_is_unknown(data: bytes, mime: str) -> None:
    assert seconds_of(data, mime) is None


@given(st.binary(max_size=400), st.sampled_from(["audio/wav", "video/mp4", "audio/mpeg", "audio/flac"]))
def test_no_bytes_break_it(data: bytes, mime: str) -> None:
    found = seconds_of(data, mime)
    assert found is None or found > 0
