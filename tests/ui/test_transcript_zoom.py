"""Text smaller and larger, with the reader's place kept."""

from __future__ import annotations

import pytest

from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.transcript.messages import (
    ErrorCard,
    ShownAttachment,
    ToolCard,
    TranscriptMessage,
)
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from tests.ui.transcript_parts import Reader, answer, question, reading, xdotool
from tests.waiting import until

LONG = "\n\n".join(
    f"Paragraph {number} says so, and it says it with so many words that it takes two or three lines of the "
    f"column it stands in, whatever the size of the text is. `code {number}` ends it."
    for number in range(60)
)
MIXED = """## Title

1. One
   - [x] two

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1
```

> Quote
"""


def _word_at_top(reader: Reader) -> str:
    column = reader.transcript.column
    shown = column.shown[0]
    piece = column.piece(shown.message, shown.piece)
    at = piece.position_at(0, max(piece.margin, -shown.top) + 1)
    return f"{shown.message}.{shown.piece}: {piece.text[at : at + 12]}"


@pytest.mark.parametrize("zoom", [70, 110, 150, 200])
async def test_every_size_scales_with_the_text(zoom: int) -> None:
    async with reading(question("Why?"), answer(MIXED), size=(1600, 1400)) as reader:
        before = reader.transcript.column.total
        sizes = [piece.height for piece in reader.transcript.column.views[1].pieces]
        reader.transcript.set_zoom(zoom)
        await reader.settled()
        after = [piece.height for piece in reader.transcript.column.views[1].pieces]
        assert reader.transcript.column.width == 720 * zoom // 100
        larger = zoom > 100
        assert (reader.transcript.column.total > before) == larger
        texts = [(small, large) for small, large in zip(sizes, after, strict=True) if small != large]
        assert texts
        assert all((large > small) == larger for small, large in texts)
        code = next(p for p in reader.transcript.column.views[1].pieces if isinstance(p, CodePiece))
        assert code.height == code.margin + 29 + 8 + int(20 * zoom / 100 + 0.5) + 9
        reader.transcript.set_zoom(100)
        await reader.settled()
        assert reader.transcript.column.total == before


async def test_what_is_read_stays_at_the_top() -> None:
    async with reading(question("Why?"), answer(LONG)) as reader:
        reader.transcript.column.scroll_to(1500)
        reader.transcript.scroll_by(13)
        await reader.settled()
        place = _word_at_top(reader)
        for zoom in (110, 200, 70, 100):
            reader.transcript.set_zoom(zoom)
            await reader.settled()
            piece = place.partition(":")[0]
            assert _word_at_top(reader).startswith(f"{piece}:")
        assert _word_at_top(reader) == place


async def test_the_end_stays_the_end() -> None:
    async with reading(answer(LONG)) as reader:
        reader.transcript.set_zoom(150)
        await reader.settled()
        assert reader.transcript.at_end
        reader.piece_with("Paragraph 59")


async def test_ctrl_and_wheel_ask_for_another_size() -> None:
    async with reading(answer(LONG)) as reader:
        asked: list[int] = []
        reader.transcript.zoom_wanted.connect(asked.append)
        value = reader.transcript.verticalScrollBar().value()
        await reader.point_at(reader.place_of("Paragraph 59"))
        await xdotool("keydown", "Control_L", "click", "4", "click", "5", "click", "5", "keyup", "Control_L")
        await until(lambda: len(asked) == 3, "three requests")
        assert asked == [1, -1, -1]
        assert reader.transcript.verticalScrollBar().value() == value


async def test_pictures_of_both_ways_to_a_size_are_the_same() -> None:
    async with reading(question("Why?"), answer(MIXED)) as reader:
        reader.transcript.set_zoom(150)
        reader.transcript.set_zoom(125)
        await reader.settled()
        walked = [piece.height for piece in reader.transcript.column.views[1].pieces]
        reader.transcript.set_messages([question("Why?"), answer(MIXED)])
        await reader.settled()
        assert [piece.height for piece in reader.transcript.column.views[1].pieces] == walked


async def test_cards_files_and_footers_grow_with_the_text() -> None:
    file = ShownAttachment(Attachment("ab", "report.pdf", "document", "application/pdf", 10), None)
    messages = [
        TranscriptMessage("0", "user", "Why?", attachments=(file,)),
        answer(
            "So.",
            "1",
            reasoning="Because",
            tools=(ToolCard("t", "look_up", '{"a": 1}', "found"),),
            footer="A model",
        ),
        answer("", "2", state="failed", error=ErrorCard("It failed", "Press Retry.")),
        answer("Half", "3", state="interrupted", tokens=3),
    ]
    async with reading(*messages, size=(1600, 1400)) as reader:
        reader.transcript.column.scroll_to(0)
        await reader.settled()
        before = reader.picture()

        def heights() -> dict[str, int]:
            pieces = (piece for view in reader.transcript.column.views for piece in view.pieces)
            return {type(piece).__name__: piece.height for piece in pieces}

        usual = heights()
        (thoughts,) = reader.buttons("chat.transcript.reasoning")
        size = thoughts.size()
        reader.transcript.set_zoom(200)
        await reader.settled()
        for name in ("AttachmentsPiece", "ToolPiece", "ErrorPiece", "StoppedPiece", "FooterPiece"):
            assert heights()[name] > usual[name]
        assert thoughts.height() == 16 * 2 + 8
        assert thoughts.width() > size.width() * 1.5
        reader.transcript.set_zoom(100)
        reader.transcript.column.scroll_to(0)
        await reader.settled()
        assert reader.picture() == before
