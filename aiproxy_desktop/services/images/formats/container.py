"""An image file without all that its decoder does not need.

Decoders see only what pixels need. Texts, previews, further frames and what else may be hidden in a file are
left out before, so that nothing in them can cost memory or make a decoder complain.
"""

from __future__ import annotations

import bisect
import io
from collections.abc import Callable
from dataclasses import dataclass

MOST_PROFILE = 8 * 1024 * 1024


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
