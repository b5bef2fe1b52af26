"""Width and height of an image, from its first bytes alone. No Qt, nothing decoded."""

from __future__ import annotations

import struct

# Frames of a JPEG that tell its size (ITU-T T.81, table B.1); the others in that range are tables.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(data: bytes) -> tuple[int, int] | None:
    """Pixels, (width, height), of a PNG, GIF, JPEG or WebP; None where the bytes do not tell."""
    try:
        size = _size(data)
    except (struct.error, IndexError):
        return None  # cut short
    return size if size is not None and min(size) > 0 else None


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return _pair(">II", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _pair("<HH", data, 6)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return _webp(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        mark = data[place + 1]
        if mark in _JPEG_FRAMES:
            height, width = _pair(">HH", data, place + 5)
            return width, height
        if mark == 0xFF:  # fill
            place += 1
        else:
            place += 2 + int(struct.unpack_from(">H", data, place + 2)[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = _pair("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int(struct.unpack_from("<I", data, 21)[0])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _pair(form: str, data: bytes, place: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, data, place)
    return int(first), int(second)
