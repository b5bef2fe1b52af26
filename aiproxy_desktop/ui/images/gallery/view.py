"""The gallery's widget: the row above, the grid, and what is known of the chosen image beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.gallery.bar import GalleryBar
from aiproxy_desktop.ui.images.gallery.details import DetailsPanel
from aiproxy_desktop.ui.images.gallery.dragging import MOST, files_as_data
from aiproxy_desktop.ui.images.gallery.empty import GalleryEmpty
from aiproxy_desktop.ui.images.gallery.exporting import Exporting
from aiproxy_desktop.ui.images.gallery.grid import SIDE, GalleryGrid
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.images.pixels import qimage_of
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.open_url import open_folder
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.menu import Entry, menu_of

# Of the view: below this width the panel gives way to the grid.
_LEAST_WITH_PANEL = 640

# What the strip of versions shows, in pixels.
_STRIP = (96, 64)


class GalleryView(QFrame):
    """Shows what the view-model holds and passes on what is wished."""

    def __init__(
        self, themes: ThemeController, view_model: GalleryViewModel, parent: QWidget | None = None
    ) -> None:
        """Build it; what there is is read when it is first shown.

        Args:
            themes: to paint with.
            view_model: state and actions.
            parent: of the widget.
        """
        super().__init__(parent)
        self._vm = view_model
        self._wished = ""
        self.setObjectName("images.gallery")
        self.setAccessibleName(tr("Gallery"))
        self.setProperty("layer", "surface")
        self.thumbnails = Thumbnails(view_model.thumbnails, view_model.path, self)
        self.bar = GalleryBar(themes, view_model)
        self.grid = GalleryGrid(themes, self.thumbnails, view_model.copies)
        self.grid.set_side(view_model.side or SIDE)
        self.bar.sizes.setValue(self.grid.side)
        self.empty = GalleryEmpty(themes)
        self.panel = DetailsPanel(themes, self.thumbnails)
        self._background = Background("clipboard", self)
        self._exporting = Exporting(themes, view_model, self)
        self._stack = QStackedWidget()
        self._lay_out()
        self._follow()
        self._show_rows()
        self._show_chosen()

    def _lay_out(self) -> None:
        blank = QFrame()  # until the first look: neither empty nor full
        blank.setProperty("layer", "surface")
        for part in (blank, self.grid, self.empty):
            self._stack.addWidget(part)
        main = QVBoxLayout()
        main.setContentsMargins(0, 0, 0, 0)
        main.setSpacing(0)
        main.addWidget(self.bar)
        main.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(main, 1)
        row.addWidget(self.panel)

    def _follow(self) -> None:
        vm, grid, bar = self._vm, self.grid, self.bar
        vm.rows_changed.connect(self._show_rows)
        vm.query_changed.connect(lambda: grid.verticalScrollBar().setValue(0))
        vm.details_changed.connect(self._show_chosen)
        vm.copied.connect(
            lambda picture: self._background.run(partial(qimage_of, picture), self._put_on_clipboard)
        )
        vm.revealed.connect(self._reveal)
        bar.grid_wanted.connect(self._enter_grid)
        bar.sizes.valueChanged.connect(grid.set_side)
        grid.side_changed.connect(bar.sizes.setValue)
        grid.side_changed.connect(vm.keep_side)
        grid.chosen.connect(self._chosen)
        grid.opened.connect(vm.edit_wanted)
        grid.starred.connect(lambda image_id: vm.toggle_favourite([image_id]))
        grid.delete_wanted.connect(lambda: vm.delete(grid.selection.ordered))
        grid.copy_wanted.connect(lambda: self.act("copy"))
        grid.menu_wanted.connect(self._open_menu)
        self.empty.acted.connect(vm.clear)
        self.panel.acted.connect(self.act)
        self.panel.tags_wanted.connect(self._set_tags)
        self.panel.tag_added.connect(lambda tag: vm.add_tag(grid.selection.ordered, tag))
        self.panel.renamed.connect(vm.rename)
        self.panel.followed.connect(self.show_image)
        self.destroyed.connect(self.thumbnails.close)

    # What the page asks

    def focus_start(self) -> None:
        """Put the keys into the grid where there is one, else into the search field."""
        if self._stack.currentWidget() is self.grid:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.bar.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_search(self) -> None:
        """Put the keys into the search field."""
        self.bar.focus_search()

    def show_image(self, image_id: str) -> None:
        """Choose an image and bring it into sight; filters that leave it out are taken away."""
        if not self.grid.choose(image_id):
            self._wished = image_id
            self._vm.clear()
            self._vm.look_again()

    def export(self, image: StoredImage, anchor: QWidget) -> None:
        """Ask how and where to write an image, beside `anchor`, and do it."""
        self._exporting.ask([image], anchor)

    def thumbnail(self, image: StoredImage, then: Callable[[QImage], None]) -> None:
        """Call back with a small picture for the strip of versions; a null one where it cannot be read."""
        ratio = self.devicePixelRatioF()
        wanted = Wanted(image.hash, *(round(2 * side * ratio) for side in _STRIP))
        self.thumbnails.fetch(wanted, lambda pixmap: then(pixmap.toImage()))

    def regions(self) -> Sequence[QWidget]:
        """What F6 visits."""
        return [self.bar, self._stack, *([self.panel] if self.panel.isVisible() else [])]

    def act(self, name: str) -> None:
        """Do what a button or a row of the menu says, with what is chosen."""
        vm, ids = self._vm, self.grid.selection.ordered
        if not ids:
            return
        one = self.grid.selection.current if self.grid.selection.current in ids else ids[0]
        acts: dict[str, Callable[[], object]] = {
            "edit": lambda: vm.edit_wanted.emit(one),
            "reuse": lambda: vm.reuse(one),
            "reference": lambda: vm.reference_wanted.emit(one),
            "chat": lambda: vm.chat_wanted.emit(one),
            "export": lambda: self._exporting.ask_ids(ids, self._export_anchor()),
            "copy": lambda: vm.copy(one) if len(ids) == 1 else self._copy_files(),
            "copyPrompt": self._copy_prompt,
            "reveal": lambda: vm.reveal(one),
            "delete": lambda: vm.delete(ids),
            "favourite": lambda: vm.toggle_favourite(ids),
        }
        acts[name]()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.grid.hasFocus() and self.grid.isVisible():
            self._enter_grid()
        elif event.key() == Qt.Key.Key_F2 and self.panel.details is not None and self.panel.isVisible():
            self.panel.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.panel.name.selectAll()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_panel()

    # Inside

    def _show_rows(self) -> None:
        vm = self._vm
        self.grid.show_rows(vm.rows)
        self.panel.tags.set_known([tag.name for tag in vm.tags])
        if not vm.loaded:
            self._stack.setCurrentIndex(0)
        elif vm.rows:
            self._stack.setCurrentWidget(self.grid)
        else:
            self.empty.show_state(narrowed=vm.query.narrows)
            self._stack.setCurrentWidget(self.empty)
        self._show_panel()
        if self._wished and self.grid.choose(self._wished):
            self._wished = ""
        self._show_chosen()

    def _show_panel(self) -> None:
        self.panel.setVisible(bool(self._vm.rows) and self.width() >= _LEAST_WITH_PANEL)

    def _chosen(self) -> None:
        chosen = self.grid.selection.chosen
        self._vm.choose(next(iter(chosen)) if len(chosen) == 1 else "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen, details = self.grid.selection.chosen, self._vm.details
        if len(chosen) > 1:
            self.panel.show_several(len(chosen))
        elif details is not None and details.image.id in chosen:
            self.panel.show_details(details)
        elif not chosen:
            self.panel.show_nothing()

    def _enter_grid(self) -> None:
        if self.grid.rows:
            self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def _set_tags(self, tags: tuple[str, ...]) -> None:
        details = self.panel.details
        if details is not None:
            self._vm.set_tags(details.image.id, tags)

    def _copy_prompt(self) -> None:
        details = self._vm.details
        if details is not None:
            QGuiApplication.clipboard().setText(details.image.prompt)
            self._vm.noticed.emit(Notice(tr("The prompt is copied")))

    def _copy_files(self) -> None:
        rows = self.grid.chosen_rows[:MOST]
        self._background.run(
            partial(self._vm.copies, rows), partial(self._put_files, [row.id for row in rows])
        )

    def _put_files(self, ids: Sequence[str], files: Sequence[Path]) -> None:
        if files:
            QGuiApplication.clipboard().setMimeData(files_as_data(files, ids))
            said = tr_count("{n} image is copied", "{n} images are copied", len(files))
            self._vm.noticed.emit(Notice(said))

    def _put_on_clipboard(self, image: QImage) -> None:
        if image.isNull():
            self._vm.noticed.emit(Notice(tr("The image could not be read.")))
            return
        QGuiApplication.clipboard().setImage(image)
        self._vm.noticed.emit(Notice(tr("The image is copied")))

    def _reveal(self, path: Path) -> None:
        if not open_folder(path.parent):
            folder = QUrl.fromLocalFile(str(path.parent)).toLocalFile()
            self._vm.noticed.emit(Notice(tr("The image is kept in {folder}", folder=folder)))

    def _export_anchor(self) -> QWidget:
        if not self.panel.isVisible():
            return self.bar.order
        several = len(self.grid.selection.chosen) > 1
        return self.panel.chosen_export if several else self.panel.buttons["export"]

    def _open_menu(self, place: QPoint) -> None:
        menu_of(self._entries(), self, name="images.gallery.menu").popup(place)

    def _entries(self) -> list[Entry]:
        rows = self.grid.chosen_rows
        if not rows:
            return []
        starred = all(row.favourite for row in rows)
        single_entries = (
            Entry("edit", tr("Open in Edit"), lambda: self.act("edit"), "Return"),
            Entry("reference", tr("Use as reference"), lambda: self.act("reference")),
            Entry(
                "reuse",
                tr("Reuse settings"),
                lambda: self.act("reuse"),
                enabled=bool(rows[0].caption),
            ),
            Entry("chat", tr("Send to chat"), lambda: self.act("chat")),
            Entry("line1"),
            Entry("reveal", tr("Show in folder"), lambda: self.act("reveal")),
        )
        several = len(rows) > 1
        copy = Entry(
            "copy", tr("Copy images") if several else tr("Copy image"), lambda: self.act("copy"), "Ctrl+C"
        )
        star = tr("Remove from favourites") if starred else tr("Add to favourites")
        return [
            *(() if several else single_entries),
            copy,
            Entry("export", f"{tr('Export')}…", lambda: self.act("export")),
            Entry("favourite", star, lambda: self.act("favourite"), "Space"),
            Entry("line2"),
            Entry("delete", tr("Delete"), lambda: self.act("delete"), "Del"),
        ]
