"""The transcript by keyboard and by screen reader."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.tokens import load_themes
from aiproxy_desktop.ui.widgets.focus import focused_widget
from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

BOTH = ("copy", "regenerate")
LONG = "\n\n".join(f"Paragraph {number} of many." for number in range(80))


async def test_arrows_go_from_message_to_message() -> None:
    messages = [question(f"Question {number}", str(number)) for number in range(40)]
    async with reading(*messages) as reader:
        navigation = reader.transcript.navigation
        await reader.press("Up")
        await until(lambda: navigation.current == 39, "the last message in view")
        await reader.press("Up", "Up", "Up")
        await until(lambda: navigation.current == 36, "three up")
        await reader.press(*["Up"] * 20)
        await until(lambda: navigation.current == 16, "twenty more")
        assert reader.top_of(16) >= 0
        await reader.press("Down")
        await until(lambda: navigation.current == 17, "one down")
        # The row of actions stands under the message the keyboard is on.
        await until(lambda: reader.buttons("chat.transcript.copy"), "the row")
        assert await reader.copied() == "Question 17"


async def test_arrows_go_through_a_message_taller_than_the_view() -> None:
    async with reading(question("Why?"), answer(LONG), question("And?", "again")) as reader:
        navigation = reader.transcript.navigation
        await reader.press("Home", "Down")
        await until(lambda: navigation.current is not None, "a message")
        navigation.current = 1
        before = reader.top_of(1)
        await reader.press("Down")
        await until(lambda: reader.top_of(1) < before, "it scrolls")
        assert navigation.current == 1
        for _ in range(60):
            await reader.press("Down")
            if navigation.current == 2:
                break
        assert navigation.current == 2
        reader.piece_with("And?")


async def test_pages_and_ends() -> None:
    async with reading(answer(LONG)) as reader:
        bar = reader.transcript.verticalScrollBar()
        await reader.press("Home")
        await until(lambda: bar.value() == 0, "the top")
        await reader.press("Next")
        await until(lambda: bar.value() > 300, "a page down")
        await reader.press("Prior")
        await until(lambda: bar.value() == 0, "a page up")
        await reader.press("End")
        await until(lambda: reader.transcript.at_end, "the end")


async def test_links_are_reached_and_followed() -> None:
    text = "See [one](https://one.example/) and [two](https://two.example/)."
    async with reading(answer(text)) as reader:
        followed: list[str] = []
        reader.transcript.link_activated.connect(followed.append)
        await reader.press("Right", "Right", "Return", "Right", "Return", "Left", "Return")
        await until(lambda: len(followed) == 3, "three links")
        assert followed == ["https://two.example/", "https://one.example/", "https://two.example/"]


async def test_tab_goes_through_the_buttons_in_view() -> None:
    text = "```python\nx = 1\n```\n\nThen\n\n```sql\nselect 1\n```"
    async with reading(question("Why?"), answer(text, reasoning="Hm.", actions=BOTH)) as reader:
        seen: list[str] = []
        await reader.press("Up")
        await until(lambda: reader.buttons("chat.transcript.regenerate"), "the row")
        for _ in range(7):
            before = focused_widget()
            await reader.press("Tab")
            await until(partial(_moved_from, before), "the next one")
            widget = focused_widget()
            assert widget is not None
            seen.append(widget.objectName().rpartition(".")[2])
        assert seen == ["reasoning", "copyCode", "saveCode", "copyCode", "saveCode", "copy", "regenerate"]


async def test_copying_code_by_keyboard() -> None:
    async with reading(answer("```python\nx = 1\n```")) as reader:
        await reader.press("Tab")
        button = reader.buttons("chat.transcript.copyCode")[0]
        await until(button.hasFocus, "the button")
        await reader.press("space")
        await until(lambda: QGuiApplication.clipboard().text() == "x = 1", "the clipboard")


async def test_focus_by_keyboard_shows_a_ring_and_by_mouse_none() -> None:
    light, _ = load_themes()
    async with reading(question("Why?"), answer("Because.")) as reader:

        def ringed() -> bool:
            picture = reader.picture()
            left = reader.transcript.column_left - 7
            middle = reader.top_of(1) + 20
            return bool(picture.pixelColor(left, middle).name().upper() == light.accent)

        assert not ringed()
        await reader.press("Up")
        await until(ringed, "the ring")
        await reader.click(reader.place_of("Because"))
        await until(lambda: not ringed(), "no ring")


async def test_keys_the_transcript_has_no_use_for_reach_the_window() -> None:
    async with reading(answer("Text.")) as reader:
        window = QWidget()
        window.resize(500, 400)
        field = QLineEdit(window)
        layout = QVBoxLayout(window)
        layout.addWidget(reader.transcript)
        layout.addWidget(field)
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window has the keyboard")
        reader.transcript.setFocus()
        pressed: list[int] = []
        window.keyPressEvent = lambda event: pressed.append(event.key())  # type: ignore[method-assign]  # listens
        await reader.press("Escape", "a")
        await until(lambda: len(pressed) == 2, "both keys")
        assert pressed == [Qt.Key.Key_Escape.value, Qt.Key.Key_A.value]
        reader.transcript.setParent(None)
        window.close()
        window.deleteLater()


def _moved_from(before: QWidget | None) -> bool:
    return focused_widget() is not before


def _names(reader: Reader) -> list[str]:
    interface = QAccessible.queryAccessibleInterface(reader.transcript)
    return [interface.child(index).text(QAccessible.Text.Name) for index in range(interface.childCount())]


async def test_every_message_is_read_out() -> None:
    card = "Some `List<String>` and **bold** text"
    async with reading(question("Why?"), answer(card, footer="model"), size=(700, 500)) as reader:
        interface = QAccessible.queryAccessibleInterface(reader.transcript)
        assert interface.text(QAccessible.Text.Name) == "Conversation"
        assert _names(reader)[:2] == ["You said: Why?", "Answer: Some List<String> and bold text"]
        child = interface.child(1)
        assert child.role() == QAccessible.Role.ListItem
        assert child.text(QAccessible.Text.Description) == "model"
        assert child.parent().childCount() == interface.childCount()
        assert interface.indexOfChild(child) == 1
        top = reader.transcript.viewport().mapToGlobal(QPoint(0, reader.top_of(1))).y()
        assert child.rect().top() == top
        reader.transcript.append_message(answer("", "late", state="streaming"))
        await reader.settled()
        assert _names(reader)[2] == "Answer: "
        assert "still being written" in interface.child(2).text(QAccessible.Text.Description)
        reader.transcript.clear()
        await reader.settled()
        assert not any(name.startswith("Answer") for name in _names(reader))
