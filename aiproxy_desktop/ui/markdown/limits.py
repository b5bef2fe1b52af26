"""What hostile or broken text may cost. Every figure counts characters unless it says otherwise."""

from __future__ import annotations

from typing import Final

# A message beyond this is shown up to here; copying it still takes all of it.
MESSAGE: Final = 1_000_000

# A line beyond this is cut into several blocks, the later ones marked as glued to the one before.
LINE: Final = 4096

# A paragraph beyond this goes on in a block of its own, at the next line end.
PARAGRAPH: Final = 4096

# Lines of code in one block: what a reader sees of it at once is one or two of these.
CODE_LINES: Final = 32

# Quotes and list items inside each other; deeper markers stay text.
DEPTH: Final = 12

# A table wider than this stays text: its cells could not hold a word each.
COLUMNS: Final = 20

# Marks and invisible characters that may follow one visible character.
COMBINING: Final = 8

# A link target longer than this stays text.
LINK_TARGET: Final = 2000

# Code longer than this, or with a line longer than this, keeps one colour.
HIGHLIGHTED: Final = 200_000
HIGHLIGHTED_LINE: Final = 2000

# A formula longer than this stays text.
FORMULA: Final = 3000

# Definitions of links and of notes that one message may have; later ones stay text.
DEFINITIONS: Final = 500

# A label of a link or of a note longer than this stays text.
LABEL: Final = 100
