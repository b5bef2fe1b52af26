"""Editing a message where it stands."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPlainTextEdit

from aiproxy_desktop.ui.chat.transcript.messages import MessageAction, TranscriptMessage
from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

OWN: tuple[MessageAction, ...] = ("edit", "copy")
LONG = "\n\n".join(f"Paragraph {number} of many." for number in range(60))


def _own(text: str, name: str = "question") -> TranscriptMessage:
    return TranscriptMessage(name, "user", text, actions=OWN)


def _editor(reader: Reader) -> QPlainTextEdit:
    found = reader.transcript.findChildren(QPlainTextEdit, "chat.transcript.editor")
    assert len(found) == 1
    return found[0]


def _editing(reader: Reader) -> bool:
    found = reader.transcript.findChildren(QPlainTextEdit, "chat.transcript.editor")
    return any(editor.isVisible() for editor in found)


async def _begin(reader: Reader, text: str = "Why") -> QPlainTextEdit:
    await reader.point_until(reader.place_of(text), lambda: reader.buttons("chat.transcript.edit"), "the row")
    await reader.click(reader.buttons("chat.transcript.edit")[0])
    await until(lambda: _editing(reader) and _editor(reader).hasFocus(), "the editor")
    return _editor(reader)


async def test_an_edit_is_sent_with_enter() -> None:
    async with reading(_own("Why so?"), answer("Because.")) as reader:
        sent: list[tuple[str, str]] = []
        reader.transcript.edit_submitted.connect(lambda message, text: sent.append((message, text)))
        editor = await _begin(reader)
        assert editor.toPlainText() == "Why so?"
        await reader.press("space", "N", "o", "w", "Return")
        await until(lambda: sent, "the edit")
        assert sent == [("question", "Why so? Now")]
        # No word is lost until the new version is there.
        assert _editing(reader)
        reader.transcript.set_messages([_own("Why so? Now", "second"), answer("", "new", state="streaming")])
        await until(lambda: not _editing(reader), "the new version")
        reader.piece_with("Why so? Now")


async def test_escape_leaves_the_words_as_they_were() -> None:
    async with reading(_own("Why so?"), answer("Because.")) as reader:
        top, below = reader.top_of(0), reader.top_of(1)
        await _begin(reader)
        assert reader.top_of(0) == top
        await reader.press("N", "o", "Escape")
        await until(lambda: not _editing(reader), "no editor")
        await reader.settled()
        reader.piece_with("Why so?")
        assert (reader.top_of(0), reader.top_of(1)) == (top, below)
        assert reader.transcript.hasFocus()
        assert reader.transcript.navigation.current == 0


async def test_the_key_of_a_message_edits_it_and_ctrl_enter_and_the_buttons_send() -> None:
    async with reading(_own("Why so?"), answer("Because.")) as reader:
        sent: list[str] = []
        reader.transcript.edit_submitted.connect(lambda _message, text: sent.append(text))
        await reader.press("Up", "Up", "e")
        await until(lambda: _editing(reader) and _editor(reader).hasFocus(), "the editor")
        await reader.press("ctrl+a", "A", "ctrl+Return")
        await until(lambda: sent == ["A"], "by key")
        await reader.click(reader.buttons("chat.transcript.sendEdit")[0])
        await until(lambda: sent == ["A", "A"], "by button")
        await reader.click(_editor(reader))
        await reader.press("ctrl+a", "BackSpace")
        await until(lambda: not reader.buttons("chat.transcript.sendEdit")[0].isEnabled(), "nothing to send")
        await reader.press("Return")
        await reader.click(reader.buttons("chat.transcript.cancelEdit")[0])
        await until(lambda: not _editing(reader), "no editor")
        assert sent == ["A", "A"]
        reader.piece_with("Why so?")


async def test_the_editor_grows_and_what_is_below_makes_room() -> None:
    async with reading(_own("Why so?"), answer("Because."), question("And?", "last")) as reader:
        editor = await _begin(reader)
        top, below = reader.top_of(0), reader.top_of(1)
        height = editor.height()
        await reader.press("shift+Return", "shift+Return", "shift+Return")
        await until(lambda: reader.top_of(1) > below, "room")
        assert reader.top_of(0) == top
        assert editor.height() - height == reader.top_of(1) - below
        for name in ("sendEdit", "cancelEdit"):
            button = reader.buttons(f"chat.transcript.{name}")[0]
            bottom = button.mapTo(reader.transcript.viewport(), QPoint(0, button.height())).y()
            assert bottom < reader.top_of(1)


async def test_what_was_written_stays_while_it_is_out_of_view() -> None:
    async with reading(_own("Why so?"), answer(LONG)) as reader:
        await reader.press("Home")
        await until(lambda: reader.transcript.verticalScrollBar().value() == 0, "the top")
        editor = await _begin(reader)
        await reader.press("exclam")
        await until(lambda: editor.toPlainText() == "Why so?!", "a sign more")
        await reader.wheel(up=False, times=8)
        await until(lambda: not editor.isVisible(), "out of view")
        assert reader.transcript.hasFocus()
        reader.transcript.scroll_to_end()
        await reader.press("Home")
        await until(editor.isVisible, "in view again")
        assert editor.toPlainText() == "Why so?!"
        frame = editor.parentWidget()
        assert frame is not None
        assert frame.y() == reader.top_of(0)


async def test_an_edit_in_a_long_conversation_moves_nothing_above() -> None:
    messages = [_own(f"Question {number}", str(number)) for number in range(30)]
    async with reading(*messages) as reader:
        first = reader.transcript.column.shown[0].message + 2
        before = reader.top_of(first)
        editor = await _begin(reader, "Question 29")
        # Only as far as the editor itself needs.
        assert before - 60 <= reader.top_of(first) <= before
        bottom = editor.mapTo(reader.transcript.viewport(), QPoint(0, editor.height())).y()
        assert bottom <= reader.transcript.viewport().height()


async def test_only_one_message_is_edited_at_a_time() -> None:
    async with reading(_own("Why so?"), _own("And then?", "second")) as reader:
        await _begin(reader, "Why")
        await reader.point_at(reader.place_of("And then"))
        await until(lambda: reader.buttons("chat.transcript.edit"), "the row")
        await reader.click(reader.buttons("chat.transcript.edit")[0])
        await until(lambda: _editor(reader).toPlainText() == "And then?", "the other one")
        reader.piece_with("Why so?")
