"""How long a sound or a film is, where its header says so cheaply. Bytes in, seconds out.

Formats: WAVE (RIFF), MP4 and QuickTime (ISO/IEC 14496-12), MPEG audio (ISO/IEC 11172-3, with the Xing header
that encoders put into the first frame), FLAC (RFC 9639).
"""

from __future__ import annotations

import struct
from collections.abc import Callable

# No file of ours is longer: what says so is mistaken, or lies.
_LONGEST = 7 * 24 * 3600.0
_MOST_BOXES = 1000

_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, MPEG 1 layer 3
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # MPEG 2 and 2.5 layer 3
_RATES = (44100, 48000, 32000)


def seconds_of(data: bytes, mime: str) -> float | None:
    """The length of a sound or a film in seconds; None where it is not told, or not believable."""
    read = _READERS.get(mime)
    if read is None:
        return None
    try:
        found = read(data)
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    return found if found is not None and 0 < found <= _LONGEST else None


def _wave(data: bytes) -> float | None:
    at, rate = 12, 0
    for _ in range(_MOST_BOXES):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"fmt ":
            (rate,) = struct.unpack_from("<I", data, at + 16)
        elif kind == b"data":
            # Recorders that stream write no size, or the largest.
            return min(size or len(data), len(data) - at - 8) / rate
        at += 8 + size + size % 2
    return None


def _iso(data: bytes) -> float | None:
    movie = _box(data, b"moov", 0, len(data))
    header = movie and _box(data, b"mvhd", *movie)
    if not header:
        return None
    at = header[0]
    if data[at] == 1:
        scale, length = struct.unpack_from(">IQ", data, at + 20)
    else:
        scale, length = struct.unpack_from(">II", data, at + 12)
    return float(length) / float(scale)


def _box(data: bytes, wanted: bytes, at: int, stop: int) -> tuple[int, int] | None:
    """Where the content of a box begins and ends, among those that follow one another."""
    for _ in range(_MOST_BOXES):
        if at + 8 > stop:
            return None
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        end = stop if size == 0 else at + size
        if size and size < head:
            return None
        if kind == wanted:
            return at + head, min(end, stop)
        at = end
    return None


def _mpeg(data: bytes) -> float | None:
    start = 0
    if data.startswith(b"ID3"):
        size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        start = 10 + size
    at = data.find(b"\xff", start, start + 65536)
    while at >= 0 and data[at + 1] & 0xE6 != 0xE2:  # the sync word, and layer 3
        at = data.find(b"\xff", at + 1, start + 65536)
    if at < 0:
        return None
    first = data[at + 1] >> 3 & 3 == 3
    bitrate = (_BITRATES_1 if first else _BITRATES_2)[data[at + 2] >> 4]
    rate = _RATES[data[at + 2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}.get(data[at + 1] >> 3 & 3, 1)
    xing = max(data.find(b"Xing", at, at + 64), data.find(b"Info", at, at + 64))
    if xing > 0 and data[xing + 7] & 1:
        (frames,) = struct.unpack_from(">I", data, xing + 8)
        return float(frames) * (1152 if first else 576) / rate
    return (len(data) - at) * 8 / (bitrate * 1000)


def _flac(data: bytes) -> float | None:
    bits = int.from_bytes(data[18:26])
    return (bits & (1 << 36) - 1) / (bits >> 44)


_READERS: dict[str, Callable[[bytes], float | None]] = {
    "audio/wav": _wave,
    "audio/mp4": _iso,
    "video/mp4": _iso,
    "video/quicktime": _iso,
    "video/3gpp": _iso,
    "audio/mpeg": _mpeg,
    "audio/flac": _flac,
}
