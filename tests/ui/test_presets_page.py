"""Settings, Prompts and personas, in the real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QListView, QPlainTextEdit

from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetsViewModel
from tests.ui.settings_parts import SettingsParts
from tests.ui.test_settings_page import Screen, settings_screen
from tests.waiting import until


async def opened_page(screen: Screen) -> PresetsViewModel:
    screen.click("settings.nav.presets")
    await until(lambda: screen.sees("settings.prompts"), "the page")
    return screen.parts.presets


def row_button(screen: Screen, words: str) -> QAbstractButton:
    return next(
        button
        for button in screen.window.findChildren(QAbstractButton)
        if button.isVisible() and button.accessibleName() == words
    )


def press(screen: Screen, words: str) -> None:
    QTest.mouseClick(row_button(screen, words), Qt.MouseButton.LeftButton)


def last_undo(parts: SettingsParts) -> None:
    undo = parts.notices[-1].undo
    assert undo is not None
    undo()


async def test_a_prompt_is_added_edited_deleted_and_brought_back(tmp_path: Path) -> None:
    async with settings_screen(tmp_path) as screen:
        vm = await opened_page(screen)
        screen.click("settings.prompts.add")
        assert screen.focus() == "settings.prompt.name"
        screen.type("Summary")
        screen.find("settings.prompt.text", QPlainTextEdit).insertPlainText("Summarise {{what}}.")
        screen.click("settings.prompt.save")
        await until(lambda: [row.name for row in vm.prompts] == ["Summary"], "it is kept")
        assert not screen.sees("settings.prompt")
        assert screen.focus() == "settings.prompts.add"
        press(screen, "Edit Summary")
        name = screen.find("settings.prompt.name", QLineEdit)
        assert name.text() == "Summary"
        name.selectAll()
        screen.type("Digest")
        screen.key(Qt.Key.Key_Return)
        await until(lambda: [row.name for row in vm.prompts] == ["Digest"], "the change")
        assert screen.focus().endswith(".edit")
        press(screen, "Delete Digest")
        await until(lambda: vm.prompts == (), "the deletion")
        assert screen.parts.notices[-1].text == "“Digest” deleted"
        last_undo(screen.parts)
        await until(lambda: [row.detail for row in vm.prompts] == ["Summarise {{what}}."], "it is back")


async def test_a_taken_name_is_refused_in_place_and_what_was_typed_stays(tmp_path: Path) -> None:
    async with settings_screen(tmp_path) as screen:
        vm = await opened_page(screen)
        for _time in range(2):
            screen.click("settings.prompts.add")
            screen.type("Same")
            screen.find("settings.prompt.text", QPlainTextEdit).insertPlainText("kept text")
            screen.click("settings.prompt.save")
            await until(lambda: vm.editor is None or bool(vm.editor.error))
        await until(lambda: screen.says("taken"), "the sentence")
        assert screen.find("settings.prompt.text", QPlainTextEdit).toPlainText() == "kept text"
        assert screen.focus() == "settings.prompt.name"
        screen.key(Qt.Key.Key_Escape)
        assert not screen.sees("settings.prompt")
        assert screen.focus() == "settings.prompts.add"


async def test_a_persona_holds_a_model_and_options(tmp_path: Path) -> None:
    async with settings_screen(tmp_path) as screen:
        vm = await opened_page(screen)
        screen.click("settings.personas.add")
        screen.type("Editor")
        QTest.keyClicks(screen.find("settings.persona.options.system", QPlainTextEdit), "Be strict.")
        QTest.keyClicks(screen.find("settings.persona.options.outputLimit", QLineEdit), "50")
        screen.click("settings.persona.options.webSearch")
        screen.click("settings.persona.model")
        models = screen.find("chat.modelPicker.list", QListView)
        name = models.model().index(0, 0).data()
        screen.key(Qt.Key.Key_Return)
        assert screen.find("settings.persona.model", QAbstractButton).text() == name
        screen.find("settings.persona.name", QLineEdit).setFocus()
        screen.key(Qt.Key.Key_Return)
        await until(lambda: len(vm.personas) == 1, "it is kept")
        assert vm.personas[0].detail == f"{name} · 2 options · Be strict."
        vm.edit("persona", vm.personas[0].id)
        assert vm.editor is not None
        kept = vm.editor.options
        assert kept.model is not None
        assert kept == ChatOptions(model=kept.model, system="Be strict.", output_limit=50, web_search=True)
        screen.click("settings.persona.anyModel")
        screen.click("settings.persona.save")
        await until(lambda: vm.personas[0].detail == "2 options · Be strict.", "the change")
