"""What is painted: the same streamed as whole, code in colours, and hostile text within bounds."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.markdown import limits
from tests.ui.transcript_parts import answer, question, reading
from tests.waiting import until

RICH = """## A heading

A paragraph with **bold**, *italic*, ~~struck~~, `code` and a [link](https://example.org), long enough to be
broken, and then some more words so that it is broken at least twice in a column that is not very wide.

1. one
   - nested `code`
   - [x] done
2. two

> A quote
> > in a quote

| Left | Right |
|:-----|------:|
| a longer cell than the others | 1 |
| b | 22 |
| c | `333` |

---

```
plain code 🎉
	with a tab
```

![a picture](https://example.org/p.png) and List<String> at the **end
"""


@pytest.mark.parametrize("step", [1, 7, 64])
async def test_a_streamed_answer_looks_as_if_it_had_come_whole(step: int) -> None:
    async with reading(question("Why?"), answer(RICH), size=(760, 900)) as reader:
        whole = reader.picture()
        total = reader.transcript.column.total
    async with reading(question("Why?"), answer("", state="streaming"), size=(760, 900)) as reader:
        for start in range(0, len(RICH), step):
            reader.transcript.append_text("answer", RICH[start : start + step])
            reader.transcript.settle()
        reader.transcript.update_message(answer(RICH))
        await reader.settled()
        assert reader.transcript.column.total == total
        assert reader.picture() == whole


async def test_code_is_coloured_once_its_fence_closes() -> None:
    async with reading(answer("", state="streaming")) as reader:
        transcript = reader.transcript
        code = "def f():\n    return 'text'  # comment\n"
        transcript.append_text("answer", f"```python\n{code}")
        await reader.settled()
        piece, _ = reader.piece_with("def f")
        assert isinstance(piece, CodePiece)
        plain = reader.picture()
        transcript.append_text("answer", "```\n")
        await until(lambda: piece.highlighted, "the colours")
        await reader.settled()
        assert _colours(reader.picture()) > _colours(plain) + 2
        # A second look at the same code has its colours at once.
        transcript.set_messages([answer(f"```python\n{code}```", "again")])
        await reader.settled()
        await reader.settled()
        again, _ = reader.piece_with("def f")
        assert isinstance(again, CodePiece)
        assert again.highlighted


@pytest.mark.parametrize("mark", ["-", "1.", "- [x]"])
async def test_an_item_read_from_the_right_has_its_mark_there(mark: str) -> None:
    async with reading(answer(f"{mark} שלום עולם\n{mark} item")) as reader:
        picture, left = reader.picture(), reader.transcript.column_left
        right = left + reader.transcript.column.width
        (hebrew, top), (_, below) = reader.piece_with("שלום"), reader.piece_with("item")

        def inked(first: int, y: int) -> bool:
            ground = picture.pixelColor(left - 4, 4)
            room = [(x, line) for x in range(first, first + 28) for line in range(y, y + 24)]
            return any(picture.pixelColor(*place) != ground for place in room)

        assert (inked(left, top + hebrew.margin), inked(right - 28, top + hebrew.margin)) == (False, True)
        assert (inked(left, below), inked(right - 28, below)) == (True, False)
        assert hebrew.rectangles(0, 4)[0].right() <= reader.transcript.column.width - 28 + 1


def _colours(picture: QImage) -> int:
    """Strong colours in a picture; edges of letters blend into the ground and are not counted."""
    seen: dict[str, int] = {}
    for y in range(picture.height()):
        for x in range(min(picture.width(), 400)):
            color = picture.pixelColor(x, y)
            if color.saturation() > 60:
                name = f"{color.hue() // 12}"
                seen[name] = seen.get(name, 0) + 1
    return sum(count > 5 for count in seen.values())


HOSTILE = {
    "unbroken": "x" * 100_000,
    "brackets": "[" * 50_000,
    "emphasis": "*a **a " * 20_000,
    "backticks": "".join("`" * (number % 50 + 1) + " " for number in range(4000)),
    "quotes": ">" * 20_000 + " text",
    "lists": "".join("  " * depth + "- x\n" for depth in range(300)),
    "columns": "|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n|" + "b|" * 3000,
    "rows": "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 5000,
    "marks": "e" + "\u0301" * 50_000,
    "invisible": "\u200b" * 100_000,
    "nulls": "a\x00b" * 10_000,
    "overrides": "\u202egpj.exe\u202c" * 2000,
    "surrogates": "\ud800\udfff\ud800" * 1000,
    "emoji": "👩‍👩‍👧" * 5000,
    "fences": "```\n" * 9999,
    "breaks": "\n" * 200_000,
    "spaces": " " * 200_000,
    "tabs": "\t" * 100_000,
    "arabic": "السلام " * 5000,
    "ten_megabytes": "All work and no play makes a dull text. " * 250_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_is_bounded_and_shown(name: str) -> None:
    text = HOSTILE[name]
    async with reading(question(text[:20_000]), answer(text)) as reader:
        transcript = reader.transcript
        view = transcript.column.views[1]
        await until(lambda: not view.behind, "all is read")
        await reader.settled()
        transcript.verticalScrollBar().setValue(0)
        await reader.settled()
        for _ in range(4):
            transcript.scroll_by(400)
        for piece in view.pieces:
            assert len(piece.text) <= 3 * limits.LINE
        transcript.append_message(answer("The next one.", "next"))
        transcript.scroll_to_end()
        await reader.settled()
        reader.piece_with("The next one.")


async def test_a_message_beyond_the_limit_says_so_and_is_copied_whole() -> None:
    text = "word " * (limits.MESSAGE // 5) + "beyond " * 20
    async with reading(answer(text)) as reader:
        view = reader.transcript.column.views[0]
        await until(lambda: not view.behind, "all is read")
        await until(lambda: reader.transcript.at_end, "the end")
        await reader.settled()
        piece, _ = reader.piece_with("is not shown")
        assert "140 characters" in piece.text
        assert reader.transcript.column.views[0].text == text


async def test_a_person_of_many_words_is_shown_as_written() -> None:
    text = "First line\n\n  indented\n<b>not bold</b> **nor this**\n" + "word " * 3000
    async with reading(question(text)) as reader:
        reader.transcript.verticalScrollBar().setValue(0)
        await reader.settled()
        piece, _ = reader.piece_with("First line")
        assert piece.text.startswith(
            "First line\u2028\u2028  indented\u2028<b>not bold</b> **nor this**\u2028"
        )


async def test_a_streaming_answer_out_of_view_costs_no_layout() -> None:
    messages = [TranscriptMessage(str(n), "assistant", "Text. " * 100) for n in range(50)]
    async with reading(*messages, answer("", state="streaming")) as reader:
        transcript = reader.transcript
        await reader.press("Home")
        await until(lambda: transcript.verticalScrollBar().value() == 0, "the top")
        before = [(shown.message, shown.piece, shown.top) for shown in transcript.column.shown]
        for number in range(200):
            transcript.append_text("answer", f"Part {number}.\n\n")
            await reader.settled()
        assert [(shown.message, shown.piece, shown.top) for shown in transcript.column.shown] == before
        exact = sum(piece.exact for piece in transcript.column.views[-1].pieces)
        assert exact < 5
        await reader.press("End")
        await until(lambda: transcript.at_end, "the end")
        await reader.settled()
        reader.piece_with("Part 199.")
