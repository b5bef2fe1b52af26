"""PNG (w3.org/TR/png-3)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from aiproxy_desktop.services.image_metadata import exif_turn
from aiproxy_desktop.services.images.formats.container import MOST_PROFILE, Container, CutShort

_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Bytes at a time, where rows are counted.
_PACKED_STEP, _UNPACKED_STEP = 1 << 16, 1 << 22


def read(data: bytes) -> Container:
    """What a PNG says.

    Raises:
        ValueError, struct.error, IndexError: it is damaged; CutShort: its end is missing.
    """
    view = memoryview(data)
    kept = [view[:8]]
    icc, turn, frames = b"", 1, False
    for kind, body, chunk in _chunks(view):
        if kind in _KEPT:
            kept.append(chunk)
        elif kind == b"iCCP":
            icc = _profile(bytes(body))
        elif kind == b"eXIf":
            turn = exif_turn(bytes(body))
        elif kind == b"acTL":
            frames = bytes(body[:4]) != b"\0\0\0\1"
    width, height, depth, _colour, _, _, passes = struct.unpack_from(">IIBBBBB", data, 16)
    return Container(
        (width, height), tuple(kept), icc, turn, deep=depth == 16, frames=frames, in_passes=bool(passes)
    )


def _chunks(view: memoryview) -> Iterator[tuple[bytes, memoryview, memoryview]]:
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


def _profile(body: bytes) -> bytes:
    """The profile in an iCCP chunk; none where it is damaged, or larger than any that means colours."""
    packed = body[body.index(b"\0") + 2 :]
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed, MOST_PROFILE)
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
    bits = container.size[0] * depth * _CHANNELS.get(colour, 1)
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
