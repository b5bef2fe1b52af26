"""The request panel and the Generate view over real services, whose image service is on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.storage.image_records import NewImage, StoredImage
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails
from aiproxy_desktop.ui.images.generate.view import GenerateView
from aiproxy_desktop.ui.images.generate.viewmodel import GenerateViewModel
from aiproxy_desktop.ui.images.panel.panel import RequestPanel
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel, Room
from aiproxy_desktop.ui.widgets.labels import Label
from tests.image_servers import OpenAIImages
from tests.ui.chat_parts import themes
from tests.unit.services.images.desk import Desk, desk_in, noise, openai_at, png

# Any words do: it is a model that the service has and the table knows.
SUNBURST = "openai:gpt-image-2.6-sunburst"
DALLE = "openai:dall-e-3"


@dataclass(frozen=True, slots=True)
class Making:
    """What a test works with; `panel` and `view` are shown, each in its own window."""

    desk: Desk
    server: OpenAIImages
    request: RequestViewModel
    made: GenerateViewModel
    panel: RequestPanel
    view: GenerateView
    told: list[object] = field(default_factory=list)

    def button(self, name: str) -> QWidget:
        """A part of either window by the end of its name."""
        for window in (self.panel, self.view):
            found = window.findChild(QWidget, f"images.{self.request.room}.{name}")
            if isinstance(found, QWidget):
                return found
        raise AssertionError(f"there is no {name}")

    def words(self, name: str) -> str:
        """The text of a label."""
        found = self.button(name)
        assert isinstance(found, Label)
        return found.text()

    def press(self, name: str) -> None:
        """Click on it."""
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def run(self) -> Run:
        """The newest one."""
        return self.desk.images.runs.all[-1]

    async def picture(self, name: str = "mug.png", size: tuple[int, int] = (64, 48)) -> StoredImage:
        """One that is kept."""
        new = NewImage("opened", "image/png", *size, name=name)
        return await self.desk.images.library.add(new, png(noise(size, len(name))))


@asynccontextmanager
async def making_in(
    folder: Path, qtbot: QtBot, *, room: Room = "generate", key: bool = True, **behaviour: Any
) -> AsyncIterator[Making]:
    """Everything wired up and shown; closed in the end."""
    unexpected: list[Exception] = []
    async with (
        OpenAIImages(**behaviour) as server,
        desk_in(folder, openai_at(server.url) if key else {}) as desk,
    ):
        images = desk.images
        request = RequestViewModel(images.models, images.runs, images.library, unexpected.append, room=room)
        made = GenerateViewModel(images.runs, images.library, images.models, unexpected.append)
        small = Thumbnails(images.thumbnails, images.library.blob_path)
        panel, view = RequestPanel(themes(), request, small), GenerateView(themes(), made, small)
        making = Making(desk, server, request, made, panel, view)
        view.toast_requested.connect(making.told.append)
        request.failed.connect(making.told.append)
        for window, width in ((panel, 296), (view, 900)):
            qtbot.addWidget(window)
            window.resize(width, 800)
            window.show()
        request.choose(SUNBURST)
        try:
            yield making
        finally:
            await request.close()
            await made.close()
            small.close()
            view.close_down()
    assert not unexpected, unexpected
