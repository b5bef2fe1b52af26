"""Text that fits a narrow column, whatever it is. No Qt here."""

from __future__ import annotations

import re

_LONG_WORD = re.compile(r"\S{25,}")
_PIECE = 12
_NO_SPACE = "\N{ZERO WIDTH SPACE}"


def breakable(text: str) -> str:
    """A text that can be broken anywhere in words that are too long for a narrow panel.

    What comes from outside (a name, a family, a sentence) may be one word of any length.
    """
    return _LONG_WORD.sub(lambda found: _NO_SPACE.join(_cut(found[0])), text)


def _cut(word: str) -> list[str]:
    return [word[place : place + _PIECE] for place in range(0, len(word), _PIECE)]
