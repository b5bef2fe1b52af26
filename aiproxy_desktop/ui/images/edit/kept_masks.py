"""The masks of pictures one comes back to."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeAlias

from PySide6.QtGui import QImage

# A chain of versions and the size of one: a mask is for all of the chain that are so large.
Key: TypeAlias = tuple[str, int, int]

_MOST_BYTES = 128 * 1024 * 1024


class KeptMasks:
    """Masks by what they are for, the last of them, bounded by bytes."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[Key, QImage] = OrderedDict()

    def keep(self, key: Key, mask: QImage | None) -> None:
        """Keep one in place of the former; None: there is none any more."""
        self._held.pop(key, None)
        if mask is not None:
            self._held[key] = mask
        while sum(one.sizeInBytes() for one in self._held.values()) > self._most_bytes:
            self._held.popitem(last=False)

    def take(self, key: Key) -> QImage | None:
        """The one that was kept; it is the caller's then."""
        return self._held.pop(key, None)
