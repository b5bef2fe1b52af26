"""Columns of a comparison are read as a conversation is: zoomed, searched, jumped to; and one goes on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit, QWidget

from aiproxy_desktop.core.events import Started, TextDelta
from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.ui.chat.transcript import Transcript
from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.ui.compare_parts import REFERENCES, Quartet, compared
from tests.ui.image_files import stored_image
from tests.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def column(window: Window, number: int) -> Transcript:
    return window.find(Transcript, f"chat.compare.transcript.{number}")


async def asked(window: Window, columns: int) -> None:
    await window.ask("Who are you?")
    comparing = window.parts.view_model.comparing
    await until(lambda: len(comparing.columns) == columns and not comparing.busy, "all answers")


async def test_columns_have_the_zoom_that_is_set(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        window.parts.view_model.step_zoom(1)
        await until(lambda: window.parts.view_model.zoom == 110)
        await asked(window, 2)
        assert [column(window, number).zoom for number in (1, 2)] == [110, 110]
        window.press(Qt.Key.Key_Plus, CONTROL)
        await until(lambda: column(window, 2).zoom == 125, "larger text")
        assert column(window, 1).zoom == 125


async def test_words_are_found_in_the_column_that_the_keyboard_is_in(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        await asked(window, 2)
        column(window, 2).setFocus()
        window.press(Qt.Key.Key_F, CONTROL)
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit)
        QTest.keyClicks(field, "bea")
        await until(lambda: column(window, 2).finding.active)
        assert not column(window, 1).finding.active
        window.composer.setFocus()
        window.press(Qt.Key.Key_Escape)
        assert not column(window, 2).finding.active


async def test_code_of_a_column_is_saved_where_the_person_says(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        quartet.scripts["bea"] = answer("```python\nprint(1)\n```\n")
        await asked(window, 2)
        column(window, 2).setFocus()
        save = next(one for one in window.page.actions_here() if one.id == "chat.saveCode")
        save.run()
        await until(lambda: window.window.findChildren(QFileDialog), "the dialog")
        dialog = window.window.findChildren(QFileDialog)[0]
        dialog.fileSelected.emit(str(tmp_path / "mine.py"))
        dialog.close()
        await until((tmp_path / "mine.py").exists, "the file")
        assert (tmp_path / "mine.py").read_text() == "print(1)"


async def test_what_is_kept_goes_on_with_its_model(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, quartet):
        await asked(window, 3)
        window.click("chat.compare.keep.2")
        await until(lambda: window.shows("chat.transcript"), "one conversation again")
        assert QApplication.focusWidget() is window.composer
        choice = window.parts.view_model.models.choice
        assert choice is not None
        assert choice.reference == REFERENCES[1]
        await window.ask("And now?")
        await window.answered_anew()
        assert quartet.requests[-1].model == "bea"


async def test_the_empty_composer_says_who_is_asked(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        composer = window.find(PromptEdit, "chat.composer")
        assert composer.placeholder == "Ask both"
        window.parts.view_model.comparing.add_model(REFERENCES[2])
        assert composer.placeholder == "Ask all three"
        window.page.compare.leave()
        assert composer.placeholder.startswith("Write a message")


async def test_a_hit_in_a_column_is_shown_in_it(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        quartet.scripts["bea"] = answer("A needle in here.")
        await asked(window, 2)
        window.page.begin_new()
        search = window.page.sidebar.search
        window.page.compare.fit()
        QTest.keyClicks(window.find(QLineEdit, search.objectName()), "needle")
        await until(lambda: window.parts.view_model.library.finding.words == ("needle",))
        await until(lambda: window.shows("chat.found"))
        QTest.keyClick(search, Qt.Key.Key_Return)
        await until(lambda: window.shows("chat.compare.transcript.2"), "the columns")
        await until(lambda: column(window, 2).finding.active, "the words are marked")
        assert not column(window, 1).finding.active
        conversation = window.parts.view_model.conversation
        assert conversation is not None
        assert len(conversation.comparison) == 2


async def test_a_hit_above_the_columns_is_shown_in_the_conversation(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        window.page.compare.leave()
        await window.ask("A needle")
        await window.answered_anew()
        window.page.compare.begin()
        window.parts.view_model.comparing.add_model(REFERENCES[1])
        await asked(window, 2)
        model = window.parts.view_model
        assert model.conversation is not None
        first = (await window.parts.store.thread(model.conversation.id))[0]
        model.open_message(model.conversation.id, first.id, ("needle",))
        await until(lambda: window.shows("chat.transcript"), "one conversation")
        await until(lambda: window.transcript.finding.active, "the words are marked")
        assert first.id in [one.id for one in model.messages]


async def test_the_end_of_the_line_archives_nothing(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        await asked(window, 2)
        window.type("some words")
        window.press(Qt.Key.Key_Home)
        window.press(Qt.Key.Key_E, CONTROL)
        assert window.composer.textCursor().atEnd()
        assert window.parts.view_model.conversation is not None
        assert window.parts.view_model.library.shelves.counts.archived == 0


async def test_what_one_of_the_models_cannot_read_is_said(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        quartet.able["bea"] = Capabilities(vision=False)
        await window.parts.providers.refresh("builtin")
        picture = stored_image(tmp_path).path
        assert picture is not None
        window.parts.view_model.attaching.add_paths([picture])
        await until(lambda: window.shows("chat.attachments.advice"), "the advice")
        advice = window.find(QLabel, "chat.attachments.advice").text()
        assert advice == "Bea does not read images. Compare others, or send it without."
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        window.click("chat.compare.remove.2")
        await until(lambda: not window.shows("chat.attachments.advice"))
        assert window.find(QAbstractButton, "chat.send").isEnabled()


async def test_the_first_page_compares_where_there_are_two_models(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        assert not window.shows("chat.firstRun.compare")
        await window.parts.registry.replace(Quartet())
        await window.parts.providers.refresh("builtin")
        window.click("chat.firstRun.compare")
        assert window.shows("chat.compare")
        assert QApplication.focusWidget() is window.composer


async def test_options_hold_for_all_columns(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        window.press(Qt.Key.Key_O, CONTROL | SHIFT)
        await until(lambda: window.shows("chat.options.panel"), "the options")
        assert not window.shows("chat.options.model")
        panel = window.find(QWidget, "chat.options.panel")
        button = window.find(QAbstractButton, "chat.compare.options")
        assert panel.mapToGlobal(QPoint()).y() >= button.mapToGlobal(button.rect().bottomLeft()).y()
        window.parts.view_model.writing.options.set(temperature=0.5)
        assert button.accessibleName() == "Options, 1 set"
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.options.panel"))
        await asked(window, 2)
        assert [request.temperature for request in quartet.requests[:2]] == [0.5, 0.5]


async def test_a_column_that_was_stopped_goes_on(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        quartet.scripts["bea"] = (Started("builtin", "bea"), *[TextDelta("One two. ")] * 1000)
        quartet.delays["bea"] = 0.02
        await window.ask("Count")
        comparing = window.parts.view_model.comparing
        await until(lambda: len(comparing.columns) == 2 and len(comparing.columns[1].answer.text) > 20)
        window.click("chat.compare.stop.2")
        await until(lambda: not comparing.busy, "it is stopped")
        broken = comparing.columns[1].answer
        quartet.scripts["bea"], quartet.delays["bea"] = answer("And three."), 0.0
        window.click("chat.transcript.continueHere")
        await until(lambda: comparing.columns[1].answer.text.endswith("And three."), "the rest")
        await until(lambda: not comparing.busy)
        assert comparing.columns[1].answer.text.startswith(broken.text)
        assert (await window.parts.store.message(broken.id)).text == broken.text
