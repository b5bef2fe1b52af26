"""Long lines of code: scrolled sideways or wrapped, saved, and all pieces of a block alike."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollBar

from aiproxy_desktop.ui.chat.transcript.pieces.code_block import code_block
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece, CodeShape
from tests.ui.transcript_parts import Reader, answer, question, reading, xdotool
from tests.waiting import until

LONG = "start_" + "x" * 150 + "_end"
SHORT = "y = 2"
TEXT = f"Before.\n\n```python\n{LONG}\n{SHORT}\n```\n\nAfter."
MANY = "```\n" + "\n".join(f"line_{number} = {number}" for number in range(40)) + f"\n{LONG}\n```"


def _shape(reader: Reader) -> CodeShape:
    pieces = reader.transcript.column.views[0].pieces
    return next(piece for piece in pieces if isinstance(piece, CodePiece)).shape


def _bars(reader: Reader) -> list[QScrollBar]:
    bars = reader.transcript.findChildren(QScrollBar, "chat.transcript.codeBar")
    return [bar for bar in bars if bar.isVisible()]


async def test_a_long_line_does_not_wrap_and_scrolls_with_the_wheel() -> None:
    async with reading(answer(TEXT)) as reader:
        piece, _ = reader.piece_with("start_")
        assert piece.height == 29 + 8 + 2 * 20 + 9 + piece.margin
        shape = _shape(reader)
        assert shape.most > 0
        await reader.point_at(reader.place_of(SHORT, 2))
        await xdotool("keydown", "Shift", "click", "--repeat", "3", "--delay", "10", "5", "keyup", "Shift")
        await until(lambda: shape.offset == 144, "three turns to the right")
        await xdotool("click", "--repeat", "40", "--delay", "5", "7")
        await until(lambda: shape.offset == shape.most, "the end of the line")
        reader.place_of("_end")
        await xdotool("click", "--repeat", "40", "--delay", "5", "6")
        await until(lambda: shape.offset == 0, "its start")


async def test_the_wheel_over_code_scrolls_the_conversation() -> None:
    async with reading(answer("\n\n".join([TEXT] * 8))) as reader:
        value = reader.transcript.verticalScrollBar().value()
        await reader.wheel(up=True, times=3)
        await until(lambda: reader.transcript.verticalScrollBar().value() < value, "it moves")


async def test_a_thin_bar_scrolls_by_keyboard() -> None:
    async with reading(answer(TEXT)) as reader:
        (bar,) = _bars(reader)
        assert bar.height() <= 10
        await reader.press("Tab", "Tab", "Tab", "Tab")
        await until(bar.hasFocus, "the bar, after Copy, Save and Wrap")
        await reader.press("Right", "Right")
        await until(lambda: _shape(reader).offset == 48, "two steps")
        await reader.press("End")
        await until(lambda: _shape(reader).offset == _shape(reader).most, "the end")


async def test_code_whose_lines_fit_has_neither_bar_nor_wrap() -> None:
    async with reading(answer(f"```\n{SHORT}\n```")) as reader:
        assert _bars(reader) == []
        assert reader.buttons("chat.transcript.wrapCode") == []


async def test_wrapping_is_the_blocks_own_and_goes_for_all_of_it() -> None:
    async with reading(answer(f"{MANY}\n\n{TEXT}"), size=(800, 1300)) as reader:
        first, second = reader.buttons("chat.transcript.wrapCode")
        assert not first.isChecked()
        height = reader.transcript.column.total
        await reader.click(first)
        await until(lambda: reader.transcript.column.total == height + 20, "one line more")
        assert (first.isChecked(), second.isChecked()) == (True, False)
        assert len(_bars(reader)) == 1
        block = code_block(reader.transcript.column.views[0].pieces, 1)
        assert block is not None
        assert len({piece.shape for piece in block.pieces}) == 1
        assert block.pieces[0].shape.wrapped
        await reader.click(first)
        await until(lambda: reader.transcript.column.total == height, "as before")


async def test_wrapped_code_stays_wrapped_in_another_theme() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.click(reader.buttons("chat.transcript.wrapCode")[0])
        await until(lambda: _shape(reader).wrapped, "wrapped")
        reader.themes.set_mode("dark")
        await reader.settled()
        assert _shape(reader).wrapped
        assert reader.buttons("chat.transcript.wrapCode")[0].isChecked()


async def test_a_line_that_streams_in_is_shown_as_the_whole_one_is() -> None:
    async with reading(answer("", state="streaming")) as reader:
        for start in range(0, len(MANY), 7):
            reader.transcript.append_text("answer", MANY[start : start + 7])
        reader.transcript.update_message(answer(MANY))
        await reader.settled()
        streamed, most = reader.picture(), _shape(reader).most
        reader.transcript.set_messages([answer(MANY)])
        await reader.settled()
        assert _shape(reader).most == most
        assert reader.picture() == streamed


async def test_selecting_goes_on_where_a_line_is_out_of_view() -> None:
    async with reading(answer(TEXT)) as reader:
        start = reader.place_of("start_")
        right = reader.transcript.viewport().mapToGlobal(reader.transcript.viewport().rect().topRight())
        edge = start.__class__(right.x() - 5, start.y())
        await reader.drag(start, edge, edge - start.__class__(0, 1), edge, edge - start.__class__(0, 1), edge)
        await until(lambda: _shape(reader).offset > 0, "it scrolls along")
        assert (await reader.copied()).startswith("start_xxx")


async def test_a_line_without_end_wraps_by_itself() -> None:
    async with reading(answer("```\n" + "x" * 5000 + "\n" + "y" * 120 + "\n```")) as reader:
        piece, _ = reader.piece_with("xxx")
        assert piece.height > 20 * 20


async def test_save_asks_with_a_name_of_the_language() -> None:
    async with reading(answer(TEXT)) as reader:
        wanted: list[tuple[str, str]] = []
        reader.transcript.save_requested.connect(lambda name, text: wanted.append((name, text)))
        await reader.click(reader.buttons("chat.transcript.saveCode")[0])
        await until(lambda: wanted, "the request")
        assert wanted == [("code.py", f"{LONG}\n{SHORT}")]


async def test_a_table_is_copied_as_markdown_or_csv() -> None:
    table = "| a | b |\n|---|--:|\n| 1 | *two*, three |\n"
    async with reading(question("Why?"), answer(table)) as reader:
        assert reader.buttons("chat.transcript.copyTable") == []
        await reader.point_at(reader.place_of("two"))
        await until(lambda: reader.buttons("chat.transcript.copyTable"), "the button of the table")
        clipboard = QGuiApplication.clipboard()
        for steps, text in ((1, table), (2, 'a,b\r\n1,"two, three"\r\n')):
            clipboard.clear()
            await reader.click(reader.buttons("chat.transcript.copyTable")[0])
            await until(lambda: QGuiApplication.focusWindow() is not None, "the menu")
            await reader.press(*["Down"] * steps, "Return")
            await until(clipboard.text, "the clipboard")
            assert clipboard.text().replace("|---|--:|", "|---|--:|") == text


async def test_a_block_keeps_its_wrapping_when_the_notes_go_to_the_end() -> None:
    text = f"[^n]: A note.\n\n```\n{'long ' * 60}\n```\n\n```python\nx = 1\n```\n"
    async with reading(answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", text)
        await reader.settled()
        (wrap,) = reader.buttons("chat.transcript.wrapCode")
        await reader.click(wrap)
        await until(lambda: not wrap.isHidden() and wrap.isChecked(), "wrapped")
        reader.transcript.update_message(answer(text))
        await reader.settled()
        (wrap,) = reader.buttons("chat.transcript.wrapCode")
        assert wrap.isChecked()
        column = reader.transcript.column
        shapes = {
            piece.text[:4]: piece.shape.wrapped
            for piece in column.views[0].pieces
            if isinstance(piece, CodePiece)
        }
        assert shapes == {"long": True, "x = ": False}
