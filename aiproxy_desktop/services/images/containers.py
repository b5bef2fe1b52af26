"""What an image file says before it is decoded, and the lean file that a decoder is given of it.

Decoders see only what pixels need. Texts, previews, further frames and what else may be hidden in a file are
left out before, so that nothing in them can cost memory or make a decoder complain.

Formats: PNG (w3.org/TR/png-3), JPEG (ITU-T T.81, Exif 2.32, ICC.1), GIF89a, TIFF 6.0.
"""

from __future__ import annotations

import bisect
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiproxy_desktop.services.image_metadata import exif_turn

_MOST_PROFILE = 8 * 1024 * 1024
# Scans of a progressive JPEG: each is a pass over all pixels; writers make a dozen.
_MOST_SCANS = 500
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Bytes at a time, where scans or rows are counted.
_COUNTED_STEP = 1 << 20
_PACKED_STEP, _UNPACKED_STEP = 1 << 16, 1 << 22
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ICC = b"ICC_PROFILE\0"
# TIFF fields that pixels depend on: TIFF 6.0 and its supplements, DNG's and Adobe's left out.
_TIFF_KEPT = frozenset(
    {
        *(254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320),
        *(322, 323, 324, 325, 332, 333, 338, 339, 347, 512, 513, 514, 529, 530, 531, 532, 34675),
    }
)
_TIFF_SINGLE = frozenset({254, 256, 257, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323, 332, 512})
_TIFF_PROFILE = 34675
_TIFF_TURN = 274  # done here, as for every format
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


class CutShort(ValueError):  # noqa: N818 - a finding, put into a sentence by whoever knows the file's name
    """The file ends before its picture does."""


@dataclass(frozen=True, slots=True)
class Container:
    """A file without all that a decoder does not need.

    `size` is in pixels as stored, before `turn` (Exif's orientation, 1 is upright); `deep` says that a
    channel has more than 8 bits, `frames` that there are more pictures than the first, `in_passes` that the
    picture comes coarse first (progressive, interlaced). `first_pass` is a file of the first pass alone.
    """

    size: tuple[int, int]
    parts: tuple[memoryview, ...]
    icc: bytes = b""
    turn: int = 1
    deep: bool = False
    frames: bool = False
    in_passes: bool = False
    first_pass: tuple[memoryview, ...] = ()


class PartsFile(io.RawIOBase):
    """Parts of memory as one file. `watched` is told, before each read, how much has been read so far."""

    def __init__(self, parts: tuple[memoryview, ...], watched: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._parts = parts
        self._starts = [0]
        for part in parts:
            self._starts.append(self._starts[-1] + len(part))
        self._at = 0
        self._watched = watched

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """As many bytes as are asked for, fewer at the end; all without a number."""
        if self._watched is not None:
            self._watched(self._at)
        left = self._starts[-1] - self._at
        wanted = left if size is None or size < 0 else min(size, left)
        found: list[memoryview] = []
        while wanted > 0:
            index = bisect.bisect_right(self._starts, self._at) - 1
            start = self._at - self._starts[index]
            piece = self._parts[index][start : start + wanted]
            found.append(piece)
            self._at += len(piece)
            wanted -= len(piece)
        return b"".join(found)


def as_it_is(data: bytes, size: tuple[int, int]) -> Container:
    """A file that a decoder is given whole."""
    return Container(size, (memoryview(data),))


def png(data: bytes) -> Container:
    """What a PNG says.

    Raises:
        ValueError, struct.error, IndexError: it is damaged; CutShort: its end is missing.
    """
    view = memoryview(data)
    kept = [view[:8]]
    icc, turn, frames = b"", 1, False
    for kind, body, chunk in _png_chunks(view):
        if kind in _PNG_KEPT:
            kept.append(chunk)
        elif kind == b"iCCP":
            icc = _png_profile(bytes(body))
        elif kind == b"eXIf":
            turn = exif_turn(bytes(body))
        elif kind == b"acTL":
            frames = bytes(body[:4]) != b"\0\0\0\1"
    width, height, depth, _colour, _, _, passes = struct.unpack_from(">IIBBBBB", data, 16)
    return Container(
        (width, height), tuple(kept), icc, turn, deep=depth == 16, frames=frames, in_passes=bool(passes)
    )


def _png_chunks(view: memoryview) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    at = 8
    if bytes(view[12:16]) != b"IHDR":
        raise ValueError("no header")
    while True:
        if at + 12 > len(view):
            raise CutShort
        (length,) = struct.unpack_from(">I", view, at)
        kind, end = bytes(view[at + 4 : at + 8]), at + 12 + length
        if end > len(view):
            raise CutShort
        yield kind, view[at + 8 : end - 4], view[at:end]
        if kind == b"IEND":
            return
        at = end


def _png_profile(body: bytes) -> bytes:
    """The profile in an iCCP chunk; none where it is damaged, or larger than any that means colours."""
    packed = body[body.index(b"\0") + 2 :]
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed, _MOST_PROFILE)
    except zlib.error:
        return b""
    return b"" if unpacking.unconsumed_tail else profile


