"""JPEG (ITU-T T.81, Exif 2.32, ICC.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from aiproxy_desktop.services.image_metadata import exif_turn
from aiproxy_desktop.services.images.formats.container import MOST_PROFILE, Container, CutShort

# Scans of a progressive JPEG: each is a pass over all pixels; writers make a dozen.
_MOST_SCANS = 500
# Bytes at a time, where scans are counted.
_COUNTED_STEP = 1 << 20
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ICC = b"ICC_PROFILE\0"


def read(data: bytes) -> Container:
    """What a JPEG says.

    Raises:
        ValueError, struct.error, IndexError: it is damaged; CutShort: its end is missing.
    """
    view = memoryview(data)
    kept = [view[:2]]
    size: tuple[int, int] | None = None
    turn, deep, passes, at = 1, False, False, 2
    profile: dict[int, bytes] = {}
    for marker, start, end in _segments(view):
        body = view[start + 4 : end]
        if marker in _FRAMES:
            precision, height, width = struct.unpack_from(">BHH", body)
            size, deep, passes = (width, height), precision > 8, marker == 0xC2
        if marker == 0xE1 and bytes(body[:6]) == b"Exif\0\0":
            turn = exif_turn(bytes(body[6:]))
        elif marker == 0xE2 and bytes(body[:12]) == _ICC and len(body) > 14:
            profile[body[12]] = bytes(body[14:])
        if _decodes(marker, body):
            kept.append(view[start:end])
        at = end
    if size is None:
        raise ValueError("no frame")
    first: tuple[memoryview, ...] = ()
    if passes:
        _check_scans(data, at)
        stop = _end_of_scan(data, at)
        first = (*kept, view[at:stop], memoryview(b"\xff\xd9"))
    icc = b"".join(profile[number] for number in sorted(profile))
    return Container(
        size, (*kept, view[at:]), icc[:MOST_PROFILE], turn, deep=deep, in_passes=passes, first_pass=first
    )


def _segments(view: memoryview) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of all that stands before the pixels."""
    at = 2
    while True:
        if at + 4 > len(view):
            raise CutShort
        if view[at] != 0xFF:
            raise ValueError("no marker")
        marker = view[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker == 0xDA:
            return
        (length,) = struct.unpack_from(">H", view, at + 2)
        if length < 2:
            raise ValueError("a segment without a length")
        if at + 2 + length > len(view):
            raise CutShort
        yield marker, at, at + 2 + length
        at += 2 + length


def _decodes(marker: int, body: memoryview) -> bool:
    """Whether a decoder needs a segment: tables and frames, and of the applications' JFIF's and Adobe's."""
    if marker == 0xE0:
        return bytes(body[:5]) == b"JFIF\0"
    return marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _check_scans(data: bytes, at: int) -> None:
    scans = 0
    for start in range(at, len(data), _COUNTED_STEP):
        # One byte more: a mark may lie across.
        scans += data.count(b"\xff\xda", start, start + _COUNTED_STEP + 1)
    if scans > _MOST_SCANS:
        raise ValueError("too many scans")


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the scan ends that begins `at`."""
    (length,) = struct.unpack_from(">H", data, at + 2)
    at += 2 + length
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] and data[at + 1] != 0xFF and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 1
