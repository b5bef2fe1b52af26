"""Find the best: the list follows the needs, with reasons, what nearly fits, and what to give up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QListView, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.selection import select_model
from aiproxy_desktop.ui.models.best.entry_row import EntryRow
from aiproxy_desktop.ui.models.best.needs import Needs
from aiproxy_desktop.ui.models.best.needs_form import BoxColumns
from aiproxy_desktop.ui.models.best.panel import BestPanel
from aiproxy_desktop.ui.models.best.viewmodel import MOST_ENTRIES, BestViewModel
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.check_box import CheckBox
from aiproxy_desktop.ui.widgets.labels import Label
from tests.ui.chat_parts import themes
from tests.ui.model_facts_parts import LUNA, PAINTER, QWEN, SOL, FactsParts, facts_parts
from tests.waiting import until


class Screen:
    """A panel that is shown."""

    def __init__(self, parts: FactsParts, view_model: BestViewModel, panel: BestPanel) -> None:
        self.parts, self.vm, self.panel = parts, view_model, panel

    def button(self, name: str) -> PaintedButton:
        found = self.panel.findChild(PaintedButton, f"models.best.{name}")
        assert isinstance(found, PaintedButton), name
        return found

    def click(self, name: str) -> None:
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def count(self) -> str:
        label = self.panel.findChild(Label, "models.best.count")
        assert isinstance(label, Label)
        return label.text()

    def rows(self, kind: str = "entry") -> list[EntryRow]:
        rows = [one for one in self.panel.findChildren(EntryRow) if not one.isHidden()]
        return [one for one in rows if f".{kind}." in one.objectName()]

    def names(self, kind: str = "entry") -> list[str]:
        return [row.entry.name for row in self.rows(kind) if row.entry is not None]

    async def ranked(self, names: list[str]) -> None:
        await until(lambda: self.names() == names, f"{names} are ranked, not {self.names()}")


@asynccontextmanager
async def screen_for(folder: Path, qtbot: QtBot) -> AsyncIterator[Screen]:
    async with facts_parts(folder) as parts:
        view_model = BestViewModel(*(parts.providers, parts.settings, parts.facts), parts.unexpected.append)
        panel = BestPanel(themes(), view_model)
        qtbot.addWidget(panel)
        panel.resize(320, 900)
        panel.show()
        try:
            yield Screen(parts, view_model, panel)
        finally:
            await view_model.close()


async def test_all_are_ranked_at_first(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        assert screen.count() == "3 of 3 models fit"
        assert screen.names() == ["Sol", "Luna", QWEN.display_name]
        first = screen.rows()[0].entry
        assert first is not None
        assert first.reasons == (
            "Larger context than Luna: 400k, not 128k",
            "$0.60 a million in, $2.40 a million out",
        )
        assert screen.rows()[0].accessibleName().startswith("1. Sol, OpenAI. Larger context than Luna")


async def test_the_list_follows_what_is_ticked(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.click("need.vision")
        await screen.ranked(["Sol"])
        assert screen.count() == "1 of 3 models fits"
        nearly = [row.entry for row in screen.rows("nearly") if row.entry is not None]
        assert [(one.name, one.lacks) for one in nearly] == [
            (QWEN.display_name, ("Not known whether it reads images",)),
            ("Luna", ("Does not read images",)),
        ]
        assert [one.may_fit for one in nearly] == [True, False]
        screen.click("need.vision")
        await screen.ranked(["Sol", "Luna", QWEN.display_name])
        assert screen.rows("nearly") == []


async def test_the_keys_do_as_the_pointer_does(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        QTest.keyClick(screen.button("need.vision"), Qt.Key.Key_Space)
        await screen.ranked(["Sol"])
        opened, chat = QSignalSpy(screen.panel.opened), QSignalSpy(screen.panel.chat_wanted)
        QTest.keyClick(screen.rows()[0], Qt.Key.Key_Return)
        assert opened.at(0) == [SOL.reference]
        QTest.keyClick(screen.rows("nearly")[1], Qt.Key.Key_Space)
        assert opened.at(1) == [LUNA.reference]
        QTest.keyClick(screen.button("chat"), Qt.Key.Key_Return)
        assert chat.at(0) == [SOL.reference]
        assert screen.button("chat").accessibleName() == "Chat with Sol"


async def test_a_choice_from_a_list_counts_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.click("context")
        rows = screen.button("context").findChild(QListView) or _open_list("models.best.context.list")
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Return)
        assert screen.vm.needs.context == 128_000
        await screen.ranked(["Sol", "Luna"])
        assert screen.button("context").text() == "128k"


async def test_wishes_change_the_order_alone(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.click("wish.cheaper")
        await screen.ranked([QWEN.display_name, "Luna", "Sol"])
        screen.click("wish.cheaper")
        await screen.ranked(["Sol", "Luna", QWEN.display_name])
        screen.parts.latency.note(LUNA.reference, 0.3)
        screen.parts.latency.note_speed(LUNA.reference, 80.0)
        screen.click("wish.faster")
        await screen.ranked(["Luna", "Sol", QWEN.display_name])
        first = screen.rows()[0].entry
        assert first is not None
        assert first.reasons[0] == "Has answered here, Sol not yet"


async def test_where_it_runs_and_what_it_costs(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.need(where="computer")
        await screen.ranked([QWEN.display_name])
        screen.vm.need(where="cloud")
        await screen.ranked(["Sol", "Luna"])
        screen.vm.need(budget=1.0)
        await screen.ranked(["Luna"])
        nearly = {row.entry.name: row.entry.lacks for row in screen.rows("nearly") if row.entry is not None}
        assert nearly == {
            "Sol": ("Price out: $2.40 a million",),
            QWEN.display_name: ("Runs on this computer",),
        }


async def test_where_nothing_fits_it_is_said_what_to_give_up(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.vm.take(Needs(abilities=frozenset({"vision", "tools"}), where="computer"))
        await until(lambda: screen.count() == "No model has all of this. Ask for less:", "nothing fits")
        assert not screen.button("chat").isVisible()
        offers = [screen.button(f"loosen.{place}").accessibleDescription() for place in range(2)]
        assert offers == ["Without “Reads images”: 1 model", "Without “This computer”: 1 model"]
        screen.click("loosen.0")
        await screen.ranked([QWEN.display_name])
        assert not screen.button("need.vision").isChecked()
        assert screen.button("need.tools").isChecked()


async def test_several_needs_are_given_up_where_one_is_not_enough(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.parts.providers.set_models("openai", LUNA)
        screen.vm.take(Needs(abilities=frozenset({"vision", "audio", "tools"}), where="cloud"))
        await until(
            lambda: screen.panel.findChild(PaintedButton, "models.best.loosen.0") is not None, "offers"
        )
        assert (
            screen.button("loosen.0").accessibleDescription()
            == "Without “Reads images, Reads audio”: 1 model"
        )


async def test_what_only_makes_images_is_there_where_images_are_to_be_made(
    tmp_path: Path, qtbot: QtBot
) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.click("need.images_out")
        await screen.ranked([PAINTER.display_name])
        assert not screen.button("chat").isVisible()


async def test_hidden_models_and_those_that_cannot_be_asked_are_left_out(
    tmp_path: Path, qtbot: QtBot
) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        await screen.parts.settings.update(hidden_models=(SOL.reference,))
        await screen.ranked(["Luna", QWEN.display_name])
        providers = screen.parts.providers
        providers.now_states = tuple(replace(state, status="unreachable") for state in providers.now_states)
        providers.set_models("openai", SOL)
        await until(lambda: screen.count().startswith("No model is at hand."), "nothing is left")
        assert screen.names() == []


async def test_a_model_about_to_be_retired_says_so(tmp_path: Path, qtbot: QtBot) -> None:
    ends = datetime.now(UTC).date() + timedelta(days=9)
    async with screen_for(tmp_path, qtbot) as screen:
        screen.parts.providers.set_models("openai", replace(SOL, retires_on=ends), LUNA)
        await screen.ranked(["Luna", QWEN.display_name, "Sol"])
        last = screen.rows()[-1].entry
        assert last is not None
        assert len(last.notes) == 1
        assert last.notes[0].startswith("Its provider ends it on ")


async def test_thousands_of_models_become_twenty_rows_the_same_as_the_library_ranks(
    tmp_path: Path, qtbot: QtBot
) -> None:
    models = tuple(
        ModelInfo(
            *(f"m{place}", "openai", f"Model {place}", 1000 * (1 + place % 900)),
            capabilities=Capabilities(streaming=True, tools=place % 3 == 0 or None),
            price=Price(place % 7, place % 11),
        )
        for place in range(5_000)
    )
    async with screen_for(tmp_path, qtbot) as screen:
        screen.parts.providers.set_models("openai", *models)
        screen.vm.need(abilities=frozenset({"tools"}), context=400_000)
        await until(lambda: "of 5,001 models fit" in screen.count(), "they are ranked")
        wanted = {"tools": True, "min_context_limit": 400_000}
        await until(lambda: screen.count() != "" and len(screen.names("nearly")) > 0, "both lists")
        selection = select_model((*models, QWEN), wanted)
        assert screen.names() == [one.model.display_name for one in selection.ranking[: len(screen.names())]]
        assert len(screen.rows()) + len(screen.rows("nearly")) == MOST_ENTRIES


async def test_nothing_is_ranked_while_nobody_looks(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        screen.panel.hide()
        told = QSignalSpy(screen.vm.changed)
        screen.parts.providers.set_models("openai", LUNA)
        screen.vm.need(budget=1.0)
        screen.panel.show()
        await screen.ranked(["Luna", QWEN.display_name])
        assert told.count() == 1


async def test_boxes_stand_below_one_another_where_their_words_are_long(tmp_path: Path, qtbot: QtBot) -> None:
    columns = BoxColumns(
        [CheckBox(themes(), text, name=text[:5]) for text in ("One", "Two", "Three and a lot more", "Four")]
    )
    around = QWidget()  # of a window of its own, Qt keeps the layout's minimum
    qtbot.addWidget(around)
    columns.setParent(around)
    around.show()
    for width, count in ((320, 2), (180, 1), (320, 2)):
        columns.resize(width, 200)
        assert columns.columns == count, width


async def test_everything_that_is_pressed_has_a_name_and_fits(tmp_path: Path, qtbot: QtBot) -> None:
    async with screen_for(tmp_path, qtbot) as screen:
        everything = Needs(abilities=frozenset({"vision", "audio", "documents", "audio_out"}), budget=0.0)
        screen.vm.take(everything)
        await until(lambda: bool(screen.rows("nearly")), "nothing fits")
        inner = screen.panel.area.widget()
        assert inner is not None
        await until(lambda: screen.rows("nearly")[-1].width() > 0, "it is laid out")
        for one in screen.panel.findChildren(QWidget):
            if one.focusPolicy() & Qt.FocusPolicy.TabFocus and not one.isHidden():
                assert one.objectName().startswith("models.best")
                assert one.accessibleName(), one.objectName()
                if inner.isAncestorOf(one):
                    assert one.mapTo(inner, one.rect().topRight()).x() < 320


def _open_list(name: str) -> QListView:
    from PySide6.QtWidgets import QApplication

    found = [
        view
        for window in QApplication.topLevelWidgets()
        for view in window.findChildren(QListView, name)
        if view.isVisible()
    ]
    return found[0]
