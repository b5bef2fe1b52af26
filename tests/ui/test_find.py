"""Find in conversation: in a transcript of its own, by keys and mouse."""

from __future__ import annotations

import asyncio

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.theme.tokens import load_themes
from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

TEXT = """Here the **pl**an is told, and `plan` again.

- a Plán in a list

| a plan | b |
|---|---|
| 1 | plan |

```python
plan = 1
```
"""


def _field(reader: Reader) -> QLineEdit:
    field = reader.transcript.findChild(QLineEdit, "chat.findBar.field")
    assert isinstance(field, QLineEdit)
    return field


def _count(reader: Reader) -> str:
    label = reader.transcript.findChild(QLabel, "chat.findBar.count")
    assert isinstance(label, QLabel)
    return label.text()


async def _find(reader: Reader, text: str) -> None:
    reader.transcript.finding.open()
    await until(lambda: _field(reader).hasFocus(), "the field")
    for letter in text:
        await reader.press("space" if letter == " " else letter)
    await until(lambda: _field(reader).text() == text, "the words")


def _marks(reader: Reader) -> list[tuple[str, bool]]:
    """What is marked in view, and whether it is the one the person is at."""
    column = reader.transcript.column
    return [
        (column.piece(shown.message, shown.piece).text[mark.start : mark.end], mark.current)
        for shown in column.shown
        for mark in reader.transcript.finding.marks(shown.message, shown.piece)
    ]


async def test_hits_are_counted_marked_and_gone_through() -> None:
    async with reading(question("What is the plan?"), answer(TEXT)) as reader:
        reader.transcript.column.scroll_to(0)
        await _find(reader, "plan")
        await until(lambda: _count(reader) == "1 of 7", "the first of seven")
        texts = [text for text, _ in _marks(reader)]
        assert texts == ["plan", "plan", "plan", "Plán", "plan", "plan", "plan"]
        assert [current for _, current in _marks(reader)].index(True) == 0
        await reader.press("Return", "Return", "F3")
        await until(lambda: _count(reader) == "4 of 7", "three on")
        assert [current for _, current in _marks(reader)].index(True) == 3
        await reader.press("shift+Return", "shift+F3")
        await until(lambda: _count(reader) == "2 of 7", "two back")
        for name, count in (("next", "3 of 7"), ("previous", "2 of 7")):
            button = reader.transcript.findChild(QPushButton, f"chat.findBar.{name}")
            assert isinstance(button, QPushButton)
            await reader.click(button)
            await until(lambda count=count: _count(reader) == count, name)  # type: ignore[misc]  # lambda's default


async def test_the_ends_meet() -> None:
    async with reading(question("plan"), answer("no"), question("plan", "last")) as reader:
        reader.transcript.column.scroll_to(0)
        await _find(reader, "plan")
        await until(lambda: _count(reader) == "1 of 2", "the first")
        await reader.press("shift+Return")
        await until(lambda: _count(reader) == "2 of 2", "the last")
        await reader.press("Return")
        await until(lambda: _count(reader) == "1 of 2", "the first again")


async def test_words_are_painted_in_the_colour_of_hits() -> None:
    light, dark = load_themes()
    async with reading(question("Why?"), answer("A word of it, and one word more.")) as reader:
        await _find(reader, "word")
        await until(lambda: _count(reader) == "1 of 2", "two hits")
        for theme in (light, dark):
            reader.themes.set_mode(theme.name)
            await reader.settled()
            picture = reader.picture()
            for number in (1, 2):
                piece, top = reader.piece_with("word")
                start = piece.text.index("word") if number == 1 else piece.text.rindex("word")
                (box,) = piece.rectangles(start, start + 4)
                x = reader.transcript.column_left + int(box.left()) + 1
                assert picture.pixelColor(x, top + int(box.top()) + 4) == QColor(theme.find)


async def test_esc_takes_the_marks_away_and_gives_the_focus_back() -> None:
    async with reading(question("Why?"), answer("A word.")) as reader:
        await _find(reader, "word")
        await until(lambda: _marks(reader), "a hit")
        await reader.press("Escape")
        await until(reader.transcript.hasFocus, "the focus")
        assert not _field(reader).isVisible()
        assert _marks(reader) == []
        assert reader.top_of(0) == 16


