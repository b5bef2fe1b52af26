"""Where an answer that broke off goes on: models like to begin a little before. No Qt."""

from __future__ import annotations

# Characters. A repetition is looked for within these; what is longer is said again on purpose.
MOST = 400
# A shorter one is only a repetition when it is the whole last word.
_PLAIN = 8


class Seam:
    """Takes the beginning of what comes next, and gives it back without what was said already."""

    def __init__(self, so_far: str) -> None:
        """Begin.

        Args:
            so_far: the text that the answer goes on from.
        """
        self._tail = so_far[-MOST:]
        self._held = ""
        self._open = bool(so_far)

    def feed(self, text: str) -> str:
        """More text; what of it, and of what was held back, is new. Empty while that cannot be told."""
        if not self._open:
            return text
        self._held += text
        open_ends = [start for start in range(len(self._tail)) if self._may_repeat(start)]
        if open_ends and len(self._tail) - open_ends[0] > len(self._held):
            return ""
        return self.finish()

    def finish(self) -> str:
        """What is still held back, where no more comes or all is told."""
        held, self._held, self._open = self._held, "", False
        for start in range(len(self._tail)):
            repeated = self._tail[start:]
            if held.startswith(repeated) and self._is_repetition(start, repeated):
                return held[len(repeated) :]
        return held

    def _may_repeat(self, start: int) -> bool:
        return self._tail.startswith(self._held[: len(self._tail) - start], start)

    def _is_repetition(self, start: int, repeated: str) -> bool:
        if len(repeated) >= _PLAIN:
            return True
        begins_word = start == 0 or not self._tail[start - 1].isalnum()
        return begins_word and len(repeated) > 1 and repeated.isalnum()
