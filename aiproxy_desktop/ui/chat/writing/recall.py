"""Going back through what was asked before, as a shell does. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence


class Recall:
    """Where someone is among their former messages.

    Each step returns the text to show, or None where there is nothing further that way.
    """

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()
        self._place = -1
        self._draft = ""

    @property
    def active(self) -> bool:
        """Whether a former message is shown."""
        return self._place >= 0

    def begin(self, texts: Sequence[str], draft: str) -> str | None:
        """Show the last former message.

        Args:
            texts: the former messages, the newest first; repeated ones count once.
            draft: what comes back at the end.
        """
        self._texts = tuple(dict.fromkeys(texts))
        self._draft = draft
        self._place = -1
        return self.older()

    def older(self) -> str | None:
        """Show the one before."""
        if self._place + 1 >= len(self._texts):
            return None
        self._place += 1
        return self._texts[self._place]

    def newer(self) -> str | None:
        """Show the one after, in the end the draft."""
        if self._place < 0:
            return None
        self._place -= 1
        return self._texts[self._place] if self._place >= 0 else self._draft

    def leave(self) -> str | None:
        """Show the draft again."""
        if not self.active:
            return None
        self._place = -1
        return self._draft

    def forget(self) -> None:
        """The person goes on from what is shown: it is the draft now."""
        self._place = -1