async def test_what_is_not_there_is_said() -> None:
    async with reading(question("Why?"), answer("A word.")) as reader:
        await _find(reader, "wordy")
        await until(lambda: _count(reader) == "No hits", "none")
        await reader.press("Return", "BackSpace")
        await until(lambda: _count(reader) == "1 of 1", "one")


async def test_a_hit_out_of_view_is_scrolled_to() -> None:
    many = [answer(f"Message {n} of many.\n\nIts second paragraph.", str(n)) for n in range(300)]
    many[20] = answer("Here is the needle.", "20")
    many[290] = answer("And `needle` again.", "290")
    async with reading(*many) as reader:
        await _find(reader, "needle")
        await until(lambda: _count(reader) == "1 of 2", "the first in the direction of reading")
        reader.piece_with("Here is the needle")
        await reader.press("Return")
        await until(lambda: _count(reader) == "2 of 2", "the second")
        piece, top = reader.piece_with("again")
        assert 0 <= top < reader.transcript.viewport().height() - piece.height
        assert not reader.transcript.column.following


async def test_a_hit_in_a_long_line_of_code_is_scrolled_to() -> None:
    async with reading(answer("```\n" + "x" * 200 + " needle\n```")) as reader:
        await _find(reader, "needle")
        await until(lambda: _count(reader) == "1 of 1", "the hit")
        piece, _ = reader.piece_with("needle")
        assert isinstance(piece, CodePiece)
        assert piece.shape.offset > 0
        reader.place_of("needle")


async def test_an_answer_that_goes_on_is_counted_again() -> None:
    async with reading(question("word"), answer("A word", state="streaming")) as reader:
        await _find(reader, "word")
        await until(lambda: _count(reader).endswith("of 2"), "two")
        reader.transcript.append_text("answer", " and a word, wo")
        await until(lambda: _count(reader).endswith("of 3"), "three")
        reader.transcript.append_text("answer", "rd")
        await until(lambda: _count(reader).endswith("of 4"), "four")


async def test_a_long_conversation_is_searched_while_the_window_lives() -> None:
    text = "Some text with several words in it. " * 40
    many = [answer(f"{text} Number {n}.", str(n)) for n in range(10_000)]
    async with reading(*many) as reader:
        turns = 0

        async def beat() -> None:
            nonlocal turns
            while not reader.transcript.finding.is_open or _count(reader) != "1 of 10,000":
                turns += 1
                await asyncio.sleep(0)

        reader.transcript.column.scroll_to(0)
        reader.transcript.finding.open()
        _field(reader).setText("number")
        _field(reader).textEdited.emit("number")
        await asyncio.wait_for(beat(), 60)
        assert turns > 1
        await reader.press("shift+Return")
        await until(lambda: _count(reader) == "10,000 of 10,000", "the last")
        reader.piece_with("Number 9999.")


async def test_a_message_is_revealed_with_its_words_marked() -> None:
    many = [answer("\n\n".join(f"Paragraph {n} of {m}." for n in range(40)), str(m)) for m in range(30)]
    async with reading(*many) as reader:
        reader.transcript.reveal_message("7", ["paragraph 33", "of"])
        await reader.settled()
        piece, top = reader.piece_with("Paragraph 0 of 7")
        assert top >= 0
        assert ("of", False) in _marks(reader)
        reader.transcript.reveal_message("7", ["PARAGRAPH 33"])
        await reader.settled()
        piece, top = reader.piece_with("Paragraph 33 of 7")
        assert 0 <= top <= reader.transcript.viewport().height() - piece.height
        assert _marks(reader) == [("Paragraph 33", False)]
        reader.transcript.reveal_message("12")
        await reader.settled()
        assert reader.piece_with("Paragraph 0 of 12")
        assert _marks(reader) == []


async def test_another_conversation_is_counted_and_shown_from_its_end() -> None:
    async with reading(question("word"), answer("no")) as reader:
        await _find(reader, "word")
        await until(lambda: _count(reader) == "1 of 1", "one")
        reader.transcript.set_messages([answer("A word, a word.", str(n)) for n in range(100)])
        await until(lambda: _count(reader) == "200 hits", "those of the other one")
        assert reader.transcript.at_end
        assert _marks(reader)
        await reader.press("Return")
        await until(lambda: _count(reader) == "1 of 200", "the first")


