"""Decoded pixels at hand: those looked at last, bounded by bytes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aiproxy_desktop.services.images.picture import Picture

# Pillow takes four bytes a pixel for colours, with or without alpha.
_BYTES_A_PIXEL = 4

# A picture of 50 megapixels and a few of the usual size.
_MOST_BYTES = 256 * 1024 * 1024


class PictureShelf:
    """Pictures by a key. One that is being made is made once, for however many wait."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[str, Picture] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def held_bytes(self) -> int:
        """How much memory the pictures take."""
        return sum(map(_bytes_of, self._held.values()))

    def put(self, key: str, picture: Picture) -> None:
        """Have one at hand. The newest is always held, however large."""
        self._held[key] = picture
        self._held.move_to_end(key)
        while len(self._held) > 1 and self.held_bytes > self._most_bytes:
            self._held.popitem(last=False)

    async def get(self, key: str, make: Callable[[], Awaitable[Picture]]) -> Picture:
        """The picture of a key, made by `make` where it is not at hand.

        Raises:
            AIProxyError: what `make` raises.
        """
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if key not in self._held:
                    self.put(key, await make())
                self._held.move_to_end(key)
                return self._held[key]
        finally:
            if not lock.locked():
                self._locks.pop(key, None)


def _bytes_of(picture: Picture) -> int:
    width, height = picture.size
    return width * height * _BYTES_A_PIXEL
