"""How much of an answer's text was heard: milliseconds played, as characters.

Services send words and sound side by side without saying which belong together. Each piece of text is taken
to begin where the sound stood when it came; where text runs well ahead of the sound (OpenAI sends it as fast
as it is thought), that says nothing, and text and sound are taken to be spread evenly.
"""

from __future__ import annotations

# Characters a millisecond. Speech has some 15 a second in Latin scripts; what seems faster than this many is
# text that runs ahead.
_USUAL, _FASTEST = 0.015, 0.025

# How far a piece's place may lie from an even spread before it is not believed.
_LEAST, _MOST = 0.6, 1.7

# Within so many characters there is a word border, in scripts that have them.
_LONGEST_WORD = 30


class HeardMap:
    """Of one answer. `received_ms` of sound and `characters` of text have come so far."""

    def __init__(self) -> None:
        self.received_ms = 0.0
        self.characters = 0
        self._begins: list[tuple[float, int]] = []

    def add_audio(self, milliseconds: float) -> None:
        """More of its sound came."""
        self.received_ms += milliseconds

    def add_text(self, characters: int) -> None:
        """More of its text came."""
        self._begins.append((self.received_ms, self.characters))
        self.characters += characters

    def characters_at(self, played_ms: float, *, whole: bool) -> int:
        """How many characters were spoken when so much was played.

        Args:
            played_ms: of this answer.
            whole: whether all of it has come; else more text or sound may be on its way.
        """
        if played_ms <= 0 or not self.characters:
            return 0
        if whole and played_ms >= self.received_ms:
            return self.characters
        rate = self.characters / max(self.received_ms, 1.0)
        if not whole and rate > _FASTEST:
            return min(self.characters, round(played_ms * _USUAL))
        before, after = (0.0, 0), (max(self.received_ms, played_ms), self.characters)
        for place in self._begins:
            milliseconds, characters = place
            even = characters / rate
            if not even or not _LEAST * even <= milliseconds <= _MOST * even:
                continue
            if milliseconds <= played_ms:
                before = place
            else:
                after = place
                break
        width = after[0] - before[0]
        share = (played_ms - before[0]) / width if width > 0 else 1.0
        return min(self.characters, round(before[1] + share * (after[1] - before[1])))


def at_word_border(text: str, characters: int) -> int:
    """The end of the last word that was spoken whole, where the script has words; else as given."""
    if characters <= 0 or characters >= len(text):
        return max(0, min(characters, len(text)))
    if text[characters].isspace() or text[characters - 1].isspace():
        return characters
    for place in range(characters, max(0, characters - _LONGEST_WORD), -1):
        if text[place - 1].isspace():
            return place
    return 0 if characters < _LONGEST_WORD and " " in text else characters