async def test_the_hit_stays_the_hit_when_earlier_messages_come() -> None:
    async with reading(question("word"), answer("word and word")) as reader:
        reader.transcript.column.scroll_to(0)
        await _find(reader, "word")
        await reader.press("Return")
        await until(lambda: _count(reader) == "2 of 3", "the second")
        column, finding = reader.transcript.column, reader.transcript.finding
        column.set_messages([question("a word", "before"), question("word"), answer("word and word")])
        finding.prepended(1)
        await until(lambda: _count(reader) == "3 of 4", "it is the third now")
        await reader.press("Return")
        await until(lambda: _count(reader) == "4 of 4", "the last")
        column.set_messages([question("a word", "before"), question("other")])
        finding.replaced_from(1)
        await until(lambda: _count(reader) == "1 hit", "what is left")


async def test_the_selected_word_is_looked_for() -> None:
    async with reading(question("Why?"), answer("One word, another word.")) as reader:
        await reader.drag(reader.place_of("word"), reader.place_of("word", 4))
        reader.transcript.finding.open()
        await until(lambda: _count(reader) == "1 of 2", "the word")
        assert _field(reader).text() == "word"


async def _formulas_drawn(reader: Reader) -> None:
    column = reader.transcript.column
    await until(
        lambda: not any(column.piece(shown.message, shown.piece).wanted() for shown in column.shown),
        "the formulas",
    )
    await reader.settled()


async def test_hits_stay_on_their_words_when_formulas_and_references_come() -> None:
    text = r"By $\frac{a}{b}$ and [a name][r] the word, \(x^2\) word[^1]."
    async with reading(answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", text)
        await _find(reader, "word")
        await until(lambda: _count(reader) == "1 of 2", "two hits")
        assert _marks(reader) == [("word", True), ("word", False)]
        await _formulas_drawn(reader)
        assert _marks(reader) == [("word", True), ("word", False)]
        reader.transcript.append_text("answer", "\n\n[r]: https://example.org\n\n[^1]: A note\n")
        await reader.settled()
        assert _marks(reader) == [("word", True), ("word", False)]


async def test_a_hit_in_a_formula_marks_the_formula() -> None:
    async with reading(answer("A $\\frac{a}{b}$ here.\n\n$$\n\\frac{c}{d}\n$$\n")) as reader:
        await _formulas_drawn(reader)
        await _find(reader, "frac")
        await until(lambda: _count(reader) == "1 of 2", "two hits")
        column = reader.transcript.column
        found = [
            (piece.rectangles(mark.start, mark.end), mark.current)
            for shown in column.shown
            for piece in [column.piece(shown.message, shown.piece)]
            for mark in reader.transcript.finding.marks(shown.message, shown.piece)
        ]
        assert [current for _, current in found] == [True, False]
        assert all(len(boxes) == 1 and boxes[0].width() > 8 for boxes, _ in found)


async def test_the_hit_one_is_at_stays_it_while_the_answer_goes_on_and_ends() -> None:
    text = "[^n]: A note that says word.\n\nA word[^n], and a word"
    async with reading(answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", text)
        await _find(reader, "word")
        await until(lambda: _count(reader) == "1 of 3", "three hits")
        await reader.press("Return")
        await until(lambda: _count(reader) == "2 of 3", "the second")
        for part in (" more,", " and a", " word.\n\n", "- a word\n"):
            reader.transcript.append_text("answer", part)
            await reader.settled()
            assert [current for _, current in _marks(reader)].count(True) == 1
        await until(lambda: _count(reader) == "2 of 5", "five hits")
        reader.transcript.update_message(answer(reader.transcript.column.views[0].text))
        await until(lambda: len(_marks(reader)) == 5, "five marks")
        await until(lambda: [at for _, at in _marks(reader)].index(True) == 1, "the second of them")


async def test_a_hit_in_a_wide_table_is_shown() -> None:
    cells = " | ".join(f"cell {number}" for number in range(8))
    rows = "\n".join(f"| {cells} |" for _ in range(60))
    table = f"| {cells} |\n{'|---' * 8}|\n{rows}\n| {cells.replace('cell 5', 'a needle')} |\n"
    async with reading(answer(f"{table}\n\nThe end.\n" + "\n\nMore." * 40)) as reader:
        await _find(reader, "needle")
        await until(lambda: _count(reader) == "1 of 1", "the hit")
        assert _marks(reader) == [("needle", True)]
        reader.place_of("needle")
