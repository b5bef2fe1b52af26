"""The panel of built-in models: files dropped from another program, memory in words, how they are run."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QWidget

from aiproxy_desktop.core.events import TextDelta
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.builtin.provider import default_model
from aiproxy_desktop.services.local_models import Memory
from aiproxy_desktop.storage.model_settings import ModelFileOptions
from aiproxy_desktop.ui.models.local.dropping import GgufDrop
from aiproxy_desktop.ui.models.local.panel import LocalModelsPanel
from aiproxy_desktop.ui.models.local.viewmodel import LocalModelsViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.slider import Slider
from tests.gguf_files import model_file
from tests.local_desk import GB, LocalDesk, local_desk
from tests.ui.dragging import dragged_onto, xdotool
from tests.waiting import until


@dataclass
class Shown:
    """The panel over real services."""

    desk: LocalDesk
    view_model: LocalModelsViewModel
    panel: LocalModelsPanel
    notices: list[Notice] = field(default_factory=list)

    def words(self) -> list[str]:
        """All that is written and visible."""
        return [label.text() for label in self.panel.findChildren(Label) if label.isVisible()]

    def says(self, words: str) -> bool:
        """Whether that stands anywhere."""
        return any(words in text for text in self.words())

    def heard(self, words: str) -> bool:
        """Whether a toast said that."""
        return any(words in notice.text for notice in self.notices)

    def button(self, name: str) -> QAbstractButton:
        """A button by its object name."""
        found = self.panel.findChild(QAbstractButton, f"models.local.{name}")
        assert isinstance(found, QAbstractButton), name
        return found

    def context_of(self, model_id: str) -> int | None:
        """The context of a model as it is offered now; None while it is not."""
        offered = self.desk.offered.get(model_id)
        return None if offered is None else offered.context_window

    def slider(self, model_id: str) -> Slider:
        """The slider of a model's context."""
        found = self.panel.findChild(Slider, f"models.local.{model_id}.context")
        assert isinstance(found, Slider)
        return found

    def click(self, name: str) -> None:
        """Press a button with the mouse."""
        self.panel.area.ensureWidgetVisible(self.button(name))
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def shows(self, model_id: str) -> bool:
        """Whether there is a group for a model."""
        found = self.panel.findChild(QWidget, f"models.local.{model_id}")
        return found is not None and found.isVisible()


@asynccontextmanager
async def shown(folder: Path, themes: ThemeController) -> AsyncIterator[Shown]:
    unexpected: list[Exception] = []
    async with local_desk(folder) as desk:
        view_model = LocalModelsViewModel(desk.service, unexpected.append)
        panel = LocalModelsPanel(themes, view_model)
        parts = Shown(desk, view_model, panel)
        view_model.noticed.connect(parts.notices.append)
        try:
            view_model.start()
            panel.setGeometry(0, 0, 320, 700)
            panel.show()
            await until(lambda: parts.shows("smollm2-135m"), "the bundled model")
            yield parts
        finally:
            panel.close()
            await view_model.close()
            for gone in (panel, view_model):
                gone.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert unexpected == []


@pytest.fixture
def themes(qapp: QApplication) -> ThemeController:
    return ThemeController(qapp, "light")


def url(path: Path) -> str:
    return QUrl.fromLocalFile(str(path)).toString()


