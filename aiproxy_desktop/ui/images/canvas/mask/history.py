"""What changes of a mask can be taken back: tiles as they were, packed small. Nothing of Qt."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from aiproxy_desktop.ui.images.canvas.mask.buffer import Box, MaskBuffer

TILE: Final = 256
_MOST_STEPS: Final = 200
_MOST_BYTES: Final = 160 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """A tile's bytes, compressed."""

    size: tuple[int, int]
    data: bytes


Content = Image.Image | Packed | int  # as it is; packed; one value everywhere
Key = tuple[int, int]  # column, row


@dataclass(slots=True, eq=False)
class Step:
    """A change: the tiles it touched, as they are on the other side of it."""

    tiles: dict[Key, Content] = field(default_factory=dict)
    inverts: bool = False

    @property
    def raw(self) -> bool:
        """Whether any of it is not packed."""
        return any(isinstance(content, Image.Image) for content in self.tiles.values())

    @property
    def packed(self) -> bool:
        """Whether any of it is packed."""
        return any(isinstance(content, Packed) for content in self.tiles.values())

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        return sum(_cost(content) for content in self.tiles.values())

    def pack(self) -> None:
        """Make it small. May run on a thread: each tile is replaced by its equal."""
        for key, content in list(self.tiles.items()):
            if isinstance(content, Image.Image):
                self.tiles[key] = _packed(content)

    def unpack(self) -> None:
        """Make it quick to use. May run on a thread, as `pack`."""
        for key, content in list(self.tiles.items()):
            if isinstance(content, Packed):
                self.tiles[key] = _unpacked(content)


class History:
    """Steps back and steps forward again; the oldest are let go where they would cost too much."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._open: Step | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return bool(self._undone)

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        return sum(step.cost for step in (*self._done, *self._undone))

    @property
    def neighbours(self) -> list[Step]:
        """What undo and redo would take next."""
        return [*self._done[-1:], *self._undone[-1:]]

    @property
    def others(self) -> list[Step]:
        """What they would not take next."""
        return [*self._done[:-1], *self._undone[:-1]]

    def begin(self) -> None:
        """A change begins."""
        self._open = Step()

    def touch(self, mask: MaskBuffer, box: Box) -> None:
        """Keep what lies in `box` before it is changed, as far as the open change has not kept it."""
        assert self._open is not None
        tiles = self._open.tiles
        for key in _keys(box):
            if key not in tiles:
                tiles[key] = mask.image.crop(_box(key, mask))

    def end(self, mask: MaskBuffer) -> bool:
        """The change is complete: what it left as it was is forgotten. False if it changed nothing."""
        step, self._open = self._open, None
        if step is None:
            return False
        for key, before in list(step.tiles.items()):
            assert isinstance(before, Image.Image)
            if mask.image.crop(_box(key, mask)).tobytes() == before.tobytes():
                del step.tiles[key]
        if step.tiles:
            self._add(step)
        return bool(step.tiles)

    def abandon(self, mask: MaskBuffer) -> Box | None:
        """Take the open change back; returns the box that changed."""
        step, self._open = self._open, None
        return None if step is None else self._put(mask, step)

    def add_inversion(self) -> None:
        """A change that is its own opposite needs no tiles."""
        self._add(Step(inverts=True))

    def undo(self, mask: MaskBuffer) -> Box | None:
        """One step back; returns the box that changed."""
        return self._move(mask, self._done, self._undone)

    def redo(self, mask: MaskBuffer) -> Box | None:
        """One step forward; returns the box that changed."""
        return self._move(mask, self._undone, self._done)

    def _add(self, step: Step) -> None:
        self._undone.clear()
        self._done.append(step)
        spare = _MOST_BYTES - self.cost
        while len(self._done) > 1 and (spare < 0 or len(self._done) > _MOST_STEPS):
            spare += self._done.pop(0).cost

    def _move(self, mask: MaskBuffer, source: list[Step], target: list[Step]) -> Box | None:
        if not source:
            return None
        step = source.pop()
        other = Step({key: mask.image.crop(_box(key, mask)) for key in step.tiles}, step.inverts)
        target.append(other)
        return self._put(mask, step)

    @staticmethod
    def _put(mask: MaskBuffer, step: Step) -> Box | None:
        if step.inverts:
            mask.invert()
            return mask.whole
        return mask.put_tiles([(_box(key, mask), _unpacked(content)) for key, content in step.tiles.items()])


def _keys(box: Box) -> Iterator[Key]:
    left, top, right, bottom = box
    for row in range(top // TILE, (bottom - 1) // TILE + 1):
        for column in range(left // TILE, (right - 1) // TILE + 1):
            yield (column, row)


def _box(key: Key, mask: MaskBuffer) -> Box:
    left, top = key[0] * TILE, key[1] * TILE
    return (left, top, min(left + TILE, mask.width), min(top + TILE, mask.height))


def _cost(content: Content) -> int:
    if isinstance(content, int):
        return 32
    return len(content.data) + 64 if isinstance(content, Packed) else content.width * content.height


def _packed(tile: Image.Image) -> Content:
    least, most = tile.getextrema()
    if least == most:
        return tile.getpixel((0, 0))  # type: ignore[return-value]  # of mode L: one number
    return Packed(tile.size, zlib.compress(tile.tobytes(), 1))


def _unpacked(content: Content) -> Image.Image | int:
    if isinstance(content, Packed):
        return Image.frombytes("L", content.size, zlib.decompress(content.data))
    return content