def check_rows(container: Container) -> None:
    """Count the rows of a PNG.

    Raises:
        CutShort: there are fewer than its header says.
        zlib.error: they are damaged.
    """
    head = bytes(container.parts[1])
    depth, colour = head[16], head[17]
    if container.in_passes:
        return
    bits = container.size[0] * depth * _PNG_CHANNELS.get(colour, 1)
    wanted = container.size[1] * (1 + (bits + 7) // 8)
    unpacking = zlib.decompressobj()
    for part in container.parts[1:]:
        if bytes(part[4:8]) != b"IDAT":
            continue
        packed = part[8:-4]
        for at in range(0, len(packed), _PACKED_STEP):
            piece: bytes | memoryview = packed[at : at + _PACKED_STEP]
            while piece and wanted > 0:
                wanted -= len(unpacking.decompress(piece, _UNPACKED_STEP))
                piece = unpacking.unconsumed_tail
    if wanted > 0:
        raise CutShort


def jpeg(data: bytes) -> Container:
    """What a JPEG says.

    Raises:
        ValueError, struct.error, IndexError: it is damaged; CutShort: its end is missing.
    """
    view = memoryview(data)
    kept = [view[:2]]
    size: tuple[int, int] | None = None
    turn, deep, passes, at = 1, False, False, 2
    profile: dict[int, bytes] = {}
    for marker, start, end in _jpeg_segments(view):
        body = view[start + 4 : end]
        if marker in _JPEG_FRAMES:
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
        size, (*kept, view[at:]), icc[:_MOST_PROFILE], turn, deep=deep, in_passes=passes, first_pass=first
    )


def _jpeg_segments(view: memoryview) -> Iterator[tuple[int, int, int]]:
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


def gif(data: bytes) -> Container:
    """What a GIF says: its first picture, and whether there are more.

    Raises:
        ValueError, struct.error, IndexError: it is damaged or cut short.
    """
    view = memoryview(data)
    width, height = struct.unpack_from("<HH", data, 6)
    at = 13 + _gif_colours(data[10])
    kept = [view[:at]]
    first = 0
    while at < len(data) and data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            if first:
                return Container((width, height), (*kept, memoryview(b";")), frames=True)
            left, top, across, down = struct.unpack_from("<HHHH", data, at + 1)
            width, height = max(width, left + across), max(height, top + down)
            at = _gif_blocks_end(data, at + 10 + _gif_colours(data[at + 9]) + 1)
            first = at
        elif data[at] == 0x21:
            at = _gif_blocks_end(data, at + 2)
        else:
            raise ValueError("no block")
        # Of extensions only the one that tells which colour is see-through.
        if data[start] == 0x2C or data[start + 1] == 0xF9:
            kept.append(view[start:at])
    if not first:
        raise CutShort
    return Container((width, height), (*kept, memoryview(b";")))


def _gif_colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks_end(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise CutShort
    return at + 1


def tiff(data: bytes) -> Container:
    """What a TIFF says of its first picture: only the fields that pixels depend on are kept.

    Raises:
        ValueError, struct.error, IndexError: it is damaged or cut short.
    """
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    entries: list[bytes] = []
    values: dict[int, int] = {}
    turn, room = 1, len(data) - start
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, number, value = struct.unpack_from(f"{order}HHII", data, at)
        if tag == _TIFF_TURN:
            (turn,) = struct.unpack_from(f"{order}H", data, at + 8)
        if tag not in _TIFF_KEPT or kind not in _TIFF_SIZES:
            continue
        length = number * _TIFF_SIZES[kind]
        if length > 4:
            room -= length
            if value + length > len(data) or room < 0:
                raise CutShort
        if (number != 1 and tag in _TIFF_SINGLE) or (tag == _TIFF_PROFILE and kind not in {1, 7}):
            raise ValueError("a field of another kind")
        if number:
            values[tag] = value if kind != 3 else struct.unpack_from(f"{order}H", data, at + 8)[0]
            entries.append(data[at : at + 12])
    (following,) = struct.unpack_from(f"{order}I", data, start + 2 + 12 * count)
    directory = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)
    view = memoryview(data)
    lean = (view[:start], memoryview(directory), view[start + len(directory) :])
    return Container(
        (values.get(256, 0), values.get(257, 0)),
        lean,
        turn=turn if 1 <= turn <= 8 else 1,
        frames=following != 0,
    )