async def test_a_model_that_was_dropped_answers_as_it_was_set(
    tmp_path: Path, themes: ThemeController
) -> None:
    bundled = default_model()
    assert bundled is not None
    path = tmp_path / "My own model.gguf"
    shutil.copy(bundled.path, path)
    async with shown(tmp_path, themes) as parts:
        async with dragged_onto(parts.panel, url(path)) as source:
            await until(lambda: parts.says("Drop it here"), "where to drop")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
            await until(lambda: parts.shows("My-own-model"), "the model that was dropped")
        assert path.exists()
        await until(lambda: parts.heard("“My own model” is added."))
        assert parts.says("98 MB · Q4_1 · 135M parameters · apache-2.0")

        slider = parts.slider("My-own-model")
        parts.panel.area.ensureWidgetVisible(slider)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(2, slider.height() // 2))
        assert parts.says("Needs about 214 MB; 8.0 GB are free.")
        parts.click("My-own-model.threadsMore")
        wanted = (ModelFileOptions(path=str(path), context=2048, threads=1),)
        await until(lambda: parts.desk.store.load().settings.model_options == wanted, "the choice is written")
        await until(lambda: parts.context_of("My-own-model") == 2048, "the list is read again")

        request = CompletionRequest(
            "My-own-model",
            (Message.of("user", "What is the capital of France?"),),
            max_tokens=40,
            temperature=0,
        )
        async with aclosing(parts.desk.builtin.stream(request)) as events:
            answer = "".join([event.text async for event in events if isinstance(event, TextDelta)])
        assert len(answer.split()) > 3, answer
        endpoint = await parts.desk.builtin.endpoint("My-own-model")
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {endpoint.key}"}) as client:
            props = (await client.get(endpoint.base_url.removesuffix("/v1") + "/props")).json()
        assert props["default_generation_settings"]["n_ctx"] == 2048


async def test_several_files_and_what_is_none_are_told(tmp_path: Path, themes: ThemeController) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    one, two = model_file(tmp_path / "one.gguf"), model_file(folder / "two.gguf")
    bad = tmp_path / "bad.gguf"
    bad.write_text("not a model")
    async with shown(tmp_path, themes) as parts:
        async with dragged_onto(parts.panel, *map(url, (one, folder, bad))) as source:
            await until(lambda: parts.says("Drop it here"), "where to drop")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
            await until(lambda: parts.shows("one") and parts.shows("two"), "both models")
        await until(lambda: parts.heard("bad.gguf is not a model file"))
        await until(lambda: parts.heard("2 models added."))
        assert not parts.shows("bad")
        parts.view_model.add([str(two)])
        await until(lambda: parts.heard("two.gguf is already here."))


async def test_other_files_cannot_be_dropped(tmp_path: Path, themes: ThemeController) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("notes")
    async with shown(tmp_path, themes) as parts, dragged_onto(parts.panel, url(notes)) as source:
        await xdotool("mouseup", 1)
        assert await asyncio.wait_for(source.readline(), 30) == b"dropped IgnoreAction\n"
        assert not parts.says("Drop it here")
        assert not parts.desk.settings.current.model_files


async def test_a_whole_page_takes_drops(tmp_path: Path, themes: ThemeController) -> None:
    page = QWidget()
    page.setGeometry(0, 0, 400, 300)
    taken: list[list[str]] = []
    GgufDrop(themes, page).dropped.connect(taken.append)
    page.show()
    path = model_file(tmp_path / "a.gguf")
    async with dragged_onto(page, url(path)) as source:
        await xdotool("mouseup", 1)
        assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
    assert taken == [[str(path)]]
    page.close()
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


async def test_memory_follows_the_slider_and_says_what_would_help(
    tmp_path: Path, themes: ThemeController
) -> None:
    path = model_file(tmp_path / "big.gguf", size=5 * GB)
    async with shown(tmp_path, themes) as parts:
        await parts.desk.service.add(str(path))
        await until(lambda: parts.shows("big"))
        assert parts.says("Needs about 6.2 GB; 8.0 GB are free.")
        slider = parts.slider("big")
        slider.setFocus()
        QTest.keyClick(slider, Qt.Key.Key_End)
        assert parts.says("Needs about 9.4 GB; only 8.0 GB are free. Close other programs first, or choose")
        assert parts.says("a context of 8,192 tokens.")
        await until(lambda: bool(parts.desk.settings.current.model_options), "the keys have settled")
        assert parts.desk.settings.current.model_options[0].context == 32768
        parts.desk.memory = Memory(3 * GB, 4 * GB)
        parts.view_model.refresh()
        await until(lambda: parts.says("this computer has 4.0 GB. Add a smaller model"))
        parts.desk.memory = Memory(None, None)
        parts.view_model.refresh()
        await until(lambda: parts.says("Needs about 9.4 GB; how much is free is unknown."))


async def test_threads_go_from_automatic_to_as_many_as_there_are_cores(
    tmp_path: Path, themes: ThemeController
) -> None:
    async with shown(tmp_path, themes) as parts:
        assert parts.says("Automatic")
        assert not parts.button("smollm2-135m.threadsFewer").isEnabled()
        for count in range(1, parts.view_model.cores + 1):
            parts.click("smollm2-135m.threadsMore")
            await until(partial(parts.says, str(count)))
        parts.click("smollm2-135m.threadsMore")
        for _ in range(parts.view_model.cores):
            parts.click("smollm2-135m.threadsFewer")
        await until(lambda: parts.says("Automatic"))
        await until(lambda: not parts.desk.settings.current.model_options)


async def test_a_model_is_removed_and_comes_back(tmp_path: Path, themes: ThemeController) -> None:
    path = model_file(tmp_path / "a.gguf")
    async with shown(tmp_path, themes) as parts:
        await parts.desk.service.add(str(path))
        await until(lambda: parts.shows("a"))
        parts.click("a.remove")
        await until(lambda: parts.heard("“a” is off the list"))
        await until(lambda: not parts.shows("a"))
        undo = parts.notices[-1].undo
        assert undo is not None
        undo()
        await until(lambda: parts.shows("a"), "it is back")
        assert path.exists()


async def test_a_file_that_is_gone_is_located(tmp_path: Path, themes: ThemeController) -> None:
    path = model_file(tmp_path / "a.gguf")
    async with shown(tmp_path, themes) as parts:
        await parts.desk.service.add(str(path))
        await until(lambda: parts.shows("a"))
        there = path.rename(tmp_path / "moved.gguf")
        parts.view_model.refresh()
        await until(lambda: parts.says("The file is gone"))
        parts.click("a.locate")
        dialog = parts.panel.findChild(QFileDialog, "models.local.dialog")
        assert isinstance(dialog, QFileDialog)
        dialog.fileSelected.emit(str(there))
        dialog.reject()
        await until(lambda: parts.shows("moved"))
        assert not parts.says("The file is gone")


async def test_a_downloaded_file_is_deleted_once_that_is_confirmed(
    tmp_path: Path, themes: ThemeController
) -> None:
    async with shown(tmp_path, themes) as parts:
        path = model_file(parts.desk.folder / "own.gguf", size=2_000_000)
        await parts.desk.service.add(str(path))
        await until(lambda: parts.shows("own"))
        parts.click("own.askDelete")
        assert parts.says("Deleting the file frees 2.0 MB on the disk.")
        parts.click("own.confirm.keep")
        assert not parts.says("Deleting the file")
        parts.click("own.askDelete")
        parts.click("own.confirm.delete")
        await until(lambda: parts.heard("“own” is deleted; 2.0 MB are free again."))
        await until(lambda: not parts.shows("own"))
        assert not path.exists()


async def test_the_panel_closes_by_its_cross_and_by_escape(tmp_path: Path, themes: ThemeController) -> None:
    async with shown(tmp_path, themes) as parts:
        closed: list[None] = []
        parts.panel.closed.connect(lambda: closed.append(None))
        parts.click("close")
        parts.panel.focus_start()
        QTest.keyClick(parts.button("open"), Qt.Key.Key_Escape)
        assert len(closed) == 2
