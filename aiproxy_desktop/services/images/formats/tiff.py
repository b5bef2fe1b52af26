"""TIFF 6.0."""

from __future__ import annotations

import struct

from aiproxy_desktop.services.images.formats.container import Container, CutShort

# TIFF fields that pixels depend on: TIFF 6.0 and its supplements, DNG's and Adobe's left out.
_KEPT = frozenset(
    {
        *(254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320),
        *(322, 323, 324, 325, 332, 333, 338, 339, 347, 512, 513, 514, 529, 530, 531, 532, 34675),
    }
)
_SINGLE = frozenset({254, 256, 257, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323, 332, 512})
_PROFILE = 34675
_TURN = 274  # done here, as for every format
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


def read(data: bytes) -> Container:
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
        if tag == _TURN:
            (turn,) = struct.unpack_from(f"{order}H", data, at + 8)
        if tag not in _KEPT or kind not in _SIZES:
            continue
        length = number * _SIZES[kind]
        if length > 4:
            room -= length
            if value + length > len(data) or room < 0:
                raise CutShort
        if (number != 1 and tag in _SINGLE) or (tag == _PROFILE and kind not in {1, 7}):
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
