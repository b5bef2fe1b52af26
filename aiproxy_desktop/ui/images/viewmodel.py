"""The images tab without its widgets: its three parts, and what goes from one to another. QtCore only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.backend import ImagesBackend
from aiproxy_desktop.services.images.opening import read_picture_file
from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.edit.outcome import outcome_line
from aiproxy_desktop.ui.images.edit.pending import PendingVersions
from aiproxy_desktop.ui.images.edit.viewmodel import EditViewModel, Shown
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.images.generate.viewmodel import GenerateViewModel
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr

Part: TypeAlias = Literal["generate", "edit", "gallery"]

# The bytes at an address and a name for them.
Fetch: TypeAlias = Callable[[str], Awaitable[tuple[bytes, str]]]


class ImagesViewModel(QObject):
    """State and actions of the tab over parts that each hold one thing. Await `close` at the end."""

    part_changed = Signal()  # read `part`
    noticed = Signal(object)  # Notice
    result_shown = Signal()  # what a request made of the picture on the canvas takes its place
    chat_wanted = Signal(object)  # StoredImage: attach it to what is being written

    def __init__(
        self,
        behind: ImagesBackend,
        shown: Shown,
        fetch: Fetch,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing is read yet.

        Args:
            behind: the services; whoever built them starts and closes them.
            shown: makes of pixels what the canvas paints.
            fetch: pictures from the web, for drops out of a browser.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._behind = behind
        self._fetch = fetch
        self.part: Part = "generate"
        self.scope = TaskScope("images page", on_unexpected)
        models, runs, library = behind.models, behind.runs, behind.library
        self.edit = EditViewModel(behind.studio, library, shown, on_unexpected, self)
        self.pending = PendingVersions(runs, shown, on_unexpected, self)
        habits = behind.habits
        self.making = RequestViewModel(models, runs, library, on_unexpected, habits=habits, parent=self)
        self.changing = RequestViewModel(
            models, runs, library, on_unexpected, room="edit", habits=habits, parent=self
        )
        self.generate = GenerateViewModel(runs, library, models, on_unexpected, parent=self)
        self.gallery = GalleryViewModel(
            library, behind.exports, behind.thumbnails, on_unexpected, habits=habits, parent=self
        )
        self.edit.noticed.connect(self.noticed)
        self.gallery.noticed.connect(self.noticed)
        self.gallery.edit_wanted.connect(self.edit_image)
        self.gallery.settings_wanted.connect(self.reuse)
        self.gallery.reference_wanted.connect(self.use_as_reference)
        self.gallery.chat_wanted.connect(self.send_to_chat)
        self.edit.picture_changed.connect(self._picture_changed)
        for request in (self.making, self.changing):
            request.failed.connect(self._say_error)
        self.changing.started.connect(self.edit.begin_request)
        self._unsubscribe = runs.changed.add(self._run_changed)

    async def close(self) -> None:
        """Leave nothing running; requests go on, they are the services' own."""
        self._unsubscribe()
        for part in (self.edit, self.pending, self.making, self.changing, self.generate, self.gallery):
            await part.close()
        await self.scope.close()

    # What can be done

    def show_part(self, part: Part) -> None:
        """Go to one of the three parts."""
        if part != self.part:
            self.part = part
            self.part_changed.emit()

    @property
    def request(self) -> RequestViewModel:
        """What the panel of the part in front asks."""
        return self.changing if self.part == "edit" else self.making

    def begin_with(self, reference: str) -> None:
        """Make pictures with this model."""
        self.making.choose(reference)
        self.changing.choose(reference)
        self.show_part("generate")

    def edit_image(self, image_id: str) -> None:
        """Show an image of the library on the canvas."""
        self.show_part("edit")
        self.edit.open(image_id)

    def edit_from_chat(self, read: Callable[[], Awaitable[bytes]], name: str) -> None:
        """Show a picture of a conversation on the canvas."""
        self.show_part("edit")
        self.edit.take_from(read, name, origin="chat")

    def edit_from_web(self, address: str) -> None:
        """Show a picture on the canvas that a browser told the address of."""
        self.show_part("edit")
        self.edit.take_found(lambda: self._fetch(address))

    def reuse(self, image: StoredImage) -> None:
        """Ask again as this picture was asked for: where it changed another, on that one."""
        if image.base:
            self.changing.use_settings(image)
            self.edit_image(image.base)
        else:
            self.making.use_settings(image)
            self.show_part("generate")

    def use_as_reference(self, image_id: str) -> None:
        """Let the next request go by an image of the library."""

        async def work() -> None:
            self.request.add_references([await self._behind.library.get(image_id)])
            self.noticed.emit(Notice(tr("The picture goes along with the next request")))

        self.scope.attempt(work, self._say_error, "reference")

    def add_references(self, paths: Sequence[Path]) -> None:
        """Let the next request go by these files, which are kept in the gallery too."""
        request = self.request

        async def work() -> None:
            for path in paths:
                data, name = await on_thread(partial(read_picture_file, path), "images")
                request.add_references([await self._behind.studio.take_in(data, name)])

        self.scope.attempt(work, self._say_error, "reference")

    def add_reference(self, make: Callable[[], bytes], name: str) -> None:
        """Let the next request go by a picture that `make`, called on a thread, gives."""
        request = self.request

        async def work() -> None:
            data = await on_thread(make, "images")
            request.add_references([await self._behind.studio.take_in(data, name)])

        self.scope.attempt(work, self._say_error, "reference")

    def export(self, image_id: str, ask: Callable[[StoredImage], None]) -> None:
        """Have `ask` ask how an image of the library is to be saved."""

        async def work() -> None:
            ask(await self._behind.library.get(image_id))

        self.scope.attempt(work, self._say_error, "export")

    def send_to_chat(self, image_id: str) -> None:
        """Attach an image of the library to what is being written in the chat."""

        async def work() -> None:
            self.chat_wanted.emit(await self._behind.library.get(image_id))

        self.scope.attempt(work, self._say_error, "chat")

    def can_cancel(self) -> bool:
        """Whether anything is being made."""
        return bool(self.making.running or self.changing.running)

    def cancel(self) -> None:
        """Stop what is being made; what is finished stays."""
        for request in (self.making, self.changing):
            request.cancel()

    # Inside

    def _picture_changed(self) -> None:
        self.changing.set_base(self.edit.current)

    def _run_changed(self, run: Run) -> None:
        """Show what came of changing the picture on the canvas, if that is still there."""
        current, base = self.edit.current, run.task.base
        if base is None or run.state == "running":
            return
        if run.images and current is not None and base.id == current.id:
            self.result_shown.emit()
            self.edit.open(run.images[0].id)
        # After it, for what is opened takes away what was said before.
        self.edit.end_request(outcome_line(run), run.error)

    def _say_error(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))
