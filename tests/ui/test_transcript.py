"""Reading a transcript: following, staying put, long conversations, width, theme, states."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QColor

from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, TranscriptMessage
from aiproxy_desktop.ui.theme.tokens import load_themes
from tests.ui.transcript_parts import answer, question, reading
from tests.waiting import until

PARAGRAPHS = "\n\n".join(f"Paragraph {number} of an answer that is long enough." for number in range(60))


async def test_the_view_follows_a_stream_from_the_end() -> None:
    async with reading(question("Why?"), answer("", state="streaming")) as reader:
        for part in PARAGRAPHS.split("\n\n"):
            reader.transcript.append_text("answer", part + "\n\n")
            await reader.settled()
            assert reader.transcript.at_end
        reader.piece_with("Paragraph 59")
        assert not reader.buttons("chat.jumpToLatest")


async def test_the_view_of_someone_who_scrolled_up_never_moves() -> None:
    async with reading(question("Why?"), answer(PARAGRAPHS, state="streaming")) as reader:
        ends: list[bool] = []
        reader.transcript.at_end_changed.connect(ends.append)
        await reader.wheel(up=True, times=6)
        await until(lambda: reader.buttons("chat.jumpToLatest"), "a way back")
        await reader.point_at(QPoint(5, 5))
        await reader.settled()
        before = reader.picture()
        for number in range(40):
            reader.transcript.append_text("answer", f"\n\nMore {number}, and **more** of it.\n\n- item\n")
            await reader.settled()
            assert reader.picture() == before
        jump = reader.buttons("chat.jumpToLatest")[0]
        assert jump.geometry().bottom() == reader.transcript.height() - 12 - 1
        await reader.click(jump)
        await until(lambda: reader.transcript.at_end, "the end")
        assert ends == [False, True]
        reader.transcript.append_text("answer", "\n\nThe last words")
        await reader.settled()
        reader.piece_with("The last words")


async def test_the_wheel_moves_what_was_never_laid_out_by_as_much_as_what_was() -> None:
    messages = [
        answer(f"Message {number}\n\n" + "word " * (number % 90), str(number)) for number in range(400)
    ]
    async with reading(*messages) as reader:
        column = reader.transcript.column
        for _ in range(60):
            shown = column.shown[0]
            before = reader.top_of(shown.message)
            value = reader.transcript.verticalScrollBar().value()
            reader.transcript.scroll_by(-72)
            assert reader.top_of(shown.message) == before + 72
            assert reader.transcript.verticalScrollBar().value() != value


async def test_ten_thousand_messages_cost_what_is_in_view() -> None:
    messages = [
        question(f"Question {number}", f"q{number}") if number % 2 else answer("Text. " * 50, f"a{number}")
        for number in range(10_000)
    ]
    async with reading(*messages) as reader:
        views = reader.transcript.column.views
        reader.piece_with("Question 9999")
        assert sum(bool(view.pieces) for view in views) < 20
        await reader.press("Home")
        await until(lambda: reader.transcript.verticalScrollBar().value() == 0, "the top")
        await reader.settled()
        assert reader.top_of(0) == 16
        for step in range(0, 100_000, 2_000):
            reader.transcript.verticalScrollBar().setValue(step)
        assert sum(bool(view.pieces) for view in views) <= 80
        await reader.press("End")
        await until(lambda: reader.transcript.at_end, "the end")
        reader.piece_with("Question 9999")


async def test_another_width_keeps_the_top_message_in_place() -> None:
    messages = [answer(f"Message {number}. " + "More words. " * 60, str(number)) for number in range(60)]
    async with reading(*messages) as reader:
        transcript = reader.transcript
        transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() // 2)
        await reader.settled()
        first = transcript.column.shown[0].message + 1
        await reader.settled()
        transcript.scroll_by(reader.top_of(first))
        for width in (500, 380, 1100, 800):
            transcript.resize(width, 600)
            await reader.settled()
            assert transcript.column.shown[0].message == first
            assert reader.top_of(first) == 0


async def test_themes_switch_live() -> None:
    light, dark = load_themes()
    async with reading(question("Why?"), answer("Because `it` is.\n\n```python\nx = 1\n```")) as reader:
        corner = QPoint(3, 3)
        assert reader.picture().pixelColor(corner) == QColor(light.surface)
        before = [(shown.message, shown.piece, shown.top) for shown in reader.transcript.column.shown]
        reader.themes.set_mode("dark")
        await until(lambda: reader.picture().pixelColor(corner) == QColor(dark.surface), "dark")
        after = [(shown.message, shown.piece, shown.top) for shown in reader.transcript.column.shown]
        assert after == before
        reader.themes.set_mode("light")


async def test_a_failed_answer_shows_its_card() -> None:
    card = ErrorCard("OpenAI asks to wait 12 s", "Too many requests (429).", '{"error": "rate"}')
    async with reading(question("Why?"), answer("", state="failed", error=card)) as reader:
        retried: list[str] = []
        reader.transcript.retry_requested.connect(retried.append)
        height = reader.transcript.column.total
        await reader.click(reader.buttons("chat.transcript.details")[0])
        await until(lambda: reader.transcript.column.total > height, "the details")
        await reader.click(reader.buttons("chat.transcript.retryHere")[0])
        await until(lambda: retried, "a retry")
        assert retried == ["answer"]


async def test_a_stopped_answer_can_be_asked_for_again() -> None:
    async with reading(question("Why?"), answer("Because", state="streaming")) as reader:
        retried: list[str] = []
        reader.transcript.retry_requested.connect(retried.append)
        assert not reader.buttons("chat.transcript.retryHere")
        reader.transcript.update_message(answer("Because", state="interrupted"))
        await reader.settled()
        await reader.click(reader.buttons("chat.transcript.retryHere")[0])
        await until(lambda: retried, "a retry")
        assert retried == ["answer"]


async def test_reasoning_opens_and_closes() -> None:
    async with reading(question("Why?"), answer("", state="streaming")) as reader:
        transcript = reader.transcript
        transcript.append_reasoning("answer", "First I look at **this**.")
        await reader.settled()
        row = reader.buttons("chat.transcript.reasoning")[0]
        assert row.text() == "Thinking…"
        await reader.click(row)
        await until(row.isChecked, "open")
        reader.piece_with("First I look at this.")
        transcript.append_reasoning("answer", " Then at that.")
        await reader.settled()
        reader.piece_with("Then at that.")
        transcript.append_text("answer", "An answer.")
        await reader.settled()
        assert row.text() == "Thought for 1 s"
        await reader.click(row)
        await until(lambda: not row.isChecked(), "closed")
        with pytest.raises(AssertionError):
            reader.piece_with("First I look")
        reader.piece_with("An answer.")


async def test_the_row_under_a_message_shows_where_the_pointer_is() -> None:
    both = answer("Because.", footer="model · 3 tokens", actions=("copy", "regenerate"))
    async with reading(question("Why so?"), both) as reader:
        height = reader.transcript.column.total
        await reader.point_at(reader.place_of("Why"))
        await until(lambda: reader.buttons("chat.transcript.copy"), "the row")
        assert not reader.buttons("chat.transcript.regenerate")
        await reader.point_at(reader.place_of("Because"))
        await until(lambda: reader.buttons("chat.transcript.regenerate"), "more for an answer")
        assert reader.transcript.column.total == height


async def test_messages_of_nobody_are_errors() -> None:
    async with reading(question("Why?")) as reader:
        with pytest.raises(KeyError):
            reader.transcript.append_text("nobody", "text")
        with pytest.raises(ValueError, match="question"):
            reader.transcript.append_message(question("Again?"))
        reader.transcript.append_message(TranscriptMessage("two", "assistant", "Fine."))
        await reader.settled()
        reader.piece_with("Fine.")
        reader.transcript.clear()
        await reader.settled()
        assert not reader.transcript.column.shown


async def test_notes_stand_between_the_text_and_the_card_in_quiet_type() -> None:
    notes = ("OpenAI was asked again once: it was busy.", "An image came with this answer.")
    message = answer("The answer.", state="failed", error=ErrorCard("It broke off"), notes=notes)
    async with reading(question("Why?"), message) as reader:
        view = reader.transcript.column.views[1]
        texts = [piece.text for piece in view.pieces]
        assert texts[:3] == ["The answer.", *notes]
        heights = [piece.height - piece.margin for piece in view.pieces]
        assert heights[1] < heights[0]
        reader.transcript.select_all()
        assert notes[0] in reader.transcript.selected_text(plain=True)


async def test_notes_come_with_the_end_of_a_stream() -> None:
    async with reading(question("Why?"), answer("", state="streaming")) as reader:
        reader.transcript.append_text("answer", "The answer.")
        reader.transcript.update_message(answer("The answer.", notes=("A note.",), footer="m"))
        await reader.settled()
        view = reader.transcript.column.views[1]
        assert [piece.text for piece in view.pieces][:2] == ["The answer.", "A note."]


async def test_a_window_that_shows_a_whole_answer_rests() -> None:
    async with reading(question("Why?"), answer("So.", reasoning="Because")) as reader:
        await reader.settled()
        await asyncio.sleep(0.1)
        running = [timer for timer in reader.transcript.findChildren(QTimer) if timer.isActive()]
        assert running == []
