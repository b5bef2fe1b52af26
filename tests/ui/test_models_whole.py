"""The models tab in the whole application: what a person does there, over loopback providers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from aiproxy_desktop.ui.models.page import ModelsPage
from tests.application import running
from tests.ollama_server import OllamaServer, stored
from tests.ui.models_world import Models, models_tab, open_models, openai_at, server_of
from tests.waiting import until

SMOL = "SmolLM2 135M"


def panel_shows(models: Models, name: str) -> bool:
    panel = models.page.side.panel
    return panel is not None and panel.objectName() == name


async def test_a_click_shows_details_and_makes_the_default(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-6-sol") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        person = models.person
        await models.shows("gpt-6-sol", SMOL)
        await models.click("gpt-6-sol")
        await until(lambda: panel_shows(models, "models.details"))
        await until(lambda: person.reads("From the bundled table"))
        await person.click("models.details.default")
        await until(lambda: person.reads("New chats begin with gpt-6-sol"))
        assert not person.find("models.details.default", QAbstractButton).isEnabled()
        await person.click("shell.toast.action")
        await until(lambda: person.find("models.details.default", QAbstractButton).isEnabled())
        await models.click("gpt-6-sol")
        await person.press("Escape")
        await until(lambda: models.page.side.panel is None)


async def test_find_the_best_is_the_librarys_own_choice(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        server_of("gpt-5.4-mini", "gpt-5.5") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        person = models.person
        await until(lambda: len(models.names) == 3)
        await person.click("models.findBest")
        await until(lambda: panel_shows(models, "models.best"))
        vision = next(
            box for box in models.page.findChildren(QAbstractButton) if box.text() == "Reads images"
        )
        await person.click(vision.objectName())
        await until(lambda: person.reads("2 of 3 models fit"))
        from aiproxy_desktop.core.selection import select_model

        known = [row.model for row in models.page.view_model.table.rows]
        wanted = select_model(known, {"vision": True}).model
        assert wanted is not None
        await until(lambda: person.reads(wanted.display_name))
        await person.click("models.best.chat")
        await until(lambda: person.window.current_page == "chat")
        picker = person.find("chat.modelPicker", QAbstractButton)
        await until(lambda: wanted.display_name in picker.accessibleName() + picker.text())


async def test_ollama_comes_and_goes_by_itself(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = OllamaServer(stored("llama3.2:3b"))
    await server.start()
    await server.stop()
    try:
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            await models.shows(SMOL)
            await server.start()
            await models.shows("llama3.2:3b", SMOL)
            assert models.table.rows[0].usable
            await server.stop()
            await until(lambda: not models.table.rows[0].usable)
            assert models.names == ["llama3.2:3b", SMOL]  # what it offered stays in sight
    finally:
        await server.stop()


async def test_a_model_is_deleted_in_its_place(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = OllamaServer(stored("llama3.2:3b", 2_000_000), stored("gemma3:4b", 3_000_000))
    await server.start()
    try:
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            await models.shows("gemma3:4b", "llama3.2:3b", SMOL)
            await models.click("gemma3:4b")
            await models.person.press("Delete")
            await until(lambda: models.person.reads("Delete gemma3:4b?"))
            await models.person.click("models.ollama.delete.confirm")
            await models.shows("llama3.2:3b", SMOL)
            await until(lambda: models.person.reads("gemma3:4b is deleted, which freed"))
    finally:
        await server.stop()


async def test_the_last_known_lists_are_there_without_a_network(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server_of("gpt-6-sol") as server:
        environ = openai_at(server.url)
        async with models_tab(aiproxy_home, monkeypatch, environ) as models:
            await models.shows("gpt-6-sol", SMOL)
    # Nothing listens there any more.
    async with running(aiproxy_home) as person:
        models = await open_models(person)
        await models.shows("gpt-6-sol", SMOL)
        await until(lambda: not models.table.rows[0].usable)
        await until(lambda: models.person.reads("Lists refreshed"))


async def test_five_thousand_models_are_searched_and_sorted(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"vendor/model-{number}" for number in range(5_000)]
    async with (
        server_of(*ids) as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await until(lambda: len(models.names) == 5_001)
        assert models.person.find("models.count", QLabel).text() == "5,001 models"
        await models.click_head("name")
        await until(lambda: models.names[:2] == ["vendor/model-4999", "vendor/model-4998"])
        await models.person.press("ctrl+f")
        await models.person.write("4321")
        await models.shows("vendor/model-4321")


async def test_hostile_names_are_plain_text(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "<img src=x><b>bold</b>"
    async with (
        server_of(hostile, "x" * 10_000, "line\nbreak", "gpt-6-sol") as server,
        models_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as models,
    ):
        await until(lambda: "gpt-6-sol" in models.names)
        assert hostile in models.names
        assert all(len(name) <= 300 and "\n" not in name for name in models.names)
        await models.click(hostile)
        await until(lambda: panel_shows(models, "models.details"))
        titles = [label.text() for label in models.page.findChildren(QLabel) if label.isVisible()]
        assert any(hostile in title for title in titles)
        state = next(state for state in models.page.view_model.table.states if state.id == "openai")
        assert state.detail.endswith("; 2 with names that cannot be used")
        assert isinstance(models.page, ModelsPage)
        assert models.page.findChild(QWidget, "models.details") is not None


async def test_whoever_went_to_another_tab_hears_that_a_pull_is_done(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = OllamaServer(stored("llama3.2:3b"))
    server.store.offer(stored("mistral", 400_000))
    server.speed = 200_000
    await server.start()
    try:
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            await models.shows("llama3.2:3b", SMOL)
            await models.person.press("ctrl+p")
            await until(lambda: panel_shows(models, "models.getModel"))
            await models.person.write("mistral")
            await models.person.press("Return")
            await until(lambda: models.person.sees("models.downloads"))
            await models.person.click("shell.rail.chat")
            await until(lambda: models.person.reads("mistral is there now"))
            assert models.person.window.current_page == "chat"
    finally:
        await server.stop()


async def test_a_toast_does_not_lie_over_the_composer(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        person = models.person
        await models.shows(SMOL)
        await models.click(SMOL)
        await person.press("ctrl+shift+h")
        await until(lambda: person.reads(f"{SMOL} is hidden"))
        await person.click("shell.rail.chat")
        await person.write("Hi")
        await person.press("Return")
        await until(lambda: person.sees("chat.transcript"))
        composer, toast = person.find("chat.composer", QWidget), person.window.toasts.toasts[0]
        await until(
            lambda: (
                toast.mapToGlobal(toast.rect().bottomLeft()).y()
                < composer.mapToGlobal(composer.rect().topLeft()).y()
            )
        )
