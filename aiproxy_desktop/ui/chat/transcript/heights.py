"""Heights stacked one below the other: where does the n-th begin, which one stands at y."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class HeightIndex:
    """A Fenwick tree over heights in whole pixels; operations are logarithmic in their number."""

    __slots__ = ("_sums", "_values")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._values = list(heights)
        self._sums: list[int] = []
        self._sum_up()

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    @property
    def total(self) -> int:
        """All of them together."""
        return self.top(len(self._values))

    def append(self, height: int) -> None:
        """Add one at the bottom."""
        position = len(self._values) + 1
        total, step = height, 1
        while step < position & -position:
            total += self._sums[position - step - 1]
            step <<= 1
        self._values.append(height)
        self._sums.append(total)

    def prepend(self, heights: Sequence[int]) -> None:
        """Add some above the first; linear in the number of all."""
        self._values[0:0] = heights
        self._sum_up()

    def _sum_up(self) -> None:
        self._sums = sums = self._values.copy()
        for position in range(1, len(sums) + 1):
            above = position + (position & -position)
            if above <= len(sums):
                sums[above - 1] += sums[position - 1]

    def truncate(self, count: int) -> None:
        """Keep the first `count`."""
        # A node sums only what stands at or before it, so cutting the end off is all there is to do.
        del self._values[count:]
        del self._sums[count:]

    def set(self, index: int, height: int) -> None:
        """Change one."""
        change = height - self._values[index]
        if not change:
            return
        self._values[index] = height
        position = index + 1
        while position <= len(self._sums):
            self._sums[position - 1] += change
            position += position & -position

    def top(self, index: int) -> int:
        """The sum of all before `index`."""
        total = 0
        while index:
            total += self._sums[index - 1]
            index &= index - 1
        return total

    def find(self, y: int) -> tuple[int, int]:
        """The one that holds `y` and the distance of `y` from its top; the nearest one when outside.

        Raises:
            IndexError: there is none at all.
        """
        if not self._values:
            raise IndexError("no heights")
        index, rest = 0, max(0, y)
        step = 1 << (len(self._sums).bit_length() - 1)
        while step:
            position = index + step
            if position <= len(self._sums) and self._sums[position - 1] <= rest:
                index = position
                rest -= self._sums[position - 1]
            step >>= 1
        if index == len(self._values):
            index -= 1
            rest += self._values[index]
        return index, rest
