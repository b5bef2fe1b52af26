"""Formulas, notes and references in a transcript: drawn, selected, copied, followed, and never in the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.chat.transcript.maths.formulas import FormulaCache
from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline, outline
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.selection import Position, Selection, message_clip
from aiproxy_desktop.ui.markdown.formulas import Latex
from tests.ui.transcript_parts import Reader, answer, reading
from tests.waiting import until

TEXT = r"""Before $x^2$ between \(\frac{a}{b}\) behind.

$$
\sum_{i=1}^n i = \frac{n(n+1)}{2}
$$

| sum | $\sum_i x_i$ |
|---|---|
| a | $\frac{a}{b}$ |

The end.
"""

NOTES = """First [^b], then [^a] and [the site][s].

{}

[s]: https://example.org/page
[^a]: The note of a with $x$.
[^b]: The note of b.
"""


class _Waiting:
    closed = False


def _pieces(reader: Reader) -> list[Piece]:
    return [
        reader.transcript.column.piece(shown.message, shown.piece) for shown in reader.transcript.column.shown
    ]


async def _drawn(reader: Reader) -> None:
    """Every formula in view is drawn, or given up."""

    def is_drawn() -> bool:
        return not any(piece.wanted() for piece in _pieces(reader))

    await reader.settled()
    await until(is_drawn, "the formulas")
    await reader.settled()


def _text(reader: Reader, index: int, *, plain: bool = False) -> str:
    """What copying a message gives."""
    return message_clip(reader.transcript.column, index, plain=plain, rich=False).text


def _center(reader: Reader, piece: Piece, first: int, last: int) -> QPoint:
    """The middle of a stretch of a piece in view, on the screen."""
    shown = next(
        shown
        for shown in reader.transcript.column.shown
        if reader.transcript.column.piece(shown.message, shown.piece) is piece
    )
    box = piece.rectangles(first, last)[0].translated(reader.transcript.column_left, shown.top)
    return reader.transcript.viewport().mapToGlobal(box.center().toPoint())


async def test_formulas_are_drawn_and_copied_as_their_source() -> None:
    async with reading(answer(TEXT)) as reader:
        await _drawn(reader)
        assert not any("frac" in piece.text for piece in _pieces(reader))
        assert _text(reader, 0, plain=True).startswith("Before $x^2$ between \\(\\frac{a}{b}\\)")
        await reader.drag(reader.place_of("Before", 3), reader.place_of("between", 7))
        assert await reader.copied() == "ore $x^2$ between"
        await reader.drag(reader.place_of("between"), reader.place_of("The end", 3))
        copied = await reader.copied()
        assert "$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$" in copied
        assert "| a | $\\frac{a}{b}$ |" in copied
        assert copied.startswith("between \\(\\frac{a}{b}\\) behind.")


async def test_a_double_click_beside_a_formula_and_a_click_in_it_work() -> None:
    async with reading(answer("word $x^2$ word")) as reader:
        await _drawn(reader)
        piece = _pieces(reader)[0]
        start = piece.text.index("\N{NO-BREAK SPACE}")
        await reader.click(_center(reader, piece, start, start + 1), times=3)
        await until(reader.transcript.selected_text, "a selection")
        assert reader.transcript.selected_text() == "word $x^2$ word"


@pytest.mark.parametrize(
    "source",
    [
        r"$\nosuchcommand{x}$",
        "$\\frac{a$",
        r"$\text{中文}$",
        "$&$",
        "${" + "{" * 60 + "x" + "}" * 60 + "}$",
        "$" + r"\frac1" * 300 + "$",
        r"$\hspace{999999999cm}x$",
    ],
)
async def test_what_cannot_be_read_stays_as_its_source(source: str) -> None:
    async with reading(answer(f"See {source} there.")) as reader:
        await _drawn(reader)
        shown = "".join(piece.text for piece in _pieces(reader)).replace("\N{NO-BREAK SPACE}", "")
        assert source in shown
        assert _text(reader, 0, plain=True) == f"See {source} there."


@pytest.mark.parametrize(
    "source",
    [
        r'\text{<image href="file:///etc/passwd" width="9"/>}',
        r"\text{</mtext></mrow></math><svg/>}",
        r'\color{red" onload="x}{y}',
        r"\href{file:///etc/passwd}{x}",
        r"\text{&lt;image/&gt;}",
        r"\includegraphics{/etc/passwd}",
        "\\text{\ue0f0}",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    ],
)
def test_no_formula_reaches_a_file(qapp: object, tmp_path: Path, source: str) -> None:
    del qapp
    picture = tmp_path / "secret.png"
    QImage(8, 8, QImage.Format.Format_RGB32).save(str(picture))
    found = outline(Latex(source.replace("/etc/passwd", str(picture)), display=True), _Waiting())
    # Ink or nothing: an outline has no room for anything else.
    assert found is None or (0 < found.width < 1000 and found.ascent + found.descent < 100)


@pytest.mark.parametrize(
    "source",
    [
        r"\left(\frac{\sum_i x_i}{\prod_j y_j}\right)^2",
        r"\left[\lim_{n\to\infty} \bigcup_i A_i\right]",
        r"\begin{align}a&=b\\c&=\left(\sum_i d\right)\end{align}",
        r"\begin{cases} \sum_i x & y<3\\ z & w>1\end{cases}",
        r"\underbrace{\left(\sum_i x_i\right)}_{a} \tag{1}",
        r"\text{if } a < b \text{ and } c > \$5",
    ],
)
def test_outlines_are_about_as_high_as_what_they_say(qapp: object, source: str) -> None:
    del qapp
    found = outline(Latex(source, display=True), _Waiting())
    assert found is not None
    assert found.ascent + found.descent < 110
    assert found.width > 40


def test_a_cache_keeps_so_much_and_no_more(qapp: object) -> None:
    del qapp
    found = outline(Latex(r"\sum_{i=1}^n \frac{a_i b_i c_i d_i}{e_i f_i g_i h_i}", display=True), _Waiting())
    assert isinstance(found, Outline)
    cache = FormulaCache()
    first, last = Latex("first", display=True), Latex("last", display=True)
    cache.keep(first, found)
    for number in range(400_000 // found.weight):
        cache.keep(Latex(str(number), display=True), found)
    cache.keep(last, None)
    assert cache.look(first) == (False, None)
    assert cache.look(last) == (True, None)


async def test_streamed_maths_looks_as_if_it_had_come_whole() -> None:
    text = TEXT + NOTES.format("A paragraph.")
    async with reading(answer(text)) as reader:
        await _drawn(reader)
        whole = reader.picture()
        heights = [piece.height for piece in reader.transcript.column.views[0].pieces]
        reader.transcript.set_messages([answer("", state="streaming")])
        for start in range(0, len(text), 7):
            reader.transcript.append_text("answer", text[start : start + 7])
            if start % 70 == 0:
                await asyncio.sleep(0)
        reader.transcript.update_message(answer(text))
        await _drawn(reader)
        assert [piece.height for piece in reader.transcript.column.views[0].pieces] == heights
        assert reader.picture() == whole


async def test_a_formula_that_comes_late_does_not_move_what_is_read_below_it() -> None:
    lines = "$\\frac{\\frac{a}{b}}{c}$ words and words\n" * 12
    text = f"{lines}\n\nLook here.\n\n" + "more\n\n" * 40
    async with reading(answer(text)) as reader:
        column = reader.transcript.column
        column.scroll_to(0)
        reader.transcript.scroll_by(100)
        before = reader.piece_with("Look here.")[1]
        await _drawn(reader)
        assert reader.piece_with("Look here.")[1] == before


async def test_a_selection_stays_where_it_was_when_formulas_come() -> None:
    async with reading(answer("a $\\frac{1}{2}$ b $y$ selected words")) as reader:
        place = _pieces(reader)[0].text.index("selected")
        reader.transcript.select(Selection(Position(0, 0, place), Position(0, 0, place + 8)))
        await _drawn(reader)
        assert reader.transcript.selected_text() == "selected"


async def test_a_mark_leads_to_its_note_and_back() -> None:
    text = NOTES.format("A paragraph.\n\n" * 60)
    async with reading(answer(text)) as reader:
        reader.transcript.column.scroll_to(0)
        await reader.settled()
        first = _pieces(reader)[0]
        assert first.text == "First 1, then 2 and the site."
        mark = first.text.index("2")
        await reader.click(_center(reader, first, mark, mark + 1))
        await until(lambda: any("The note of a" in piece.text for piece in _pieces(reader)), "the note")
        note, _ = reader.piece_with("The note of a")
        back = note.links()[-1]
        await reader.click(_center(reader, note, back.start, back.end))
        await until(lambda: first in _pieces(reader), "the mark")


async def test_the_keyboard_goes_to_a_note_and_back() -> None:
    text = NOTES.format("A paragraph.\n\n" * 60)
    async with reading(answer(text)) as reader:
        addresses: list[str] = []
        reader.transcript.link_activated.connect(addresses.append)
        await reader.press("Tab", "shift+Tab", "Right", "Return")
        navigation = reader.transcript.navigation
        await until(lambda: navigation.link and navigation.link.href == "mention:b", "the note")
        await reader.press("Return")
        await until(lambda: navigation.link and navigation.link.href == "note:b", "the mark")
        await reader.press("Right", "Right", "Return")
        await until(lambda: addresses, "the reference")
        assert addresses == ["https://example.org/page"]


async def test_notes_stand_at_the_end_in_the_order_of_their_marks() -> None:
    async with reading(answer("[^x]: defined first\n\nSee [^y] and [^x], not [^z].\n\n[^y]: Y")) as reader:
        await _drawn(reader)
        texts = [
            piece.text.split("\N{NO-BREAK SPACE}")[0] for piece in reader.transcript.column.views[0].pieces
        ]
        assert texts[:3] == ["See 1 and 2, not [^z].", "Y", "defined first"]
        plain = _text(reader, 0, plain=True)
        assert plain == "See [1] and [2], not [^z].\n\n1. Y\n2. defined first"


async def test_a_definition_that_comes_last_changes_what_was_shown_long_before() -> None:
    async with reading(answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", "See [the site][s] and [^n].\n\nMore text.\n\n")
        await reader.settled()
        assert _pieces(reader)[0].text == "See [the site][s] and [^n]."
        reader.transcript.append_text("answer", "[s]: https://example.org\n[^n]: A note")
        await reader.settled()
        assert _pieces(reader)[0].text == "See the site and 1."
        assert [link.href for link in _pieces(reader)[0].links()] == ["https://example.org", "note:n"]
        reader.transcript.update_message(
            TranscriptMessage("answer", "assistant", reader.transcript.column.views[0].text)
        )
        await reader.settled()
        assert _pieces(reader)[0].text == "See the site and 1."


async def test_formulas_wear_the_theme_and_stay_inside_the_column() -> None:
    wide = "$$" + "+".join(f"x_{{{number}}}" for number in range(24)) + "$$"
    async with reading(answer(f"{wide}\n\nand ${wide.strip('$')}$")) as reader:
        await _drawn(reader)
        light = reader.picture()
        column = QRect(reader.transcript.column_left, 0, reader.transcript.column.width, light.height())
        paper = light.pixelColor(2, 2)
        for x in (*range(4, column.left() - 1), *range(column.right() + 2, light.width() - 20)):
            assert all(light.pixelColor(x, y) == paper for y in range(0, 120, 3))
        reader.themes.set_mode("dark")
        await _drawn(reader)
        dark = reader.picture()
        darkest = min(dark.pixelColor(x, 30).lightness() for x in range(column.left(), column.right()))
        lightest = max(dark.pixelColor(x, 30).lightness() for x in range(column.left(), column.right()))
        assert lightest - darkest > 120
        assert darkest < 60
