"""The models tab by keys alone: where they are after each thing that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

from aiproxy_desktop.ui.models.table.columns import COLUMNS
from aiproxy_desktop.ui.widgets.focus import focused_widget
from tests.ollama_server import OllamaServer, stored
from tests.ui.models_world import Models, models_tab, openai_at, server_of
from tests.waiting import until

SMOL = "SmolLM2 135M"


def keys_at() -> str:
    """The name of the widget that has the keys."""
    widget = focused_widget()
    return "nothing" if widget is None else widget.objectName()


async def keys_come_to(name: str) -> None:
    await until(lambda: keys_at() == name, f"the keys at {name}, not at {keys_at()}")


def column_of_keys(models: Models) -> str:
    return COLUMNS[models.table.currentIndex().column()].id


async def test_the_keys_enter_at_a_name_and_stay_where_a_line_goes(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-a", "gpt-6-b", "gpt-6-c") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        person = models.person
        await models.shows("gpt-6-a", "gpt-6-b", "gpt-6-c", SMOL)
        await person.press("Down")
        await until(lambda: models.table.current == "openai:gpt-6-a")
        assert column_of_keys(models) == "name"
        await person.press("Down", "ctrl+shift+h")
        await models.shows("gpt-6-a", "gpt-6-c", SMOL)
        await until(lambda: models.table.current == "openai:gpt-6-c", "the line in its place")
        assert column_of_keys(models) == "name"
        await keys_come_to("models.table")
        await person.press("Return")
        await keys_come_to("models.details.chat")
        await person.press("Escape")
        await keys_come_to("models.table")
        focused = models.table.grab(models.table.viewport().geometry()).toImage()
        models.table.clearFocus()
        bare = models.table.grab(models.table.viewport().geometry()).toImage()
        assert focused != bare, "the line wears a ring"


async def test_a_panel_over_an_empty_table_gives_the_keys_back(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        person = models.person
        await models.shows(SMOL)
        await person.write("no such model")
        await until(lambda: person.sees("models.empty.clear"))
        await person.press("ctrl+b")
        await until(lambda: models.page.side.panel is not None and keys_at().startswith("models.best"))
        await person.press("Escape")
        await keys_come_to("models.search")
        await person.press(*["Tab"] * 8)  # six filters, the view, and what is offered
        await keys_come_to("models.empty.clear")
        await person.press("Return")
        await models.shows(SMOL)
        await keys_come_to("models.table")


async def test_refreshing_and_undoing_leave_the_keys_where_they_were(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-a", "gpt-6-b") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        person = models.person
        await models.shows("gpt-6-a", "gpt-6-b", SMOL)
        asked: list[bool] = []
        models.page.view_model.age_changed.connect(lambda: asked.append(models.page.view_model.refreshing))
        models.page.header.refresh.setFocus(Qt.FocusReason.TabFocusReason)
        await person.press("Return")
        await until(lambda: True in asked and not models.page.view_model.refreshing, "it has asked")
        await keys_come_to("models.refresh")
        models.table.setFocus(Qt.FocusReason.TabFocusReason)
        await person.press("ctrl+shift+h")
        await until(lambda: person.sees("shell.toast.action"))
        person.find("shell.toast.action", QWidget).setFocus(Qt.FocusReason.TabFocusReason)
        await person.press("Return")
        await models.shows("gpt-6-a", "gpt-6-b", SMOL)
        await keys_come_to("models.table")


async def test_downloads_come_before_the_filters_and_the_last_gives_the_keys_back(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OllamaServer() as server:
        server.store.offer(stored("qwen3:0.6b", 6_000_000))
        server.speed = 100_000
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            person = models.person
            await models.shows(SMOL)
            await person.press("ctrl+p")
            await keys_come_to("models.getModel.name")
            await person.write("qwen3:0.6b")
            await person.press("Return")
            await until(lambda: len(models.page.downloads.rows) == 1, "it begins")
            (row,) = models.page.downloads.rows
            await person.press("Escape", "ctrl+f")
            await keys_come_to("models.search")
            await person.press("shift+Tab")
            await keys_come_to(row.end.objectName())
            await person.press("shift+Tab")
            await keys_come_to(row.toggle.objectName())
            await person.press("Tab", "Return")
            await until(lambda: not person.sees("models.downloads"), "it is cancelled")
            await keys_come_to("models.table")


async def test_keeping_a_model_leaves_the_keys_at_what_asked(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        OllamaServer(stored("llama3.2:3b", 2_000_000)) as server,
        models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models,
    ):
        person = models.person
        await models.shows("llama3.2:3b", SMOL)
        await person.press("Down", "Delete")
        await keys_come_to("models.ollama.delete.keep")
        await person.press("Return")
        await keys_come_to("models.ollama.model.delete")


async def test_deleting_a_model_leaves_the_keys_in_the_panel(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        OllamaServer(stored("llama3.2:3b", 2_000_000)) as server,
        models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models,
    ):
        person = models.person
        await models.shows("llama3.2:3b", SMOL)
        await person.press("Down", "Delete")
        await keys_come_to("models.ollama.delete.keep")
        await person.press("Tab", "Return")
        await models.shows(SMOL)
        await keys_come_to("models.details.close")
        await person.press("Escape")
        await keys_come_to("models.table")


async def test_a_provider_that_answers_again_keeps_the_keys(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = OllamaServer(stored("llama3.2:3b", 2_000_000))
    await server.start()
    await server.stop()
    try:
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            person = models.person
            await until(lambda: person.sees("models.providers.ollama.mend"), "it does not answer")
            person.find("models.providers.ollama.mend", QWidget).setFocus(Qt.FocusReason.TabFocusReason)
            await server.start()
            await models.shows("llama3.2:3b", SMOL)
            await keys_come_to("models.providers.ollama")
    finally:
        await server.stop()


async def test_a_key_that_is_not_typed_after_all_leaves_the_keys_in_the_panel(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        person = models.person
        await person.click("models.providers.openai.mend")
        await keys_come_to("models.provider.keyForm.key")
        await person.press("Escape")
        await keys_come_to("models.provider.addKey")
        await person.press("Escape")
        await keys_come_to("models.table")


async def test_two_quick_clicks_on_a_star_are_two_clicks(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        await models.shows(SMOL)
        starred: list[str] = []
        models.table.starred.connect(starred.append)
        await models.click(SMOL, "star")
        await models.click(SMOL, "star")
        await until(lambda: len(starred) == 2, "both")
        await until(lambda: not models.table.rows[0].favourite)
        assert models.page.side.panel is None


@pytest.fixture
def leftwards(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.usefixtures("leftwards")
async def test_read_from_the_right_figures_stand_below_their_head(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        await models.shows(SMOL)
        place = [column.id for column in COLUMNS].index("context")
        cell = models.table.visualRect(models.table.model().index(0, place))
        head = models.table.horizontalHeader()
        above = QRect(head.sectionViewportPosition(place), 0, head.sectionSize(place), head.height() - 1)
        cell.setHeight(cell.height() - 1)  # without the hairline
        starts = [
            dark_columns(view, box)[0] for view, box in ((models.table.viewport(), cell), (head, above))
        ]
        assert abs(starts[0] - starts[1]) <= 2, starts


async def test_a_head_above_figures_stays_whole_and_in_place_when_it_is_sorted_by(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        await models.shows(SMOL)
        place = [column.id for column in COLUMNS].index("context")
        head = models.table.horizontalHeader()
        wide = head.fontMetrics().horizontalAdvance(COLUMNS[place].title()) + 8
        end = head.sectionViewportPosition(place) + head.sectionSize(place)
        words = QRect(end - wide, 0, wide, 31)  # without the arrow before them
        before = dark_columns(head, words)
        models.page.view_model.table.set_sort("context", descending=True)
        await until(lambda: models.page.view_model.table.view.sort == "context")
        after = dark_columns(head, words)
        assert abs(after[0] - before[0]) <= 1 >= abs(after[-1] - before[-1])


def dark_columns(widget: QWidget, box: QRect) -> list[int]:
    """Which columns of pixels hold something painted, from the left edge of the box."""
    image = widget.grab(box).toImage()
    lines = range(image.height())
    return [x for x in range(image.width()) if any(image.pixelColor(x, y).lightness() < 160 for y in lines)]
