"""The models table in the real window: mouse, keys, and what is kept for the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from tests.application import running
from tests.ui.models_world import models_tab, open_models, openai_at, server_of
from tests.waiting import until

SMOL = "SmolLM2 135M"


async def test_search_sort_filter_and_count(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        server_of("gpt-6-sol", "gpt-5.10", "gpt-5.9") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await models.shows("gpt-5.9", "gpt-5.10", "gpt-6-sol", SMOL)
        person = models.person
        assert person.find("models.count", QLabel).text() == "4 models"
        await person.write("gpt 5")  # the search field has the keys from the first moment
        await models.shows("gpt-5.9", "gpt-5.10")
        assert person.find("models.count", QLabel).text() == "2 of 4"
        await person.press("Escape")
        await models.click_head("name")
        await models.shows(SMOL, "gpt-6-sol", "gpt-5.10", "gpt-5.9")
        await person.click("models.filter.place")
        await person.press("space")  # the first of the list: this computer
        await person.press("Escape")
        assert models.text(SMOL, "output") == "Free"
        await until(lambda: SMOL in models.names)
        await person.click("models.filter.provider")
        await person.click("models.filter.providers.choices.builtin")
        await models.shows(SMOL)
        await person.press("Escape")
        await person.click("models.filter.clear")
        await models.shows(SMOL, "gpt-6-sol", "gpt-5.10", "gpt-5.9")


async def test_nothing_left_says_so_and_offers_the_way_back(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        await models.shows(SMOL)
        await models.person.write("no such model")
        await until(lambda: models.person.reads("No model matches"))
        await models.person.click("models.empty.clear")
        await models.shows(SMOL)


async def test_star_hide_and_undo(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        server_of("gpt-6-sol") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await models.shows("gpt-6-sol", SMOL)
        await models.click("gpt-6-sol", "star")
        await until(lambda: models.table.rows[0].favourite)
        await models.click("gpt-6-sol")
        await models.person.press("ctrl+shift+h")
        await models.shows(SMOL)
        await until(lambda: models.person.reads("gpt-6-sol is hidden"))
        await models.person.click("shell.toast.action")
        await models.shows("gpt-6-sol", SMOL)
        models.table.setFocus()
        models.table.choose(f"builtin:{models.table.rows[1].model.id}")
        await models.person.press("space")
        await until(lambda: models.table.rows[1].favourite)


async def test_two_stars_at_once_are_both_kept(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        table = models.page.view_model.table
        for reference in ("one:a", "one:b", "one:a", "one:c"):
            table.toggle_favourite(reference)
        settings = models.page.view_model._settings
        await until(lambda: set(settings.current.favourite_models) == {"one:b", "one:c"})


async def test_the_keys_walk_the_table_and_the_choice_survives_a_search(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-a", "gpt-6-b", "gpt-6-c") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await models.shows("gpt-6-a", "gpt-6-b", "gpt-6-c", SMOL)
        await models.person.press("Down", "Down")
        await until(lambda: models.table.current == "openai:gpt-6-b")
        await models.person.press("ctrl+f")
        await models.person.write("6-b")
        await models.shows("gpt-6-b")
        assert models.table.current == "openai:gpt-6-b"
        await models.person.press("Escape")
        await until(lambda: len(models.names) == 4)
        assert models.table.currentIndex().row() == 1


async def test_columns_sort_and_filters_are_there_again(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server_of("gpt-6-sol", "gpt-5.9") as server:
        environ = openai_at(server.url)
        async with models_tab(aiproxy_home, monkeypatch, environ) as models:
            await models.shows("gpt-5.9", "gpt-6-sol", SMOL)
            await models.click_head("provider")
            await models.click_head("provider")
            await models.person.click("models.view")
            await models.person.click("models.view.columns.speed")
            await models.person.press("Escape")
            await models.person.click("models.filter.more")
            await models.person.click("models.filter.more.choices.not_retiring")
            await models.person.press("Escape")
            head = models.table.horizontalHeader()
            head.moveSection(head.visualIndex(3), 2)  # as a drag of the head does
            head.resizeSection(4, 99)
            former = models.table.columns
        async with running(aiproxy_home) as person:
            models = await open_models(person)
            await until(lambda: len(models.names) == 3)
            view = models.page.view_model.table.view
            assert (view.sort, view.descending, view.not_retiring) == ("provider", True, True)
            assert models.table.columns == former
            assert [column.id for column in former if not column.shown] == ["speed"]
            assert next(column.width for column in former if column.id == "context") == 99


async def test_a_menu_on_a_line_and_ids_on_the_clipboard(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-sol") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await models.shows("gpt-6-sol", SMOL)
        await models.click("gpt-6-sol")
        await models.person.press("Menu")
        await until(lambda: models.person.sees("models.menu"))
        await models.person.press("Escape")
        await models.person.press("ctrl+shift+c")
        await until(lambda: models.person.reads("openai:gpt-6-sol is copied"))


async def test_chat_with_this_asks_that_model_and_leaves_the_default(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-sol") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await models.shows("gpt-6-sol", SMOL)
        await models.click("gpt-6-sol")
        await models.person.press("ctrl+Return")
        await until(lambda: models.person.window.current_page == "chat")
        picker = models.person.find("chat.modelPicker", QAbstractButton)
        await until(lambda: "gpt-6-sol" in picker.accessibleName() + picker.text())


async def test_a_narrow_window_scrolls_the_table_and_nothing_is_lost(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        models.person.window.resize(880, 560)
        await until(lambda: models.page.width() < 880)
        assert models.table.horizontalScrollBar().maximum() > 0
        assert models.table.horizontalHeader().sectionSize(1) >= 150


async def test_sorting_a_fresh_table_shows_its_top(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of(*(f"model-{number}" for number in range(200))) as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await until(lambda: len(models.names) == 201)
        await models.click_head("name")
        await until(lambda: models.names[0] == SMOL)
        assert models.table.current == ""
        assert models.table.verticalScrollBar().value() == 0
        await models.person.press("Down")  # the keys are in the table all the same
        await until(lambda: models.table.current in {row.reference for row in models.table.rows[:2]})
