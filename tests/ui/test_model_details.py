"""The details of a model, beside the table: buttons, facts by who said them, and what must be asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.ui.models.details.panel import DetailsPanel
from aiproxy_desktop.ui.models.details.viewmodel import DetailsViewModel
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import FactRow
from tests.ui.chat_parts import themes
from tests.ui.model_facts_parts import LONG_NAME, PAINTER, QWEN, SOL, FactsParts, facts_parts
from tests.waiting import until


class Screen:
    """A panel that is shown."""

    def __init__(self, parts: FactsParts, view_model: DetailsViewModel, panel: DetailsPanel) -> None:
        self.parts, self.vm, self.panel = parts, view_model, panel

    def button(self, name: str) -> PaintedButton:
        found = self.panel.findChild(PaintedButton, f"models.details.{name}")
        assert isinstance(found, PaintedButton), name
        return found

    def click(self, name: str) -> None:
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def facts(self) -> list[str]:
        return [row.accessibleName() for row in self.panel.findChildren(FactRow) if row.isVisible()]

    def texts(self) -> list[str]:
        return [label.text() for label in self.panel.findChildren(Label) if label.isVisible()]


@asynccontextmanager
async def screen_for(
    folder: Path, qtbot: QtBot, *, image_studio: bool = False, voice: bool = False
) -> AsyncIterator[Screen]:
    async with facts_parts(folder) as parts:
        view_model = DetailsViewModel(
            *(parts.providers, parts.settings, parts.facts), parts.unexpected.append
        )
        panel = DetailsPanel(themes(), view_model, image_studio=image_studio, voice=voice)
        qtbot.addWidget(panel)
        panel.resize(320, 800)
        panel.show()
        try:
            yield Screen(parts, view_model, panel)
        finally:
            await view_model.close()


async def test_nothing_is_chosen_at_first(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        assert screen.texts() == ["Details", "Choose a model in the table."]


async def test_facts_stand_under_who_said_them(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(SOL.reference)
        assert screen.panel.accessibleName() == "Sol"
        assert "OpenAI, cloud" in screen.texts()
        assert "From the bundled table" in screen.texts()
        assert "From OpenAI, 2 minutes ago" in screen.texts()
        facts = screen.facts()
        assert facts == [
            "Output limit: 128,000 tokens",
            "Price in: $0.60 a million",
            "Price out: $2.40 a million",
            "Context window: 400,000 tokens",
            "Can do: Vision, Tools",
            "Cannot do: Audio",
            "Not known: Think, Documents, JSON schema, Makes images",
            "Retires: No date given",
            "Used so far: Not yet",
        ]


async def test_usage_follows_the_answers(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(SOL.reference)
        await screen.parts.answer(SOL.reference)
        await until(lambda: "Seen here, 1 answer" in screen.texts(), "the answer is shown")
        assert "First token: 0.6 s" in screen.facts()
        assert "Used so far: 1,500 tokens, $0.25" in screen.facts()
        await screen.parts.answer(SOL.reference, cost=None)
        await until(lambda: "Seen here, 2 answers" in screen.texts(), "the second one is shown")
        assert "Used so far: 3,000 tokens, $0.25 for 1 of 2 answers" in screen.facts()


async def test_what_is_wished_is_told_with_the_reference(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        panel = screen.panel
        screen.vm.show_model(SOL.reference)
        for name, signal, told in (
            ("chat", panel.chat_wanted, [SOL.reference]),
            ("default", panel.default_wanted, [SOL.reference]),
            ("compare", panel.compare_wanted, [SOL.reference]),
            ("hide", panel.hidden_toggled, [SOL.reference, True]),
            ("star", panel.favourite_toggled, [SOL.reference, True]),
        ):
            spy = QSignalSpy(signal)
            screen.click(name)
            assert [spy.at(place) for place in range(spy.count())] == [told], name


async def test_the_buttons_follow_the_settings(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(SOL.reference)
        assert (screen.button("default").text(), screen.button("default").isEnabled()) == (
            *("Make default", True),
        )
        await screen.parts.settings.update(
            model=SOL.reference, favourite_models=(SOL.reference,), hidden_models=(SOL.reference,)
        )
        assert (screen.button("default").text(), screen.button("default").isEnabled()) == ("Default", False)
        assert screen.button("star").isChecked()
        assert screen.button("hide").text() == "Unhide"
        spy = QSignalSpy(screen.panel.hidden_toggled)
        screen.click("hide")
        assert spy.at(0) == [SOL.reference, False]


async def test_the_id_is_copied_and_said(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(SOL.reference)
        screen.button("copy").setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(screen.button("copy"), Qt.Key.Key_Return)
        assert QGuiApplication.clipboard().text() == "sol"
        assert screen.button("copy").text() == "Copied"
        screen.vm.show_model(PAINTER.reference)
        assert screen.button("copy").text() == "Copy id"


async def test_other_pages_are_offered_where_the_model_fits_and_they_are_there(
    tmp_path: Path, qtbot: QtBot
) -> None:
    talker = replace(SOL, id="gpt-realtime-2.1")
    async with screen_for(tmp_path, qtbot, image_studio=True, voice=True) as screen:
        screen.parts.providers.set_models("openai", SOL, PAINTER, talker)

        def offered() -> tuple[bool, bool, bool]:
            names = ("imageStudio", "voice", "chat")
            images, voice, chat = (screen.button(name).isVisible() for name in names)
            return images, voice, chat

        screen.vm.show_model(SOL.reference)
        assert offered() == (False, False, True)
        screen.vm.show_model(PAINTER.reference)
        assert offered() == (True, False, False)
        spy = QSignalSpy(screen.panel.image_studio_wanted)
        screen.click("imageStudio")
        assert spy.at(0) == [PAINTER.reference]
        screen.vm.show_model(talker.reference)
        assert offered() == (False, True, True)
        spy = QSignalSpy(screen.panel.voice_wanted)
        screen.click("voice")
        assert spy.at(0) == [talker.reference]
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(PAINTER.reference)
        assert not screen.button("imageStudio").isVisible()


async def test_a_server_is_asked_for_what_its_list_does_not_have(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(QWEN.reference)
        assert screen.vm.asked == "loading"
        assert "Asking for licence, template and parameters…" in screen.texts()
        await until(lambda: screen.vm.asked == "there", "the answer")
        assert "Family: qwen2" in screen.facts()
        assert "Changed: 18 Sep 2026" in screen.facts()
        assert "Price in: Free" in screen.facts()
        assert "A LICENCE OF ITS OWN" in screen.texts()
        assert not screen.button("template.show").isVisible()
        screen.button("license.show").setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(screen.button("license.show"), Qt.Key.Key_Space)
        whole = screen.panel.findChild(QPlainTextEdit, "models.details.license.text")
        assert isinstance(whole, QPlainTextEdit)
        assert whole.isVisible()
        assert whole.isReadOnly()
        assert whole.toPlainText().startswith("A LICENCE OF ITS OWN\nVersion 1\n\nYou may.")
        assert "A LICENCE OF ITS OWN" not in screen.texts()
        assert screen.button("license.show").accessibleName() == "Hide: Licence"
        screen.click("license.show")
        assert not whole.isVisible()


async def test_escape_leaves_the_panel_from_inside_a_text(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(QWEN.reference)
        await until(lambda: screen.vm.asked == "there", "the answer")
        screen.click("license.show")
        whole = screen.panel.findChild(QPlainTextEdit, "models.details.license.text")
        assert isinstance(whole, QPlainTextEdit)
        spy = QSignalSpy(screen.panel.closed)
        QTest.keyClick(whole, Qt.Key.Key_Escape)
        assert spy.count() == 1


async def test_a_server_that_does_not_answer_is_told_and_asked_again(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.parts.telling.failure = UnreachableError(
            "Ollama cannot be reached", "Start it.", provider="ollama"
        )
        screen.vm.show_model(QWEN.reference)
        await until(lambda: screen.vm.asked == "failed", "the failure")
        error = screen.panel.findChild(Label, "models.details.error")
        assert isinstance(error, Label)
        assert "Ollama cannot be reached" in error.text()
        assert "Start it." in error.text()
        screen.parts.telling.failure = None
        screen.click("retry")
        await until(lambda: screen.vm.asked == "there", "the second answer")
        assert not error.isVisible()


async def test_a_server_that_is_back_is_asked_by_itself(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.parts.telling.failure = UnreachableError("Not there", "Start it.", provider="ollama")
        screen.parts.providers.set_status("ollama", "unreachable")
        screen.vm.show_model(QWEN.reference)
        await until(lambda: screen.vm.asked == "failed", "the failure")
        screen.parts.telling.failure = None
        screen.parts.providers.set_status("ollama", "ready")
        await until(lambda: screen.vm.asked == "there", "the answer")


async def test_only_the_last_model_asked_about_is_shown(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        telling = screen.parts.telling
        screen.parts.providers.set_models("ollama", QWEN, replace(QWEN, id="other"))
        for reference in (QWEN.reference, SOL.reference, "ollama:other"):
            screen.vm.show_model(reference)
        await until(lambda: screen.vm.asked == "there", "the answer")
        assert telling.asked == ["other"]
        screen.vm.show_model(SOL.reference)
        assert screen.vm.about is None
        assert "Family: qwen2" not in screen.facts()


async def test_a_model_that_is_listed_no_more_keeps_what_it_did(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.show_model(SOL.reference)
        await screen.parts.answer(SOL.reference)
        screen.parts.providers.set_models("openai", PAINTER)
        assert "No provider lists this model any more." in screen.texts()
        assert "Seen here, 1 answer" in screen.texts()
        assert not screen.button("chat").isEnabled()
        assert screen.button("copy").isEnabled()


async def test_long_names_and_many_facts_stay_within_the_panel(tmp_path: Path, qtbot: QtBot) -> None:
    long = replace(
        *(QWEN,),
        description="Words without an end. " * 40,
        retires_on=date(2030, 1, 1),
        quantization="Q" * 60,
    )
    async with screen_for(tmp_path, qtbot, image_studio=True, voice=True) as screen:
        screen.parts.telling.license = "L" * 3_000
        screen.parts.providers.set_models("ollama", long)
        screen.vm.show_model(QWEN.reference)
        await until(lambda: screen.vm.asked == "there", "the answer")
        await until(lambda: screen.panel.area.verticalScrollBar().maximum() > 0, "it is laid out")
        assert screen.panel.accessibleName() == LONG_NAME
        inner = screen.panel.area.widget()
        assert inner is not None
        buttons = [one for one in inner.findChildren(Button) if one.isVisible()]
        assert buttons
        for one in buttons:
            assert one.mapTo(inner, one.rect().topRight()).x() <= screen.panel.area.viewport().width()


async def test_everything_that_is_pressed_has_a_name(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot, image_studio=True, voice=True) as screen:
        screen.vm.show_model(QWEN.reference)
        await until(lambda: screen.vm.asked == "there", "the answer")
        stops = [
            one for one in screen.panel.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        assert len(stops) > 8
        for one in stops:
            assert one.objectName().startswith("models.details")
            assert one.accessibleName()
