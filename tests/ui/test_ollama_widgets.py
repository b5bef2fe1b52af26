"""Ollama's widgets of the models tab, over a server on loopback, with real mouse and keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.models.ollama.change_rows import CopyForm, DeleteConfirm
from aiproxy_desktop.ui.models.ollama.create_panel import CreatePanel
from aiproxy_desktop.ui.models.ollama.host_form import HostPanel
from aiproxy_desktop.ui.models.ollama.loaded import LoadedModels
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.select import Select
from tests.ollama_server import OllamaServer, stored
from tests.ui.ollama_parts import OllamaParts, ollama_parts
from tests.waiting import until

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[OllamaParts]:
    async with ollama_parts(tmp_path) as found:
        yield found


@pytest.fixture
def themes(qapp: QApplication) -> ThemeController:
    return ThemeController(qapp, "light")


def shown(qtbot: QtBot, widget: W) -> W:
    qtbot.addWidget(widget)
    widget.resize(320, 620)
    widget.show()
    widget.activateWindow()
    return widget


def find(root: QWidget, name: str, kind: type[W]) -> W:
    return next(widget for widget in root.findChildren(kind, name) if widget.isVisible())


def says(root: QWidget, text: str) -> bool:
    return any(label.isVisible() and text in label.text() for label in root.findChildren(QLabel))


async def by_hand(work: Callable[[], object]) -> None:
    """Use mouse or keys from outside the loop: QTest lets Qt run, and with it whatever the loop has to do."""
    done: list[bool] = []

    def used() -> None:
        work()
        done.append(True)

    QTimer.singleShot(0, used)
    await until(lambda: done, "the mouse or the keys were used")


async def click(root: QWidget, name: str) -> None:
    button = find(root, name, Button)
    await by_hand(lambda: QTest.mouseClick(button, LEFT))


async def press(widget: QWidget, key: Qt.Key) -> None:
    await by_hand(lambda: QTest.keyClick(widget, key))


async def write(root: QWidget, name: str, text: str) -> None:
    field = find(root, name, QLineEdit)
    field.selectAll()
    await by_hand(lambda: QTest.keyClicks(field, text))


# What is loaded


@asynccontextmanager
async def loaded_models(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts
) -> AsyncIterator[LoadedModels]:
    """The section, which asks nobody any more when the block ends: after the test no loop runs for it."""
    section = shown(qtbot, LoadedModels(themes, parts.loaded))
    section.set_host("ollama")
    try:
        yield section
    finally:
        section.hide()
        await parts.loaded.close()
        await parts.server.stop()


async def test_what_is_loaded(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> None:
    store = parts.server.store
    store.add(stored("qwen3", 4_700_000_000))
    async with loaded_models(qtbot, themes, parts) as section:
        await until(lambda: says(section, "Nothing is loaded"))
        store.load("llama3.2", 3600, gpu_share=1.0)
        store.load("qwen3", -1, gpu_share=0.4)
        await until(lambda: says(section, "4.7 GB, 40 % on the graphics card") and says(section, "for ever"))
        assert says(section, "2.0 GB, all on the graphics card")
        assert says(section, "until ")
        button = find(section, "models.ollama.unload.qwen3:latest", Button)
        assert button.accessibleName() == "Unload qwen3"
        button.setFocus(Qt.FocusReason.TabFocusReason)
        await press(button, Qt.Key.Key_Return)
        await until(lambda: not says(section, "qwen3"), "it is gone from the list")
        assert list(store.loaded) == ["llama3.2:latest"]
        left = find(section, "models.ollama.unload.llama3.2:latest", Button)
        await until(left.hasFocus, "the keys are on what is left")


async def test_it_asks_only_while_it_is_seen(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts
) -> None:
    async with loaded_models(qtbot, themes, parts) as section:
        await until(lambda: parts.server.paths.count("GET /api/ps") > 2, "it asks")
        section.hide()
        asked = parts.server.paths.count("GET /api/ps")
        asks = len(parts.server.asks)
        for _ in range(5):  # another question goes there and back meanwhile
            await parts.ollama.details("ollama", "llama3.2")
        assert parts.server.paths.count("GET /api/ps") <= asked + 1
        assert len(parts.server.asks) <= asks + 6
        section.show()
        await until(lambda: parts.server.paths.count("GET /api/ps") > asked + 2, "it asks again")


async def test_a_server_that_went_away(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> None:
    async with loaded_models(qtbot, themes, parts) as section:
        await until(lambda: says(section, "Nothing is loaded"))
        await parts.server.stop()
        await until(lambda: says(section, "Ollama cannot be reached"))
        await parts.server.start()
        await until(lambda: says(section, "Nothing is loaded"))
        parts.server.store.load("llama3.2")
        parts.server.fail("/api/generate", 500, "busy")
        await until(lambda: says(section, "llama3.2"))
        await click(section, "models.ollama.unload.llama3.2:latest")
        await until(lambda: says(section, "Ollama could not unload llama3.2:latest. busy"))
        await until(lambda: find(section, "models.ollama.unload.llama3.2:latest", Button).isEnabled())
        assert says(section, "llama3.2")


# Making one


def panel_of(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> CreatePanel:
    return shown(qtbot, CreatePanel(themes, parts.view_model.creating))


async def test_a_model_is_made_of_what_was_typed(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts
) -> None:
    panel = panel_of(qtbot, themes, parts)
    assert not any(widget.isVisible() for widget in panel.findChildren(Select))
    wanted: list[str] = []
    panel.use_wanted.connect(wanted.append)
    await write(panel, "models.ollama.create.name", "brief")
    area = find(panel, "models.ollama.create.modelfile", QPlainTextEdit)
    area.setPlainText("FROM llama3.2\nSYSTEM Be brief.")
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "brief is there."))
    assert parts.names() == {"llama3.2", "brief"}
    await click(panel, "models.ollama.create.use")
    assert wanted == ["ollama:brief:latest"]
    # One's own of a moment ago may be written better; any other is not replaced.
    area.setPlainText("FROM llama3.2\nSYSTEM Be very brief.")
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "brief is there."))
    found = parts.server.store.find("brief")
    assert found is not None
    assert found.system == "Be very brief."
    await write(panel, "models.ollama.create.name", "llama3.2")
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "There is a model llama3.2:latest already"))


async def test_what_is_wrong_stands_in_the_panel(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts
) -> None:
    panel = panel_of(qtbot, themes, parts)
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "The model has no name"))
    await write(panel, "models.ollama.create.name", "mine")
    assert not says(panel, "The model has no name")
    find(panel, "models.ollama.create.modelfile", QPlainTextEdit).setPlainText("FROM a\nFORM b")
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "Line 2 of the Modelfile: “FORM” is no instruction"))
    assert find(panel, "models.ollama.create.modelfile", QPlainTextEdit).toPlainText() == "FROM a\nFORM b"
    assert parts.names() == {"llama3.2"}


async def test_a_file_is_opened_sent_and_stopped(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts, tmp_path: Path
) -> None:
    (tmp_path / "Modelfile").write_text("FROM ./tiny.gguf\n", encoding="utf-8")
    with (tmp_path / "tiny.gguf").open("wb") as file:
        file.write(b"GGUF")
        file.truncate(30_000_000)
    panel = panel_of(qtbot, themes, parts)
    await click(panel, "models.ollama.create.open")
    dialog = panel.window().findChild(QFileDialog, "models.ollama.create.dialog")
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "Modelfile"))
    dialog.reject()
    area = find(panel, "models.ollama.create.modelfile", QPlainTextEdit)
    await until(lambda: area.toPlainText() == "FROM ./tiny.gguf\n", "its text is there")
    await until(lambda: says(panel, f"Paths count from {tmp_path}"))
    await write(panel, "models.ollama.create.name", "tiny")
    parts.server.upload_seconds = 0.05
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "Sending the file: "), "it is sent")
    assert not find(panel, "models.ollama.create.name", QLineEdit).isEnabled()
    await click(panel, "models.ollama.create.cancel")
    await until(lambda: says(panel, "Stopped. Nothing was made."))
    assert parts.names() == {"llama3.2"}
    parts.server.upload_seconds = 0
    await click(panel, "models.ollama.create.create")
    await until(lambda: says(panel, "tiny is there."))
    assert parts.names() == {"llama3.2", "tiny"}


async def test_a_model_file_becomes_a_line(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts, tmp_path: Path
) -> None:
    panel = panel_of(qtbot, themes, parts)
    creating = parts.view_model.creating
    creating.open_file(tmp_path / "some.GGUF")
    area = find(panel, "models.ollama.create.modelfile", QPlainTextEdit)
    assert area.toPlainText() == f"FROM {tmp_path / 'some.GGUF'}\n"
    (tmp_path / "picture").write_bytes(b"\x89PNG\0")
    (tmp_path / "latin").write_bytes(b"SYSTEM caf\xe9")
    creating.open_file(tmp_path / "picture")
    await until(lambda: says(panel, "picture is not a Modelfile"))
    creating.open_file(tmp_path / "latin")
    await until(lambda: says(panel, "latin is not text in UTF-8"))
    creating.open_file(tmp_path / "absent")
    await until(lambda: says(panel, "absent cannot be read"))
    assert area.toPlainText().startswith("FROM ")


async def test_which_server_it_is_made_on(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> None:
    async with OllamaServer(stored("mistral")) as other:
        await parts.ollama.add_host("Attic", other.url)
        panel = panel_of(qtbot, themes, parts)
        panel.begin("attic", "FROM mistral")
        assert find(panel, "models.ollama.create.host", Select).text() == "Attic"
        await write(panel, "models.ollama.create.name", "mine")
        await click(panel, "models.ollama.create.create")
        await until(lambda: says(panel, "mine is there."))
        assert parts.names("attic") == {"mistral", "mine"}


# Servers


async def test_a_server_is_tested_added_and_changed(
    qtbot: QtBot, themes: ThemeController, parts: OllamaParts
) -> None:
    panel = shown(qtbot, HostPanel(themes, parts.view_model.hosts))
    closed: list[bool] = []
    panel.closed.connect(lambda: closed.append(True))
    panel.begin()
    await click(panel, "models.ollama.host.test")
    await until(lambda: says(panel, "There is no address"))
    await write(panel, "models.ollama.host.address", "127.0.0.1:1")
    await click(panel, "models.ollama.host.test")
    await until(lambda: says(panel, "Not found at 127.0.0.1:1"))
    async with OllamaServer(stored("mistral"), stored("qwen3")) as other:
        await write(panel, "models.ollama.host.address", other.url)
        await click(panel, "models.ollama.host.test")
        await until(lambda: says(panel, "It answers, with 2 models."))
        await write(panel, "models.ollama.host.name", "Attic")
        await press(find(panel, "models.ollama.host.name", QLineEdit), Qt.Key.Key_Return)
        await until(lambda: closed, "the form is done")
        assert parts.names("attic") == {"mistral", "qwen3"}

        panel.begin("attic")
        assert says(panel, "Change the server")
        assert find(panel, "models.ollama.host.address", QLineEdit).text() == other.url
        await write(panel, "models.ollama.host.address", parts.server.url)
        await click(panel, "models.ollama.host.save")
        await until(lambda: says(panel, "Ollama is at this address already"))
        parts.view_model.hosts.remove("attic")
        await until(lambda: len(parts.ollama.hosts()) == 1)


# Deleting and copying


async def test_deleting_asks_in_its_row(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> None:
    row = shown(qtbot, DeleteConfirm(themes, parts.view_model.changes))
    gone: list[tuple[str, object]] = []
    done: list[bool] = []
    parts.view_model.changes.deleted.connect(lambda reference, freed: gone.append((reference, freed)))
    row.finished.connect(lambda: done.append(True))
    row.ask("ollama", "llama3.2:latest")
    await until(lambda: says(row, "Delete llama3.2? Frees 2.0 GB."))
    keep = find(row, "models.ollama.delete.keep", Button)
    await until(keep.hasFocus)
    await press(keep, Qt.Key.Key_Return)
    assert done == [True]
    assert parts.names() == {"llama3.2"}

    await parts.ollama.copy("ollama", "llama3.2", "twin")
    row.ask("ollama", "twin:latest")
    await until(lambda: says(row, "Delete twin? Frees nothing: llama3.2 needs the same files."))
    parts.server.fail("/api/delete", 500, "the disk is read-only")
    await click(row, "models.ollama.delete.confirm")
    await until(lambda: says(row, "the disk is read-only"))
    assert says(row, "Ollama could not delete twin")
    assert parts.names() == {"llama3.2", "twin"}
    await click(row, "models.ollama.delete.confirm")
    await until(lambda: gone == [("ollama:twin:latest", 0)])
    assert parts.names() == {"llama3.2"}


async def test_a_copy_has_a_name(qtbot: QtBot, themes: ThemeController, parts: OllamaParts) -> None:
    form = shown(qtbot, CopyForm(themes, parts.view_model.changes))
    done: list[bool] = []
    form.finished.connect(lambda: done.append(True))
    form.ask("ollama", "llama3.2:latest")
    assert says(form, "A copy of llama3.2")
    await click(form, "models.ollama.copy.save")
    assert says(form, "Give the copy a name.")
    await write(form, "models.ollama.copy.name", "llama3.2")
    await click(form, "models.ollama.copy.save")
    await until(lambda: says(form, "There is a model llama3.2:latest already"))
    await write(form, "models.ollama.copy.name", "mine")
    await press(find(form, "models.ollama.copy.name", QLineEdit), Qt.Key.Key_Return)
    await until(lambda: done == [True])
    assert parts.names() == {"llama3.2", "mine"}
    form.ask("ollama", "mine:latest")
    await press(find(form, "models.ollama.copy.name", QLineEdit), Qt.Key.Key_Escape)
    assert done == [True, True]
