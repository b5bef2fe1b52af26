"""However an answer arrives, it looks as if it had come whole."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.ui.transcript_parts import answer

# All of a text is in view: formulas are drawn where somebody looks.
_WIDTH, _HEIGHT = 560, 4000
_PATIENCE = 20.0

_BLOCKS = [
    "# A title\n\n",
    "### One `more`\n",
    "Words of a paragraph that is long enough to be broken over two lines of the column, or over three.\n",
    "Some **bold**, *italic*, ~~gone~~, `code`, [a link](https://example.org) and https://example.org/x.\n\n",
    "- an item\n- another\n  - inside **it**\n\n",
    "- [x] done\n- [ ] open\n",
    "3. three\n4. four\n\n   and more of it\n\n",
    "> a quotation\n> > inside one\n\n",
    "```python\ndef f(x):\n    return x  # é 🎉\n```\n",
    "```\n" + "long " * 40 + "\n```\n\n",
    "| a | b |\n|---|--:|\n| 1 | `two` |\n| $x^2$ | a cell of many more words than the others |\n\n",
    "| one |\n|:-:|\n| **x** [^n] |\n",
    "Of $a_i = \\frac{i}{2}$ and \\(b\\) there is $c$.\n\n",
    "$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$\n\n",
    "A mark [^n], another [^m] and [a name][r], [r].\n\n",
    "[r]: https://example.org/r\n",
    "[^n]: The note, with $y$ in it.\n\n",
    "[^m]: Another note\n    of two lines.\n\n",
    "שלום עולם, this is *mixed* مرحبا.\n\n",
    "- פריט **ראשון**\n- second\n",
    "👩‍👩‍👧‍👦 🎉 e\u0301 and 中文字\n",
    "---\n\n",
    "\n",
    "<b>no html</b> &amp; \\* not\n\n",
    "**open and never closed",
    "```py\nopen = 1\n",
    "$$\nx",
    "x" * 300,
]
_TEXTS = st.lists(st.sampled_from(_BLOCKS), min_size=1, max_size=9).map("".join)
_CUTS = st.lists(st.tuples(st.integers(0, 4000), st.booleans()), max_size=14)


@pytest.fixture(scope="module")
def pair(qapp: QApplication) -> Iterator[tuple[Transcript, Transcript]]:
    """Two transcripts side by side: into one text is streamed, in the other it stands whole."""
    themes = ThemeController(qapp, "light")
    transcripts = Transcript(themes), Transcript(themes)
    for transcript in transcripts:
        # Where the mouse cannot be over it: what it points at has buttons that the other has not.
        transcript.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        transcript.resize(_WIDTH, _HEIGHT)
        transcript.show()
    yield transcripts
    for transcript in transcripts:
        transcript.close()
        transcript.deleteLater()
    themes.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _pieces(transcript: Transcript) -> list[Piece]:
    column = transcript.column
    return [column.piece(shown.message, shown.piece) for shown in column.shown]


def _waits(piece: Piece) -> bool:
    return bool(piece.wanted()) or (isinstance(piece, CodePiece) and piece.wants_highlighting)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, "formulas and colours come"
        QCoreApplication.processEvents()
        time.sleep(0.001)


def _at_rest(transcript: Transcript) -> QImage:
    """The picture, once formulas and colours have come and everything stands where it stays."""
    transcript.column.scroll_to(0)
    transcript.settle()
    _until(lambda: not any(_waits(piece) for piece in _pieces(transcript)))
    transcript.settle()
    return transcript.viewport().grab().toImage()


def _heights(transcript: Transcript) -> list[tuple[str, int, int]]:
    column = transcript.column
    view = column.materialised(0)
    pieces = [column.laid_out(0, index) for index in range(len(view.pieces))]
    return [(type(piece).__name__, piece.margin, piece.height) for piece in pieces]


def _stream(transcript: Transcript, text: str, cuts: Sequence[tuple[int, bool]]) -> None:
    """The text in parts; where a cut says so, what it brought is painted before the next."""
    rests = {cut % (len(text) + 1): rest for cut, rest in cuts}
    transcript.set_messages([answer("", state="streaming")])
    for start, end in itertools.pairwise(sorted({0, len(text), *rests})):
        transcript.append_text("answer", text[start:end])
        if rests.get(end):
            QCoreApplication.processEvents()
    transcript.update_message(TranscriptMessage("answer", "assistant", text))


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS, cuts=_CUTS)
@example(text="".join(_BLOCKS), cuts=[(at, at % 3 == 0) for at in range(0, 4000, 7)])
def test_a_streamed_answer_looks_like_the_whole_one(
    pair: tuple[Transcript, Transcript], text: str, cuts: list[tuple[int, bool]]
) -> None:
    streamed, whole = pair
    _stream(streamed, text, cuts)
    whole.set_messages([answer(text)])
    pictures = [_at_rest(transcript) for transcript in pair]
    assert _heights(streamed) == _heights(whole)
    assert pictures[0] == pictures[1]
