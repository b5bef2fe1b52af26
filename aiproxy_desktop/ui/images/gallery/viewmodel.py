"""The gallery without its widgets: what is shown, what can be done, and doing it. QtCore only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.exporting import ExportOptions, ImageExports
from aiproxy_desktop.services.images.habits import StudioHabits
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.thumbnails import ThumbnailFiles
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.image_query import Counted, GalleryQuery, GalleryRow
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.image_rows import MissingImageError
from aiproxy_desktop.ui.images.gallery import words
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr, tr_count

_log = logging.getLogger(__name__)

# Rows that are read before all others: more than a large window shows.
_FIRST = 300

# Cleared filters, whatever the order.
EVERYTHING = GalleryQuery()


@dataclass(frozen=True, slots=True)
class Details:
    """One image with what it was made from and what was made from it; those that are gone are left out."""

    image: StoredImage
    parents: tuple[StoredImage, ...] = ()
    children: tuple[StoredImage, ...] = ()


class GalleryViewModel(QObject):
    """State and actions of the gallery. Await `close` at the end.

    Signals:
        rows_changed(): read `rows`, `total`, `tags`, `models`.
        query_changed(): read `query`.
        details_changed(): read `details`.
        copied(Picture): the pixels of an image, for the clipboard.
        export_ready(object, object): images and how to write them: ask where to.
        revealed(Path): show this file's folder.
        noticed(Notice): say it.
        edit_wanted(str): open an image's id in Edit.
        settings_wanted(StoredImage): generate with its prompt, model and parameters.
        reference_wanted(str): use an image's id as a reference.
        chat_wanted(str): send an image's id to the chat.
    """

    rows_changed = Signal()
    query_changed = Signal()
    details_changed = Signal()
    copied = Signal(object)
    export_ready = Signal(object, object)
    revealed = Signal(object)
    noticed = Signal(object)
    edit_wanted = Signal(str)
    settings_wanted = Signal(object)
    reference_wanted = Signal(str)
    chat_wanted = Signal(str)

    def __init__(
        self,
        library: ImageLibrary,
        exports: ImageExports,
        thumbnails: ThumbnailFiles,
        on_unexpected: Callable[[Exception], None],
        *,
        habits: StudioHabits | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is read before `start`.

        Args:
            library: the images.
            exports: writes them to files.
            thumbnails: makes small pictures of them.
            on_unexpected: told of errors nobody planned for.
            habits: how it lay the last time.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._library = library
        self._exports = exports
        self.thumbnails = thumbnails
        self._scope = TaskScope("gallery", on_unexpected)
        self._unsubscribe: Callable[[], None] | None = None
        self._asked = self._answered = 0
        self._looking = False
        self._current = ""
        self._exported: dict[str, Path] = {}
        self._shown = GalleryQuery()  # what the rows answer
        self.loaded = False
        self.whole = True  # all rows that answer, or the first ones
        self._habits = habits
        self.side = 0 if habits is None else habits.gallery_side  # 0 for the usual one
        self.query = GalleryQuery() if habits is None else GalleryQuery(order=habits.gallery_order)
        self.rows: tuple[GalleryRow, ...] = ()
        self.total = 0
        self.tags: tuple[Counted, ...] = ()
        self.models: tuple[Counted, ...] = ()
        self.details: Details | None = None

    # Life

    def start(self) -> None:
        """Read what there is, and follow what changes. A second call does nothing."""
        if self._unsubscribe is None:
            self._unsubscribe = self._library.changed.add(self._changed)
            self._look()

    async def close(self) -> None:
        """Leave nothing running."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._scope.close()
        if self._habits is not None:
            await self._habits.keep_gallery(self.side, self.query.order)

    # What is shown

    def search(self, text: str) -> None:
        """Show what fits these words."""
        self.narrow(text=text)

    def narrow(self, **changes: Any) -> None:
        """Show what fits these too: fields of `GalleryQuery`."""
        query = replace(self.query, **changes)
        if query != self.query:
            self.query = query
            self.query_changed.emit()
            self._look()

    def clear(self) -> None:
        """Show everything, in the order it is in."""
        self.narrow(**{name: getattr(EVERYTHING, name) for name in _FILTERS})

    def look_again(self) -> None:
        """Search once more."""
        self._look()

    def keep_side(self, side: int) -> None:
        """Tiles are this wide from now on, and when it is opened again."""
        self.side = side

    def choose(self, image_id: str) -> None:
        """Read what is known of an image; empty for none."""
        if image_id == self._current:
            return
        self._current = image_id
        if image_id:
            self._try(self._read_details, "read an image")
        else:
            self.details = None
            self.details_changed.emit()

    def path(self, digest: str) -> Path:
        """Where the file of a hash lies."""
        return self._library.blob_path(digest)

    def copies(self, rows: Sequence[GalleryRow]) -> tuple[Path, ...]:
        """Files for another program. Blocks: for a thread."""
        return self._exports.copies(rows)

    # What can be done

    def toggle_favourite(self, ids: Sequence[str]) -> None:
        """Mark them; where all of them are marked, unmark them."""
        marked = {row.id for row in self.rows if row.favourite}
        if self.details is not None and self.details.image.favourite:
            marked.add(self.details.image.id)
        on = not set(ids) <= marked

        async def change() -> None:
            await self._library.set_favourite(ids, on)

        self._try(change, "favourite")

    def set_tags(self, image_id: str, tags: Sequence[str]) -> None:
        """Give it these and no others."""

        async def change() -> None:
            await self._library.set_tags(image_id, tags)

        self._try(change, "tags")

    def add_tag(self, ids: Sequence[str], tag: str) -> None:
        """Give all of them one more."""

        async def change() -> None:
            for image in await self._library.many(ids):
                await self._library.set_tags(image.id, (*image.tags, tag))

        self._try(change, "tags")

    def rename(self, image_id: str, name: str) -> None:
        """Call it so."""

        async def change() -> None:
            await self._library.rename(image_id, name)

        self._try(change, "rename")

    def delete(self, ids: Sequence[str]) -> None:
        """Take them out, with a way back."""
        known = {row.id: row for row in self.rows}

        async def delete() -> None:
            gone = await self._library.delete(ids)
            row = known.get(gone[0]) if len(gone) == 1 else None
            if row is not None:
                text = tr("“{name}” is deleted", name=words.short(words.title(row)))
            else:
                text = tr_count("{n} image is deleted", "{n} images are deleted", len(gone))
            if gone:
                self.noticed.emit(Notice(text, lambda: self._restore(gone)))

        self._try(delete, "delete")

    def export(self, ids: Sequence[str], target: Path, options: ExportOptions) -> None:
        """Write one image to a file, or several into a folder."""

        async def export() -> None:
            images = await self._library.many(ids)
            if not images:
                return
            if len(ids) == 1:
                written: tuple[Path, ...] = (await self._exports.save(images[0], target, options),)
                text = tr("“{name}” is saved", name=target.name)
            else:
                written = await self._exports.save_all(images, target, options)
                text = tr_count(
                    "{n} file is saved in {folder}",
                    "{n} files are saved in {folder}",
                    len(written),
                    folder=target.name,
                )
            self._exported |= zip((image.id for image in images), written, strict=True)
            self.noticed.emit(Notice(text))

        self._try(export, "export")

    def prepare_export(self, ids: Sequence[str], options: ExportOptions) -> None:
        """Look up what is to be written: `export_ready` follows."""

        async def prepare() -> None:
            images = await self._library.many(ids)
            if images:
                self.export_ready.emit(images, options)

        self._try(prepare, "export")

    def copy(self, image_id: str) -> None:
        """Read and decode it for the clipboard: `copied` follows."""

        async def copy() -> None:
            image = await self._library.get(image_id)
            data = await self._library.data(image)
            opened = await on_thread(partial(open_picture, data, image.name or "image"), "images")
            self.copied.emit(opened.picture)

        self._try(copy, "copy")

    def reveal(self, image_id: str) -> None:
        """Find its file, the one it was exported to where there is one: `revealed` follows."""

        async def reveal() -> None:
            path = self._exported.get(image_id)
            if path is None or not await on_thread(path.exists, "images"):
                path = self._library.path(await self._library.get(image_id))
            self.revealed.emit(path)

        self._try(reveal, "reveal")

    def reuse(self, image_id: str) -> None:
        """Generate with its settings: `settings_wanted` follows."""

        async def reuse() -> None:
            self.settings_wanted.emit(await self._library.get(image_id))

        self._try(reuse, "reuse settings")

    # Inside

    def _try(self, work: Callable[[], Any], name: str) -> None:
        if not self._scope.closed:
            self._scope.attempt(work, self._say_error, name)

    def _restore(self, ids: Sequence[str]) -> None:
        async def restore() -> None:
            await self._library.restore(ids)

        self._try(restore, "restore")

    def _changed(self, ids: tuple[str, ...]) -> None:
        self._look()
        shown = self.details
        if shown is None or self._scope.closed:
            return
        near = {shown.image.id, *(image.id for image in (*shown.parents, *shown.children))}
        if near & set(ids) or len(ids) == 1:  # one that is new may be a child
            self._try(self._read_details, "read an image")

    def _look(self) -> None:
        self._asked += 1
        if not self._looking:
            self._looking = True
            self._try(self._keep_looking, "search")

    async def _keep_looking(self) -> None:
        """Until what was asked last is answered: what was typed meanwhile is asked once."""
        try:
            while self._answered != self._asked:
                asked, query = self._asked, self.query
                if not self.loaded or query != self._shown:
                    first = await self._library.search(query, _FIRST)
                    if asked == self._asked:
                        await self._show_first(first, query)
                if asked != self._asked:
                    continue
                rows = await self._library.search(query)
                facts = await self._library.tags(), await self._library.models(), await self._library.count()
                self._answered = asked
                if asked == self._asked:
                    self.rows, (self.tags, self.models, self.total) = rows, facts
                    self._shown, self.whole = query, True
                    self.rows_changed.emit()
        finally:
            self._looking = False
            self._answered = self._asked

    async def _show_first(self, rows: tuple[GalleryRow, ...], query: GalleryQuery) -> None:
        """What fills the first screen is there before the rest is read."""
        if not self.loaded:
            self.total = await self._library.count()
            self.loaded = True
        self.rows, self._shown, self.whole = rows, query, len(rows) < _FIRST
        self.rows_changed.emit()

    async def _read_details(self) -> None:
        wanted = self._current
        if not wanted:
            return
        try:
            image = await self._library.get(wanted)
        except MissingImageError:
            details = None  # deleted a moment ago
        else:
            parents = await self._library.many([parent.id for parent in image.parents])
            details = Details(image, parents, await self._library.children(image.id))
        if wanted == self._current:
            self.details = details
            self.details_changed.emit()

    def _say_error(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))


_FILTERS = ("text", "tags", "favourites", "model", "origin", "made_from", "made_until")
