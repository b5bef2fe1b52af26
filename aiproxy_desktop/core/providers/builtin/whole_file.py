"""Whether a GGUF file has its end: one that was copied or downloaded in part has a head like any other."""

from __future__ import annotations

import struct
from pathlib import Path

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import MAGIC

# The head of the largest models, with vocabulary and the list of tensors, takes a fifth of this.
_WITHIN = 64 * 1024 * 1024
_MOST_DIMENSIONS = 8
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9


def check_whole(path: Path, shown: str) -> None:
    """Refuse a file that ends before its last tensor begins. Reads the disk: call it on a thread.

    Args:
        path: a GGUF file.
        shown: how to call it.

    Raises:
        LocalModelError: it was cut off.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_WITHIN)
    size = path.stat().st_size
    try:
        least = _least_size(head)
    except (struct.error, OverflowError):
        # Past the end of what was read: of the file itself, or of a head larger than any.
        least = size + 1 if len(head) == size else 0
    if size < least:
        raise LocalModelError(
            f"{shown} is not whole: it ends before its last part",
            "Copy or download it again.",
            detail=f"{size} bytes of at least {least}",
        )


def _least_size(head: bytes) -> int:
    """Bytes up to where the last tensor begins; 0 where that cannot be told.

    Raises:
        struct.error: the head ends before it should.
    """
    tensors, pairs = struct.unpack_from("<QQ", head, 8)
    if not head.startswith(MAGIC) or not tensors:
        return 0
    place = 24
    for _ in range(min(pairs, len(head))):
        place = _after_string(head, place)
        (kind,) = struct.unpack_from("<I", head, place)
        place = _after_value(head, place + 4, kind)
    furthest = 0
    for _ in range(min(tensors, len(head))):
        place = _after_string(head, place)
        (dimensions,) = struct.unpack_from("<I", head, place)
        if dimensions > _MOST_DIMENSIONS:
            return 0
        place += 4 + 8 * dimensions + 4
        furthest = max(furthest, *struct.unpack_from("<Q", head, place))
        place += 8
    return place + furthest + 1


def _after_string(head: bytes, place: int) -> int:
    (length,) = struct.unpack_from("<Q", head, place)
    return place + 8 + int(length)


def _after_value(head: bytes, place: int, kind: int) -> int:
    if kind == _STRING:
        return _after_string(head, place)
    if kind != _ARRAY:
        return place + _WIDTHS.get(kind, len(head))
    inner, count = struct.unpack_from("<IQ", head, place)
    place += 12
    if inner != _STRING:
        return place + int(count) * _WIDTHS.get(inner, len(head))
    for _ in range(min(count, len(head))):
        place = _after_string(head, place)
    return place
