"""Tool calls of an answer, as cards."""

from __future__ import annotations

import json
from itertools import pairwise

from PySide6.QtGui import QAccessible, QColor, QGuiApplication

from aiproxy_desktop.ui.chat.transcript.messages import ToolCard
from aiproxy_desktop.ui.chat.transcript.pieces.tool_piece import ToolPiece
from aiproxy_desktop.ui.theme.tokens import load_themes
from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

MANY = json.dumps({f"name{number}": number for number in range(40)})
HIDDEN = '{"path": "lease\\u202efdp.exe"}'


def _cards(reader: Reader) -> list[ToolPiece]:
    pieces = (piece for view in reader.transcript.column.views for piece in view.pieces)
    return [piece for piece in pieces if isinstance(piece, ToolPiece)]


def _colors(reader: Reader) -> set[int]:
    picture = reader.picture()
    return {picture.pixel(x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)}


async def test_long_arguments_are_folded_until_they_are_asked_for() -> None:
    async with reading(question("Why?"), answer("I look.", tools=(ToolCard("1", "look", MANY),))) as reader:
        await reader.press("Home")
        folded = _cards(reader)[0].height
        assert folded < 300
        await reader.click(reader.buttons("chat.transcript.moreOfTool")[0])
        await until(lambda: _cards(reader)[0].height > 40 * 20, "all of it")
        # The button is where the rest ends, and folds it again.
        reader.transcript.column.reveal(1)
        reader.transcript.scroll_to_end()
        await reader.settled()
        assert reader.buttons("chat.transcript.moreOfTool")[0].text() == "Show less"
        await reader.click(reader.buttons("chat.transcript.moreOfTool")[0])
        await until(lambda: _cards(reader)[0].height == folded, "folded")


async def test_arguments_are_copied_as_the_model_wrote_them() -> None:
    async with reading(answer("I look.", tools=(ToolCard("1", "look", HIDDEN),))) as reader:
        assert not reader.buttons("chat.transcript.moreOfTool")
        await reader.click(reader.buttons("chat.transcript.copyTool")[0])
        await until(lambda: QGuiApplication.clipboard().text() == HIDDEN, "the clipboard")


async def test_what_is_hidden_in_them_is_pointed_at() -> None:
    light, _ = load_themes()
    plain, hidden = ToolCard("1", "look", '{"path": "a"}'), ToolCard("1", "look", HIDDEN)
    grounds = []
    for card in (plain, hidden):
        async with reading(answer("I look.", tools=(card,))) as reader:
            grounds.append(QColor(light.warning_soft).rgb() in _colors(reader))
    assert grounds == [False, True]


async def test_results_stand_below_and_failures_in_their_colour() -> None:
    light, _ = load_themes()
    cards = (
        ToolCard("1", "look", "{}"),
        ToolCard("2", "look", "{}", result="All is well."),
        ToolCard("3", "look", "{}", result="No such file", failed=True),
    )
    async with reading(question("Why?"), answer("I look.", tools=cards)) as reader:
        heights = [card.height for card in _cards(reader)]
        assert heights[0] < heights[1] == heights[2]
        assert QColor(light.danger).rgb() in _colors(reader)
        interface = QAccessible.queryAccessibleInterface(reader.transcript)
        said = interface.child(1).text(QAccessible.Text.Description)
        assert "Tool look, not run. Tool look, done. Tool look, failed." in said
        buttons = reader.buttons("chat.transcript.copyTool")
        assert len(buttons) == 3
        for before, after in pairwise(buttons):
            assert after.y() > before.y() + 40


async def test_calls_come_with_the_end_of_a_stream_and_nothing_is_lost() -> None:
    async with reading(question("Why?"), answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", "I look.")
        reader.transcript.update_message(answer("I look.", tools=(ToolCard("1", "look", MANY),), footer="m"))
        await reader.settled()
        assert len(_cards(reader)) == 1
        assert reader.transcript.at_end


async def test_floods_are_bounded() -> None:
    flood = json.dumps({"text": "x" * 3_000_000, "list": list(range(100_000))})
    async with reading(answer("I look.", tools=(ToolCard("1", "look", flood),))) as reader:
        await reader.click(reader.buttons("chat.transcript.moreOfTool")[0])
        await until(lambda: _cards(reader)[0].height > 400, "opened")
        assert _cards(reader)[0].height < 12_000
