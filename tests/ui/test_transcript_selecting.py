"""Selecting with the mouse and copying what was selected."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

TEXT = """A first paragraph with **bold words** and `code`.

- one item
- another *item*

```python
def f():
    return "x"
```

| a | b |
|---|---|
| 1 | two |
"""


async def _menu(reader: Reader, place: QPoint) -> QMenu:
    await reader.click(place, button=3)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


async def _choose(reader: Reader, menu: QMenu, text: str) -> None:
    action = next(action for action in menu.actions() if action.text() == text)
    await reader.click(menu.mapToGlobal(menu.actionGeometry(action).center()))
    await until(lambda: QApplication.activePopupWidget() is None, "the menu closes")


async def test_part_of_a_paragraph_is_copied_as_markdown() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.drag(reader.place_of("with"), reader.place_of("and", 3))
        assert await reader.copied() == "with **bold words** and"


async def test_a_selection_goes_across_blocks_and_messages() -> None:
    async with reading(question("Why is that?"), answer(TEXT)) as reader:
        await reader.drag(reader.place_of("is that"), reader.place_of("another", 7))
        copied = await reader.copied()
        assert (
            copied == "is that?\n\nA first paragraph with **bold words** and `code`.\n\n- one item\n- another"
        )
        # The same the other way round.
        await reader.drag(reader.place_of("another", 7), reader.place_of("is that"))
        assert await reader.copied() == copied
        menu = await _menu(reader, reader.place_of("paragraph"))
        QGuiApplication.clipboard().clear()
        await _choose(reader, menu, "Copy as plain text")
        await until(lambda: QGuiApplication.clipboard().text(), "the clipboard")
        plain = "is that?\n\nA first paragraph with bold words and code.\n\n- one item\n- another"
        assert QGuiApplication.clipboard().text() == plain


async def test_lines_of_code_are_copied_bare() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.drag(reader.place_of("def f"), reader.place_of("return", 6))
        assert await reader.copied() == "def f():\n    return"


async def test_cells_are_copied_as_they_are_read() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.drag(reader.place_of("1\ttwo"), reader.place_of("1\ttwo", 4))
        assert await reader.copied() == "1\ttw"


async def test_a_double_click_takes_a_word_and_a_third_the_paragraph() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.click(reader.place_of("paragraph", 3), times=2)
        await until(reader.transcript.selected_text, "a word")
        assert reader.transcript.selected_text() == "paragraph"
        await reader.click(reader.place_of("bold words", 2), times=3)
        await until(lambda: len(reader.transcript.selected_text()) > 20, "a paragraph")
        assert reader.transcript.selected_text() == "A first paragraph with **bold words** and `code`."
        await reader.click(reader.place_of("one item"))
        await until(lambda: not reader.transcript.selected_text(), "nothing")


async def test_everything_is_selected_and_copied_as_source() -> None:
    async with reading(question("Why?"), answer(TEXT), question("And?", "again")) as reader:
        await reader.press("ctrl+a")
        assert await reader.copied() == f"Why?\n\n{TEXT.strip()}\n\nAnd?"
        await reader.press("Escape")
        await until(lambda: reader.transcript.selection is None, "nothing is selected")


async def test_dragging_beyond_the_edge_scrolls() -> None:
    long = "\n\n".join(f"Paragraph {number} of many." for number in range(80))
    async with reading(answer(long)) as reader:
        viewport = reader.transcript.viewport()
        reader.transcript.verticalScrollBar().setValue(0)
        await reader.settled()
        below = viewport.mapToGlobal(QPoint(300, viewport.height() + 90))
        await reader.point_at(reader.place_of("Paragraph 0"))
        from tests.ui.transcript_parts import xdotool

        await xdotool("mousedown", "1")
        await reader.point_at(reader.place_of("Paragraph 3"))
        await reader.point_at(below)
        await until(lambda: reader.transcript.at_end, "the end")
        await until(lambda: "Paragraph 79" in reader.transcript.selected_text(), "all selected")
        await xdotool("mouseup", "1")
        assert reader.transcript.selected_text().startswith("Paragraph 0")
        value = reader.transcript.verticalScrollBar().value()
        await reader.settled()
        assert reader.transcript.verticalScrollBar().value() == value


async def test_emoji_and_chips_do_not_shift_what_is_copied() -> None:
    async with reading(answer("Some 🎉 text with `a 🎉 chip` and *more 👩‍👩‍👧 text* after.")) as reader:
        await reader.drag(reader.place_of("text with"), reader.place_of("after", 5))
        assert await reader.copied() == "text with `a 🎉 chip` and *more 👩‍👩‍👧 text* after"


async def test_a_link_is_followed_by_a_click_and_not_by_a_drag() -> None:
    text = "See [this page](https://example.org/a) or [that](javascript:alert(1)) or <mailto:a@b.example>."
    async with reading(answer(text)) as reader:
        followed: list[str] = []
        reader.transcript.link_activated.connect(followed.append)
        await reader.click(reader.place_of("page", 1))
        await until(lambda: followed, "the link")
        assert reader.transcript.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
        await reader.drag(reader.place_of("this"), reader.place_of("page", 3))
        await reader.click(reader.place_of("javascript", 2))
        await reader.click(reader.place_of("a@b", 1))
        await until(lambda: len(followed) > 1, "the mail")
        assert followed == ["https://example.org/a", "mailto:a@b.example"]
        menu = await _menu(reader, reader.place_of("page", 1))
        await _choose(reader, menu, "Copy link address")
        await until(lambda: QGuiApplication.clipboard().text() == "https://example.org/a", "the address")


async def test_code_is_copied_whole_and_the_button_says_so() -> None:
    lines = [f"value_{number} = {number}" for number in range(200)]
    code = "\n".join([*lines, "x" * 9000, "", "end"])
    async with reading(answer(f"```python\n{code}\n```\nAfter."), size=(800, 900)) as reader:
        reader.transcript.verticalScrollBar().setValue(0)
        await reader.settled()
        button = reader.buttons("chat.transcript.copyCode")[0]
        right = button.geometry().right()
        done: list[bool] = []
        reader.transcript.copy_done.connect(lambda: done.append(True))
        await reader.click(button)
        await until(lambda: button.text() == "Copied", "the confirmation")
        assert button.geometry().right() == right
        assert done
        assert QGuiApplication.clipboard().text() == code
        await until(lambda: button.text() == "Copy", "the button rests")


async def test_a_message_is_copied_by_its_row() -> None:
    async with reading(question("Why?"), answer(TEXT)) as reader:
        await reader.point_at(reader.place_of("Why"))
        await until(lambda: reader.buttons("chat.transcript.copy"), "the row")
        await reader.click(reader.buttons("chat.transcript.copy")[0])
        await until(lambda: QGuiApplication.clipboard().text() == "Why?", "the clipboard")
