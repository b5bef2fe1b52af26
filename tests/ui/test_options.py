"""The options of a conversation, by hand and by keyboard, in the real window."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QWidget,
)

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.presets import Persona
from tests.ui.chat_parts import LocalScript
from tests.ui.chat_window import Window, opened
from tests.waiting import until

OPEN = (Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
THINKS = Capabilities(thinking=True, web_search=False, sampling=False)


def offer(monkeypatch: pytest.MonkeyPatch, **facts: object) -> None:
    model = ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", local=True)

    async def listed(_provider: LocalScript) -> tuple[ModelInfo, ...]:
        import dataclasses

        return (dataclasses.replace(model, **facts),)  # type: ignore[arg-type]  # the test's own facts

    monkeypatch.setattr(LocalScript, "list_models", listed)


async def open_options(window: Window) -> None:
    QTest.keyClick(window.composer, *OPEN)
    await until(lambda: window.shows("chat.options.panel"), "the panel")


def choose(window: Window, select: str, label: str) -> None:
    from PySide6.QtWidgets import QListView

    window.click(select)
    rows = window.find(QListView, f"{select}.list")
    model = rows.model()
    found = next(
        model.index(row, 0) for row in range(model.rowCount()) if model.index(row, 0).data() == label
    )
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(found).center())


async def test_what_is_set_before_a_chat_begins_goes_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        await open_options(window)
        QTest.keyClicks(window.find(QPlainTextEdit, "chat.options.system"), "Be brief.")
        slider = window.find(QSlider, "chat.options.temperature")
        slider.setFocus()
        QTest.keyClick(slider, Qt.Key.Key_Left)
        QTest.keyClicks(window.find(QLineEdit, "chat.options.outputLimit"), "300x")
        window.click("chat.options.json")
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.options.panel"), "it closes")
        wanted = ChatOptions(system="Be brief.", temperature=0.9, output_limit=300, json_mode=True)
        assert vm.writing.options.current == wanted
        button = window.find(QAbstractButton, "chat.firstRun.options")
        assert button.accessibleName() == "Options, 4 set"
        window.composer.setFocus()
        await window.ask("Hello")
        await window.answered()
        assert vm.conversation is not None
        assert (await window.parts.store.get(vm.conversation.id)).options == wanted
        assert window.find(QAbstractButton, "chat.options").accessibleName() == "Options, 4 set"
        vm.new_conversation()
        assert vm.writing.options.current == NO_OPTIONS


async def test_what_is_set_later_is_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("Hello")
        await window.answered()
        vm = window.parts.view_model
        assert vm.conversation is not None
        identity = vm.conversation.id
        window.click("chat.options")
        await until(lambda: window.shows("chat.options.panel"))
        QTest.keyClicks(window.find(QPlainTextEdit, "chat.options.system"), "Later")
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        vm.open(identity)
        await until(lambda: vm.writing.options.current.system == "Later")
        assert vm.writing.options.set_count == 1
        window.click("chat.options")
        await until(lambda: window.shows("chat.options.panel"))
        assert window.find(QPlainTextEdit, "chat.options.system").toPlainText() == "Later"
        window.click("chat.options.reset")
        await vm.writing.options.settle()
        assert (await window.parts.store.get(identity)).options == NO_OPTIONS
        window.press(Qt.Key.Key_Escape)


async def test_what_the_model_cannot_take_is_off_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, capabilities=THINKS)
    async with opened(tmp_path) as window:
        await open_options(window)
        said = [label.text() for label in window.window.findChildren(QLabel) if label.isVisible()]
        assert "SmolLM2 135M takes no temperature." in said
        assert "SmolLM2 135M cannot search the web." in said
        assert not window.find(QSlider, "chat.options.temperature").isEnabled()
        search = window.find(QAbstractButton, "chat.options.webSearch")
        assert not search.isEnabled()
        assert search.accessibleDescription() == "SmolLM2 135M cannot search the web."
        assert window.find(QAbstractButton, "chat.options.json").isEnabled()  # unknown is allowed
        assert window.find(QAbstractButton, "chat.options.effort").isEnabled()
        window.press(Qt.Key.Key_Escape)


async def test_effort_stands_in_the_footer_where_the_model_thinks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as window:
        assert not window.shows("chat.effort")
    offer(monkeypatch, capabilities=THINKS, local=False)
    async with opened(tmp_path) as window:
        await window.ask("Hello")
        await window.answered()
        await until(lambda: window.shows("chat.effort"))
        assert window.find(QAbstractButton, "chat.effort").text() == "Effort: default"
        choose(window, "chat.effort", "Medium")
        assert window.find(QAbstractButton, "chat.effort").text() == "Effort: medium"
        effort: Effort = "medium"
        assert window.parts.view_model.writing.options.current == ChatOptions(effort=effort)


async def test_no_name_and_no_figure_is_cut_for_the_effort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, capabilities=THINKS, local=False, price=Price(2.0, 8.0))
    async with opened(tmp_path) as window:
        composer = window.page.composer
        window.composer.insertPlainText("many words " * 5000)
        count = window.find(QLabel, "chat.count")
        await until(lambda: "$" in count.text(), "the count")
        for width in (880, 1000, 1280, 1500):
            window.window.resize(width, 700)
            QApplication.processEvents()
            assert count.width() >= count.sizeHint().width(), width
            assert composer.model_button.width() >= composer.model_button.named_width(), width
            # In the smallest window the tooltip tells how many tokens.
            told = count.text() if width > 880 else count.toolTip()
            assert told.startswith("about 1"), width
            assert count.text().endswith(told[told.index("$") :])
        window.composer.clear()
        await window.ask("Hello")
        await window.answered()
        assert window.shows("chat.effort")
        window.window.resize(880, 560)
        await until(lambda: not window.shows("chat.effort"), "the options hold it")


async def test_a_persona_is_saved_taken_and_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        assert not window.shows("chat.firstRun.persona")
        await open_options(window)
        QTest.keyClicks(window.find(QPlainTextEdit, "chat.options.system"), "Be strict.")
        window.click("chat.options.savePersona")
        QTest.keyClicks(window.find(QLineEdit, "chat.options.personaForm.name"), "Editor")
        window.click("chat.options.personaForm.save")
        await until(lambda: vm.writing.options.persona is not None, "it is kept")
        assert window.find(QAbstractButton, "chat.options.persona").text() == "Editor"
        assert vm.writing.presets.personas[0].options.model == "builtin:smollm2-135m"
        window.click("chat.options.savePersona")
        QTest.keyClicks(window.find(QLineEdit, "chat.options.personaForm.name"), "EDITOR")
        window.click("chat.options.personaForm.save")
        field = window.find(QLineEdit, "chat.options.personaForm.name")
        await until(lambda: "EDITOR" in field.accessibleDescription(), "it is refused")
        window.press(Qt.Key.Key_Escape)
        assert window.find(QAbstractButton, "chat.firstRun.persona").text() == "Persona: Editor"
        choose(window, "chat.firstRun.persona", "None")
        assert vm.writing.options.current == NO_OPTIONS
        choose(window, "chat.firstRun.persona", "Editor")
        assert vm.writing.options.current.system == "Be strict."


async def test_a_long_name_of_a_persona_is_cut_and_not_the_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        name = "Careful translator of legal documents and of much else"
        await vm.writing.presets.save_persona(Persona(name, ChatOptions(system="Translate.")))
        window.window.resize(880, 560)
        sidebar = window.find(QWidget, "chat.sidebar").width()
        choose(window, "chat.firstRun.persona", name)
        await until(lambda: vm.writing.options.persona is not None)
        QApplication.processEvents()
        button = window.find(QAbstractButton, "chat.firstRun.persona")
        assert button.accessibleName() == f"Persona: {name}"
        assert button.toolTip() == f"Persona: {name}"
        assert button.text().endswith("…")
        assert button.width() >= button.sizeHint().width()
        assert window.find(QWidget, "chat.sidebar").width() == sidebar
        await open_options(window)
        panel = window.find(QScrollArea, "chat.options.panel")
        inside = panel.widget()
        assert inside is not None
        assert inside.width() <= panel.viewport().width()
        assert inside.minimumSizeHint().width() <= panel.viewport().width()
        window.press(Qt.Key.Key_Escape)


async def test_a_persona_brings_its_model_for_this_chat_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        options = ChatOptions(model="openai:gpt-x", temperature=0.0)
        kept = await vm.writing.presets.save_persona(Persona("Other", options))
        vm.writing.options.apply(kept.id)
        assert vm.models.choice is not None
        assert vm.models.choice.reference == "openai:gpt-x"
        assert vm.writing.options.persona == kept
        assert vm.writing.options.current == msgspec.structs.replace(options, model=None)
        assert window.parts.settings.current.model is None


async def test_the_count_follows_what_is_written_and_warns_of_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, local=False, context_window=1000, price=Price(2.0, 8.0))
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        label = next(one for one in window.window.findChildren(QLabel, "chat.count"))
        window.type("What is a hash map?")
        await until(lambda: "tokens" in label.text(), "the count")
        assert label.text().startswith("about ")
        assert label.text().endswith("<$0.0001")
        window.page.composer.edit.insertPlainText("many more words " * 2000)
        await until(lambda: window.shows("chat.tooLong"), "the warning")
        warning = window.find(QLabel, "chat.tooLong").text()
        assert "SmolLM2 135M reads 1,000 at once" in warning
        assert "$0.0" in label.text()
        window.composer.clear()
        await until(lambda: not window.shows("chat.tooLong"))
        await window.ask("Hello")
        await window.answered()
        window.type("x")
        # 10 and 3 tokens were told by the provider for what came before.
        await until(lambda: label.text().startswith("about 14 tokens"), "the count")
        vm.new_conversation()
        window.type("x")
        await until(lambda: label.text().startswith("about 1 token "), "the count of a new chat")


async def test_a_local_model_is_free_and_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        label = next(one for one in window.window.findChildren(QLabel, "chat.count"))
        assert label.text() == "Free, on this computer"
        window.type("Hello")
        await until(lambda: label.text().endswith("· Free"), "the count")
        window.composer.clear()
        await until(lambda: label.text() == "Free, on this computer")
