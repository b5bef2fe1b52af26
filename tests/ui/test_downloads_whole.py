"""Getting models in the whole application: a pull and a file, by mouse and keys, and over a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from aiproxy_desktop.core.providers.builtin.local_models import default_model
from tests.file_server import FileServer
from tests.ollama_server import OllamaServer, stored
from tests.ui.models_world import Models, models_tab
from tests.waiting import until

SMOL = "SmolLM2 135M"


def small_model() -> bytes:
    """A file that can really be run."""
    bundled = default_model()
    assert bundled is not None
    return Path(bundled.path).read_bytes()


def row_button(models: Models, act: str) -> str:
    """The name of a button of the only row."""
    (row,) = models.page.downloads.rows
    return f"models.downloads.{row.download.id}.{act}"


async def press_in_row(models: Models, act: str, shown: str) -> None:
    """Press a button of the only row once it says so."""
    person = models.person
    await until(lambda: models.page.downloads.rows, "a row")
    name = row_button(models, act)
    await until(lambda: person.find(name, QAbstractButton).text() == shown, shown)
    await person.click(name)


async def test_a_pull_is_paused_cancelled_undone_and_ends_in_the_table(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OllamaServer() as server:
        server.store.offer(stored("qwen3:0.6b", 6_000_000))
        server.speed = 400_000
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": server.url}) as models:
            person = models.person
            await models.shows(SMOL)
            await person.press("ctrl+p")
            await until(lambda: person.sees("models.getModel.name"), "the panel")
            await person.click("models.getModel.name")
            await person.write("ollama run qwen3:0.6b")
            await person.press("Return")
            await until(lambda: person.reads("of 6.0 MB"), "bytes come")
            await press_in_row(models, "toggle", "Pause")
            await until(lambda: person.reads("Paused"))
            await press_in_row(models, "toggle", "Resume")
            await until(lambda: models.page.downloads.rows[0].download.status == "running")
            await press_in_row(models, "cancel", "Cancel")
            await until(lambda: not person.sees("models.downloads"))
            await person.click("shell.toast.action")
            await until(lambda: person.sees("models.downloads"), "it is back")
            server.speed = 0
            await until(lambda: "qwen3:0.6b" in models.names, "it is in the table")


async def test_a_file_goes_on_after_a_restart_and_ends_in_the_table(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FileServer(small_model()) as server:
        server.hold_after = 5_000_000
        async with models_tab(aiproxy_home, monkeypatch, {}) as models:
            person = models.person
            await models.shows(SMOL)
            await person.press("ctrl+p")
            await person.click("models.getModel.way.address")
            await person.click("models.getModel.addressUrl")
            await person.write(f"{server.url}/small.gguf")
            await person.click("models.getModel.addressSha256")
            await person.write(server.sha256)
            await person.press("Return")
            await person.click("models.getModel.address.0.download")
            await until(lambda: person.sees("models.downloads"), "it begins")
            await until(lambda: models.page.downloads.rows[0].download.completed > 3_000_000)
        kept = (aiproxy_home / "models" / "small.gguf.part").stat().st_size
        assert 3_000_000 < kept <= 5_000_000
        server.go()
        async with models_tab(aiproxy_home, monkeypatch, {}) as models:
            await until(lambda: "small" in models.names, "it is in the table")
        assert server.ranges_asked == ["", f"bytes={kept}-"]
        assert (aiproxy_home / "models" / "small.gguf").read_bytes() == server.data
