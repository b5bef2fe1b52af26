"""The ways in, and the chips: everything about attachments that the chat page holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.ui.chat.attachments.viewmodel import Attaching, DraftItem
from aiproxy_desktop.ui.chat.writing.composer import Composer
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import Brought
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.drop_target import DropTarget

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.attachments.area import AttachmentArea


class AttachmentControls(QObject):
    """Keeps the composer's chips in step with `Attaching`, and brings it what is chosen, pasted, dropped."""

    def __init__(
        self,
        themes: ThemeController,
        attaching: Attaching,
        composer: Composer,
        page: QWidget,
        say: Callable[[str], None],
        scope: TaskScope,
    ) -> None:
        """Put the button, the chips and the drop target in place.

        Args:
            themes: the look.
            attaching: what is attached.
            composer: where it is shown.
            page: where files can be dropped.
            say: shows one sentence.
            scope: of the tasks that make thumbnails.
        """
        super().__init__(page)
        self._attaching = attaching
        self._composer = composer
        self._page = page
        self._say = say
        self._scope = scope
        self._folder = str(Path.home())
        self._dialog: QFileDialog | None = None
        self._area: AttachmentArea | None = None
        self._themes = themes
        self._thumbnails: set[asyncio.Task[None]] = set()
        # A picture that is made when the page is gone has nowhere to be shown.
        page.destroyed.connect(partial(_cancel, self._thumbnails))
        self.button = Button(
            themes, tr("Attach"), name="chat.attach", kind="quiet", icon="attach", large=True, parent=composer
        )
        composer.add_to_footer(self.button)
        self._follow(DropTarget(page))
        self._show()

    @property
    def area(self) -> AttachmentArea:
        """Where chips are shown, made when there is something to show."""
        if self._area is None:
            from aiproxy_desktop.ui.chat.attachments.area import AttachmentArea

            self._area = area = AttachmentArea(self._themes, self._composer)
            self._composer.add_above(area)
            area.model_wanted.connect(self._use)
            area.strip.removed.connect(self._attaching.remove)
            area.strip.all_removed.connect(self._attaching.clear)
            area.strip.left.connect(self._composer.take_focus)
            area.strip.picture_wanted.connect(self._want_picture)
        return self._area

    def open_menu(self) -> None:
        """Ask whether to attach files or a folder."""
        menu = QMenu(self.button)
        menu.setObjectName("chat.attach.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Files…"), self.choose_files)
        menu.addAction(tr("Folder…"), self.choose_folder)
        place = QPoint(0, -menu.sizeHint().height() - 4)
        menu.popup(self.button.mapToGlobal(place))
        menu.setActiveAction(menu.actions()[0])

    def choose_files(self) -> None:
        """Open the system's dialog for files; what is chosen is attached."""
        self._choose(tr("Attach files"), QFileDialog.FileMode.ExistingFiles)

    def choose_folder(self) -> None:
        """Open the system's dialog for a folder."""
        self._choose(tr("Attach a folder"), QFileDialog.FileMode.Directory)

    def take(self, what: Brought) -> None:
        """Attach what was dropped or pasted."""
        if what.paths:
            self._attaching.add_paths(what.paths)
        elif what.data:
            self._attaching.add_bytes(what.data, f"{tr('Picture')}.{what.ending}")
        elif what.has_picture:
            picture = what.picture
            self._attaching.add_made(lambda: _encoded(picture), f"{tr('Picture')}.png")
        elif what.links:
            self._say(tr("Links are not fetched: save the file, and attach that."))
        self._composer.take_focus()

    def _follow(self, target: DropTarget) -> None:
        target.hovering.connect(self._hover)
        target.dropped.connect(self.take)
        self.button.clicked.connect(self.open_menu)
        self._composer.edit.attached.connect(self.take)
        self._attaching.advice_changed.connect(self._show)
        self._attaching.refused.connect(self._say)

    def _hover(self, hovering: bool) -> None:
        self.area.set_dropping(dropping=hovering)
        self._composer.set_dropping(dropping=hovering)

    def _show(self) -> None:
        items = self._attaching.items
        if items or self._area is not None:
            self.area.strip.show_items(items, self._attaching.provider)
            self.area.strip.setVisible(bool(items))
            self.area.show_advice(self._attaching.advice if items else None)
        ready = any(item.taken for item in items)
        self._composer.set_attached(some=ready, sendable=not items or self._attaching.sendable)

    def _use(self, reference: str) -> None:
        self._attaching.use_model(reference)
        self._composer.take_focus()

    def _choose(self, title: str, mode: QFileDialog.FileMode) -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = QFileDialog(self._page, title, self._folder)
        dialog.setObjectName("chat.attach.dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, mode == QFileDialog.FileMode.Directory)
        dialog.filesSelected.connect(self._chosen)
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        dialog.open()

    def _chosen(self, names: list[str]) -> None:
        self._attaching.add_paths(Path(name) for name in names)

    def _closed(self) -> None:
        if self._dialog is not None:
            self._folder = self._dialog.directory().absolutePath()
        self._dialog = None
        self._composer.take_focus()

    def _want_picture(self, item: DraftItem) -> None:
        taken = item.taken
        if taken is not None and len(taken.attachments) == 1 and taken.attachments[0].kind == "image":
            task = self._scope.start(self._fetch_picture(item), "thumbnail")
            self._thumbnails.add(task)
            task.add_done_callback(self._thumbnails.discard)

    async def _fetch_picture(self, item: DraftItem) -> None:
        from aiproxy_desktop.ui.chat.attachments.chip import THUMBNAIL
        from aiproxy_desktop.ui.imaging.preparing import thumbnail

        assert item.taken is not None
        try:
            data = await self._attaching.bytes_of(item.taken.attachments[0])
        except AIProxyError:  # sending says so; the chip keeps its icon
            return
        if not shiboken6.isValid(self):  # the page went meanwhile
            return
        side = round(THUMBNAIL * self._composer.devicePixelRatioF())
        picture = await on_thread(partial(thumbnail, data, side), "thumbnail")
        if shiboken6.isValid(self):
            self.area.strip.show_picture(item.key, picture)


def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tuple(tasks):
        cancel_once(task)


async def _encoded(picture: QImage) -> bytes:
    from aiproxy_desktop.ui.imaging.preparing import png_of

    return await on_thread(partial(png_of, picture), "picture")
