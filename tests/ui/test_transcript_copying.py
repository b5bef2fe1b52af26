"""What the clipboard holds: source and rich text, source alone, or text as it is read."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.transcript_parts import Reader, answer, question, reading
from tests.waiting import until

TEXT = "Some **bold** words, [a page](https://example.org/?a=1&b=2) and\n\n- an *item*\n"


async def _copied(reader: Reader, *keys: str) -> QMimeData:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    await reader.press(*keys)
    await until(clipboard.text, "the clipboard")
    mime = clipboard.mimeData()
    assert isinstance(mime, QMimeData)
    return mime


async def _chosen(reader: Reader, place: str, text: str) -> QMimeData:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    await reader.click(reader.place_of(place), button=3)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text() == text)
    await reader.click(menu.mapToGlobal(menu.actionGeometry(action).center()))
    await until(clipboard.text, "the clipboard")
    mime = clipboard.mimeData()
    assert isinstance(mime, QMimeData)
    return mime


async def test_copy_gives_source_and_rich_text() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.drag(reader.place_of("bold"), reader.place_of("item", 4))
        mime = await _copied(reader, "ctrl+c")
        assert mime.text() == "**bold** words, [a page](https://example.org/?a=1&b=2) and\n\n- an *item*"
        html = mime.html().replace(' dir="auto"', "")
        assert "<p><strong>bold</strong> words, " in html
        assert '<a href="https://example.org/?a=1&amp;b=2">a page</a>' in html
        assert "<ul>\n<li>an <em>item</em></li>\n</ul>" in html


async def test_plain_text_has_its_own_key_and_no_rich_text() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.press("Up")
        mime = await _copied(reader, "ctrl+shift+c")
        assert mime.text() == "Some bold words, a page and\n\n- an item"
        assert not mime.hasHtml()


async def test_a_message_is_copied_in_each_form_from_its_menu() -> None:
    async with reading(question("Is 1 < 2?"), answer(TEXT)) as reader:
        mime = await _chosen(reader, "words", "Copy message")
        assert mime.text() == TEXT
        assert "<strong>bold</strong>" in mime.html()
        mime = await _chosen(reader, "words", "Copy message as Markdown")
        assert (mime.text(), mime.hasHtml()) == (TEXT, False)
        mime = await _chosen(reader, "words", "Copy message as plain text")
        assert (mime.text(), mime.hasHtml()) == ("Some bold words, a page and\n\n- an item", False)
        mime = await _chosen(reader, "1 <", "Copy message")
        assert "Is 1 &lt; 2?" in mime.html()


async def test_everything_is_copied_as_one_rich_text() -> None:
    async with reading(question("Why?"), answer(TEXT)) as reader:
        await reader.press("ctrl+a")
        mime = await _copied(reader, "ctrl+c")
        assert mime.text() == f"Why?\n\n{TEXT.strip()}"
        assert mime.html().index("Why?") < mime.html().index("<strong>bold</strong>")


async def test_a_selection_is_copied_as_markdown_alone() -> None:
    async with reading(answer(TEXT)) as reader:
        await reader.drag(reader.place_of("Some"), reader.place_of("words", 5))
        mime = await _chosen(reader, "bold", "Copy as Markdown")
        assert (mime.text(), mime.hasHtml()) == ("Some **bold** words", False)


async def test_right_to_left_text_is_copied_with_its_direction() -> None:
    async with reading(answer("שלום **עולם**")) as reader:
        await reader.press("Up")
        mime = await _copied(reader, "ctrl+c")
        assert '<p dir="auto">שלום <strong>עולם</strong></p>' in mime.html()
