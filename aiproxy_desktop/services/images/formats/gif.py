"""GIF89a."""

from __future__ import annotations

import struct

from aiproxy_desktop.services.images.formats.container import Container, CutShort


def read(data: bytes) -> Container:
    """What a GIF says: its first picture, and whether there are more.

    Raises:
        ValueError, struct.error, IndexError: it is damaged or cut short.
    """
    view = memoryview(data)
    width, height = struct.unpack_from("<HH", data, 6)
    at = 13 + _colours(data[10])
    kept = [view[:at]]
    first = 0
    while at < len(data) and data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            if first:
                return Container((width, height), (*kept, memoryview(b";")), frames=True)
            left, top, across, down = struct.unpack_from("<HHHH", data, at + 1)
            width, height = max(width, left + across), max(height, top + down)
            at = _blocks_end(data, at + 10 + _colours(data[at + 9]) + 1)
            first = at
        elif data[at] == 0x21:
            at = _blocks_end(data, at + 2)
        else:
            raise ValueError("no block")
        # Of extensions only the one that tells which colour is see-through.
        if data[start] == 0x2C or data[start + 1] == 0xF9:
            kept.append(view[start:at])
    if not first:
        raise CutShort
    return Container((width, height), (*kept, memoryview(b";")))


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise CutShort
    return at + 1
