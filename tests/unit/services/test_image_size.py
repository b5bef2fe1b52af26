from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.image_size import image_size

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc4\x00\x03c\xff\xc2\x00\x11\x08"
    + struct.pack(">HH", 480, 640)
    + b"\x03"
)
LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14)
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize("data", [PNG, GIF, JPEG, LOSSY, LOSSLESS, EXTENDED])
def test_the_size_stands_in_the_first_bytes(data: bytes) -> None:
    assert image_size(data) == (640, 480)


@pytest.mark.parametrize("data", [b"", b"%PDF", PNG[:20], JPEG[:14], LOSSLESS[:22], b"\xff\xd8", GIF[:7]])
def test_what_does_not_tell_tells_nothing(data: bytes) -> None:
    assert image_size(data) is None


@given(st.sampled_from([PNG, GIF, JPEG[:2], LOSSY[:16], b""]), st.binary(max_size=64))
def test_no_bytes_raise(start: bytes, rest: bytes) -> None:
    size = image_size(start + rest)
    assert size is None or min(size) > 0
