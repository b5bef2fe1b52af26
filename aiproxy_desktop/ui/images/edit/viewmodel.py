"""What is on the canvas, and the chain of versions it stands in. QtCore only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.masks import mask_file, mask_from
from aiproxy_desktop.services.images.opening import Preview, read_picture_file
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.named_files import write_named
from aiproxy_desktop.ui.images.edit.order import Version, lineage, versions
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr, tr_count

CompareMode: TypeAlias = Literal["off", "slider", "side_by_side", "difference"]

# Turns pixels into what the canvas paints; called on a thread.
Shown: TypeAlias = Callable[[Picture], Any]


# Seconds.
_A_FRAME = 0.016


class EditViewModel(QObject):
    """State and actions of the edit room. Every action returns at once; await `close` at the end."""

    preview_arrived = Signal(object, int, int)  # what can be shown until the whole is there; width, height
    picture_changed = Signal()  # another picture, or none: read `current` and `shown`
    state_changed = Signal()  # read `loading`, `outcome` and `problem`
    family_changed = Signal()  # read `family`
    compare_changed = Signal()  # read `compare`, `before`, `before_image`
    mask_given = Signal(object)  # Mask: paint this one
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        studio: ImageStudio,
        library: ImageLibrary,
        shown: Shown,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing is read yet.

        Args:
            studio: pictures in and out of the library.
            library: keeps them.
            shown: makes of pixels what the canvas paints.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._studio = studio
        self._library = library
        self._make_shown = shown
        self.scope = TaskScope("edit", on_unexpected)
        self._turn = 0
        self._previewing = False
        self.current: StoredImage | None = None
        self.family: tuple[StoredImage, ...] = ()
        self.shown: Any = None
        self.loading = ""
        self.outcome = ""
        self.problem = ""
        self.compare: CompareMode = "off"
        self.proving = False
        self.before: Any = None
        self.before_image: StoredImage | None = None
        self._unsubscribe = library.changed.add(self._library_changed)

    async def close(self) -> None:
        """Leave nothing running."""
        self._unsubscribe()
        await self.scope.close()

    # What is shown

    @property
    def versions(self) -> tuple[Version, ...]:
        """The chain in the order of the strip."""
        return versions(self.family)

    @property
    def version(self) -> Version | None:
        """Which of them is on the canvas."""
        return next((one for one in self.versions if one.image.id == self._current_id), None)

    @property
    def joined(self) -> tuple[str, ...]:
        """The ids of what is on the canvas and, after it, of what that was made from."""
        return lineage(self._current_id, self.family) if self.current is not None else ()

    @property
    def can_compare(self) -> bool:
        """Whether there is anything to compare it with."""
        return len(self.joined) > 1

    # What can be done

    def open(self, image_id: str) -> None:
        """Show an image of the library."""
        self._begin("", lambda turn: self._open(image_id, turn))

    def take_files(self, paths: Sequence[Path]) -> None:
        """Open files, each a picture of its own; the last is shown."""
        if paths:
            self._begin(paths[0].name, lambda turn: self._take_files(paths, turn))

    def take_bytes(self, data: bytes, name: str) -> None:
        """Open what was pasted or dropped."""
        self._begin(name, lambda turn: self._take(data, name, turn))

    def take_made(self, make: Callable[[], bytes], name: str) -> None:
        """Open what `make`, called on a thread, gives."""

        async def work(turn: int) -> None:
            await self._take(await on_thread(make, "images"), name, turn)

        self._begin(name, work)

    def take_from(
        self, read: Callable[[], Awaitable[bytes]], name: str, origin: Literal["opened", "chat"] = "opened"
    ) -> None:
        """Open what `read` gives, a picture of a conversation say."""

        async def work(turn: int) -> None:
            await self._take(await read(), name, turn, origin)

        self._begin(name, work)

    def take_found(self, find: Callable[[], Awaitable[tuple[bytes, str]]]) -> None:
        """Open what `find` gives: bytes and a name for them."""

        async def work(turn: int) -> None:
            data, name = await find()
            await self._take(data, name, turn)

        self._begin("", work)

    def begin_request(self) -> None:
        """Something was asked for: what came of the last request is not news any more."""
        self.outcome, self.problem = "", ""
        self.state_changed.emit()

    def end_request(self, outcome: str, error: AIProxyError | None) -> None:
        """Say what came of a request, or why nothing did."""
        if error is not None:
            self._say_error(error)
        elif not self.problem:
            self.outcome = outcome
            self.state_changed.emit()

    def crop(self, box: tuple[int, int, int, int]) -> None:
        """Keep a version that shows only this (left, top, right, bottom, pixels), and show it."""
        image = self.current
        if image is not None:
            self._begin("", lambda turn: self._crop(image, box, turn))

    def extend(self, margins: tuple[int, int, int, int]) -> None:
        """Keep and show a version with more canvas (left, top, right, bottom, pixels), which is masked."""
        image = self.current
        if image is not None:
            self._begin("", lambda turn: self._extend(image, margins, turn))

    def set_compare(self, mode: CompareMode) -> None:
        """Compare with what it was made from, or no longer."""
        self.compare = mode
        self.compare_changed.emit()
        self._load_before()

    def set_proving(self, on: bool) -> None:
        """Have what it was made from at hand, so that the canvas can tell what stayed as it was."""
        self.proving = on
        self._load_before()

    def compare_with(self, image_id: str) -> None:
        """Compare with this version."""
        chosen = next((one for one in self.family if one.id == image_id), None)
        if chosen is not None and self.current is not None and chosen.id != self.current.id:
            self.compare = "slider" if self.compare == "off" else self.compare
            self._load_before(chosen)

    def load_mask(self) -> None:
        """Paint the mask again that the picture on the canvas was made with."""
        image = self.current
        if image is not None:
            self.scope.attempt(lambda: self._load_mask(image), self._say_error, "mask")

    def load_mask_file(self, path: Path) -> None:
        """Paint the mask of a file, which must be of the picture's size."""
        image = self.current

        async def work() -> None:
            if image is not None:
                data, name = await on_thread(partial(read_picture_file, path), "images")
                size = (image.width, image.height)
                self.mask_given.emit(await on_thread(partial(mask_from, data, name, size), "images"))

        self.scope.attempt(work, self._say_error, "mask")

    def save_mask(self, make: Callable[[], Mask], path: Path) -> None:
        """Write the mask that `make`, called on a thread, gives as a PNG: white where it may change."""

        async def work() -> None:
            await on_thread(lambda: write_named(path, mask_file(make())), "images")
            self.noticed.emit(Notice(tr("The mask is saved as {name}", name=path.name)))

        self.scope.attempt(work, self._say_error, "mask")

    def delete(self, image_id: str) -> None:
        """Take a version out of the chain, with a way back; its neighbour is shown."""
        self.scope.attempt(lambda: self._delete(image_id), self._say_error, "delete")

    def leave(self) -> None:
        """Show nothing."""
        self._turn += 1
        self._put(None, None)
        self._tell_rest()

    # Inside

    @property
    def _current_id(self) -> str:
        return "" if self.current is None else self.current.id

    def _begin(self, name: str, work: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        """Do it in place of what was being opened before."""
        self._turn += 1
        turn = self._turn
        self.problem = ""
        self.loading = tr("Opening {name}…", name=name) if name else tr("Opening…")
        self.state_changed.emit()

        async def guarded() -> None:
            try:
                await work(turn)
            finally:
                if turn == self._turn:
                    self._end_preview()
                    self.loading = ""
                    self.state_changed.emit()

        self.scope.attempt(guarded, self._say_error, "open")

    async def _open(self, image_id: str, turn: int) -> None:
        await self._show(await self._library.get(image_id), turn)

    async def _take_files(self, paths: Sequence[Path], turn: int) -> None:
        opened = 0
        for path in paths:
            try:
                data, name = await on_thread(partial(read_picture_file, path), "images")
                await self._take(data, name, turn)
                opened += 1
            except AIProxyError as error:
                # The others are opened all the same.
                self._say_error(error)
        if opened > 1:
            words = tr_count(
                "{n} other picture is opened, too: it is in the gallery.",
                "{n} other pictures are opened, too: they are in the gallery.",
                opened - 1,
            )
            self.noticed.emit(Notice(words))

    async def _take(
        self, data: bytes, name: str, turn: int, origin: Literal["opened", "chat"] = "opened"
    ) -> None:
        told = self._preview_for(turn)
        await self._show(await self._studio.take_in(data, name, origin, on_preview=told), turn)

    async def _show(self, image: StoredImage, turn: int, mask: Mask | None = None) -> None:
        picture = await self._studio.picture_of(image, self._preview_for(turn))
        shown = await on_thread(partial(self._make_shown, picture), "images")
        family = await self._library.family(image.id)
        if turn != self._turn:
            return
        self._put(image, shown, family)
        if mask is not None:
            self.mask_given.emit(mask)
        # The picture is painted first; what stands around it follows.
        await asyncio.sleep(_A_FRAME)
        if turn == self._turn:
            self._tell_rest()

    def _preview_for(self, turn: int) -> Callable[[Preview], None]:
        """What a thread that decodes tells of what can be seen early."""
        loop = asyncio.get_running_loop()

        def told(preview: Preview) -> None:
            shown = self._make_shown(preview.picture)
            loop.call_soon_threadsafe(self._show_preview, turn, shown, preview.size)

        return told

    def _show_preview(self, turn: int, shown: Any, size: tuple[int, int]) -> None:
        if turn == self._turn and not self.scope.closed:
            self._previewing = True
            self.preview_arrived.emit(shown, *size)

    def _end_preview(self) -> None:
        """Back to what was there, where the picture that was seen early turned out to be broken."""
        if self._previewing and not self.scope.closed:
            self._previewing = False
            self.picture_changed.emit()
            self.compare_changed.emit()

    def _put(self, image: StoredImage | None, shown: Any, family: tuple[StoredImage, ...] = ()) -> None:
        self.current, self.shown, self.family = image, shown, family
        self.before, self.before_image = None, None
        self._previewing = False
        self.picture_changed.emit()

    def _tell_rest(self) -> None:
        self.family_changed.emit()
        self.compare_changed.emit()
        self._load_before()

    async def _crop(self, image: StoredImage, box: tuple[int, int, int, int], turn: int) -> None:
        await self._show(await self._studio.crop_version(image, box), turn)

    async def _extend(self, image: StoredImage, margins: tuple[int, int, int, int], turn: int) -> None:
        made, mask = await self._studio.extend_version(image, margins)
        await self._show(made, turn, mask)

    def _load_before(self, chosen: StoredImage | None = None) -> None:
        if self.current is None or (self.compare == "off" and not self.proving):
            return
        if chosen is None:
            base = next(iter(self.joined[1:]), "")
            chosen = next((one for one in self.family if one.id == base), None)
        if chosen is not None and (self.before_image is None or self.before_image.id != chosen.id):
            image = chosen
            self.scope.attempt(lambda: self._show_before(image, self._turn), self._say_error, "compare")

    async def _show_before(self, image: StoredImage, turn: int) -> None:
        picture = await self._studio.picture_of(image)
        shown = await on_thread(partial(self._make_shown, picture), "images")
        if turn == self._turn:
            self.before, self.before_image = shown, image
            self.compare_changed.emit()

    async def _load_mask(self, image: StoredImage) -> None:
        mask = await self._studio.mask_of(image)
        if mask is None:
            self.noticed.emit(Notice(tr("This version was made without a mask")))
        elif self.current is not None and self.current.id == image.id:
            self.mask_given.emit(mask)

    async def _delete(self, image_id: str) -> None:
        ids = [version.image.id for version in self.versions]
        gone = await self._library.delete([image_id])
        if not gone:
            return
        self.noticed.emit(Notice(tr("The version is deleted"), partial(self._restore, gone)))
        if image_id == self._current_id:
            at = ids.index(image_id)
            left = ids[at - 1] if at else next(iter(ids[1:]), "")
            if left:
                self.open(left)
            else:
                self.leave()

    def _restore(self, gone: Sequence[str]) -> None:
        async def work() -> None:
            await self._library.restore(gone)
            if self.current is None:
                self.open(gone[0])

        self.scope.attempt(work, self._say_error, "restore")

    def _library_changed(self, _ids: tuple[str, ...]) -> None:
        if self.current is not None and not self.scope.closed:
            self.scope.attempt(self._look_again, self._say_error, "family")

    async def _look_again(self) -> None:
        image = self.current
        if image is None:
            return
        family = await self._library.family(image.id)
        if self.current is not image or family == self.family:
            return
        self.family = family
        self.current = next((one for one in family if one.id == image.id), image)
        self.family_changed.emit()

    def _say_error(self, error: AIProxyError) -> None:
        self.problem = str(error)
        self.noticed.emit(Notice(str(error)))
        self.state_changed.emit()
