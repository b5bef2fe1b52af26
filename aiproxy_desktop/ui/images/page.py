"""The images tab: head, the part in front, and the panel that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.edit.room import EditRoom, version_entries
from aiproxy_desktop.ui.images.edit.viewmodel import CompareMode
from aiproxy_desktop.ui.images.gallery.view import GalleryView
from aiproxy_desktop.ui.images.generate.view import GenerateView
from aiproxy_desktop.ui.images.header import ImagesHeader
from aiproxy_desktop.ui.images.page_actions import canvas_actions, image_actions
from aiproxy_desktop.ui.images.panel.panel import RequestPanel
from aiproxy_desktop.ui.images.panel.request import EditParts
from aiproxy_desktop.ui.images.pixels import mask_of
from aiproxy_desktop.ui.images.viewmodel import ImagesViewModel, Part
from aiproxy_desktop.ui.images.words import size_words, title_of
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.shell.save_file import ask_where_to_save
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import Brought, brought, carries
from aiproxy_desktop.ui.widgets.drop_target import DropTarget
from aiproxy_desktop.ui.widgets.file_drop import DropHere
from aiproxy_desktop.ui.widgets.menu import menu_of
from aiproxy_desktop.ui.widgets.toast import ToastMessage


class ImagesPage(PageWidget):
    """Shows what the view-model holds and passes on what is wished."""

    def __init__(
        self,
        view_model: ImagesViewModel,
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        exports: Path | None = None,
    ) -> None:
        """Build it.

        Args:
            view_model: state and actions.
            themes: to paint with.
            parent: of the widget.
            exports: a folder for copies of pictures that are dragged into other programs.
        """
        super().__init__(parent)
        self.setObjectName("images")
        self._vm = view_model
        self._themes = themes
        self._dialog: QFileDialog | None = None
        self._family: set[str] = set()
        self.header = ImagesHeader(themes)
        self.gallery = GalleryView(themes, view_model.gallery)
        thumbnails = self.gallery.thumbnails
        self.generate = GenerateView(themes, view_model.generate, thumbnails, exports=exports)
        self.edit = EditRoom(themes, view_model.edit, view_model.pending, self.gallery.thumbnails)
        self.making = RequestPanel(themes, view_model.making, thumbnails)
        self.changing = RequestPanel(themes, view_model.changing, thumbnails)
        self._stack = QStackedWidget()
        self._panels = QStackedWidget()
        for part in (self.generate, self.edit, self.gallery):
            self._stack.addWidget(part)
        for panel in (self.making, self.changing):
            self._panels.addWidget(panel)
        # Its own hint goes by the longest name in the panel that is not shown.
        self._panels.setFixedWidth(LAYOUT.image_panel)
        self._lay_out()
        words = tr("Drop the picture here to edit it.")
        self._drop_here = DropHere(themes, self, words, name="images.dropHere")
        self._follow()
        view_model.changing.set_edit_source(self._edit_parts)
        self._keys()
        self._show_part()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._stack, 1)
        row.addWidget(self._panels)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(row, 1)

    def _follow(self) -> None:
        vm, header, edit = self._vm, self.header, self.edit
        vm.part_changed.connect(self._show_part)
        vm.noticed.connect(self._say)
        vm.edit.picture_changed.connect(self._picture_changed)
        vm.result_shown.connect(edit.show_result)
        vm.edit.family_changed.connect(self._show_head)
        vm.edit.compare_changed.connect(self._show_head)
        header.part_wanted.connect(self._go)
        header.compare_wanted.connect(self._compare)
        header.open_file.clicked.connect(self.open_file)
        header.to_chat.clicked.connect(self.send_to_chat)
        header.export.clicked.connect(self.export)
        edit.mask_changed.connect(self._show_mask_state)
        edit.file_wanted.connect(self.open_file)
        edit.gallery_wanted.connect(lambda: vm.show_part("gallery"))
        edit.version_menu_wanted.connect(self._open_version_menu)
        edit.mask_file_wanted.connect(lambda save: self.mask_file(save=save))
        for panel in (self.making, self.changing):
            panel.page_wanted.connect(self.page_requested)
            panel.reference_files_dropped.connect(lambda paths: vm.add_references(list(map(Path, paths))))
            panel.reference_picture_brought.connect(self._take_reference)
            panel.references_wanted.connect(self._ask_for_references)
        made = self.generate
        made.edit_wanted.connect(vm.edit_image)
        made.export_wanted.connect(lambda one: vm.export(one, lambda image: self.gallery.export(image, made)))
        made.reference_wanted.connect(vm.use_as_reference)
        made.reuse_wanted.connect(vm.reuse)
        made.prompt_wanted.connect(self._write_prompt)
        made.page_wanted.connect(self.page_requested)
        made.toast_requested.connect(self.toast_requested)
        vm.chat_wanted.connect(lambda _image: self.page_requested.emit("chat"))
        self.changing.protect_shown.connect(edit.canvas.set_show_protected)
        self.changing.protect_shown.connect(vm.edit.set_proving)
        drops = DropTarget(self)
        drops.hovering.connect(lambda hovering: self._drop_here.cover(shown=hovering))
        drops.dropped.connect(self.take)

    def _keys(self) -> None:
        """Keys that a text field needs as well: they are the canvas's while that has the keyboard."""
        for action in canvas_actions(self):
            for key in action.keys:
                local_key(self.edit, key, partial(_run, action))
        for part in (self.header, self.edit, self.generate, self.gallery):
            local_key(part, QKeySequence(QKeySequence.StandardKey.Paste), self.paste)

    # What the window asks

    def regions(self) -> Sequence[QWidget]:
        if self._vm.part == "edit":
            return [self.header, self.edit.tools, self.edit.canvas, self.edit.versions, self.changing]
        if self._vm.part == "generate":
            return [self.header, self.generate, self.making]
        return [self.header, *self.gallery.regions()]

    def focus_start(self) -> None:
        if self._vm.part == "gallery":
            self.gallery.focus_start()
        elif self._vm.part == "edit" and self._vm.edit.current is not None:
            self.edit.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            (self.changing if self._vm.part == "edit" else self.making).focus_start()

    def actions_here(self) -> Sequence[Action]:
        return image_actions(self)

    def show_part(self, part: str) -> None:
        if part in {"generate", "edit", "gallery"}:
            self._go(part)

    @property
    def view_model(self) -> ImagesViewModel:
        """State and actions."""
        return self._vm

    # What can be done, by key, menu or button

    def open_file(self) -> None:
        """Ask which pictures to open."""
        self._ask_for_files(tr("Open pictures"), lambda paths: self.take(Brought(tuple(paths))), many=True)

    def mask_file(self, *, save: bool) -> None:
        """Ask for a file to load a mask from, or to save this one to."""
        edit, painted = self._vm.edit, self.edit.painted()
        if not save:
            self._ask_for_files(tr("Load a mask"), lambda paths: edit.load_mask_file(paths[0]), many=False)
        elif painted is not None:
            ask_where_to_save(
                self,
                f"{tr('mask')}.png",
                lambda path: edit.save_mask(partial(mask_of, painted), path),
                title=tr("Save the mask"),
                kind=tr("PNG pictures"),
                object_name="images.mask.dialog",
            )

    def paste(self) -> None:
        """Open the picture on the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        if carries(mime):
            self.take(brought(mime))
        else:
            self._say(Notice(tr("There is no picture on the clipboard. Copy one first.")))

    def take(self, what: Brought) -> None:
        """Show on the canvas what was dropped, pasted or chosen; further files stand in the gallery."""
        edit = self._vm.edit
        if what.images:
            self._vm.edit_image(what.images[0])
        elif what.paths:
            self._vm.show_part("edit")
            edit.take_files(what.paths)
        elif what.data:
            self._vm.show_part("edit")
            edit.take_bytes(what.data, _pasted(what.ending))
        elif what.has_picture:
            self._vm.show_part("edit")
            edit.take_made(partial(_png, what.picture), _pasted("png"))
        elif what.address:
            self._vm.edit_from_web(what.address)
        else:
            self._say(Notice(tr("There is no picture in what was dropped. Drop a picture or its file.")))

    def export(self) -> None:
        """Save the picture on the canvas as a file."""
        if self._vm.edit.current is not None:
            self.gallery.export(self._vm.edit.current, self.header.export)

    def send_to_chat(self) -> None:
        """Attach the picture on the canvas to what is being written in the chat."""
        self._with_current(self._vm.send_to_chat)

    def search(self) -> None:
        """Look for an image in the gallery."""
        self._vm.show_part("gallery")
        self.gallery.focus_search()

    def toggle_slider(self) -> None:
        """Compare with a slider, or no longer."""
        self._compare("off" if self._vm.edit.compare == "slider" else "slider")

    def side_by_side(self) -> None:
        """Compare side by side, or no longer."""
        self._compare("off" if self._vm.edit.compare == "side_by_side" else "side_by_side")

    def difference(self) -> None:
        """Show what differs, or no longer."""
        self._compare("off" if self._vm.edit.compare == "difference" else "difference")

    def toggle_protected(self) -> None:
        """Show what a request leaves as it is, or no longer."""
        self.changing.toggle_protect_shown()

    def run(self) -> None:
        """Ask, as the panel in front says."""
        if self._vm.part != "gallery":
            self._vm.request.run()

    # Inside

    def _go(self, part: str) -> None:
        self._vm.show_part(_part(part))

    def _show_part(self) -> None:
        part = self._vm.part
        # Qt gives the keyboard of what is hidden to whatever comes next, the rail of tabs in the end.
        focus = QApplication.focusWidget()
        held = focus is not None and (self._stack.isAncestorOf(focus) or self._panels.isAncestorOf(focus))
        self._stack.setCurrentWidget({"generate": self.generate, "edit": self.edit}.get(part, self.gallery))
        self._panels.setVisible(part != "gallery")
        self._panels.setCurrentWidget(self.changing if part == "edit" else self.making)
        self._show_head()
        if held:
            self.focus_start()

    def _show_head(self) -> None:
        edit, header = self._vm.edit, self.header
        image, version = edit.current, edit.version
        editing = self._vm.part == "edit"
        header.show_part(self._vm.part, has_picture=image is not None)
        header.show_compare(edit.compare, possible=edit.can_compare)
        if image is None or not editing:
            header.show_picture("", "")
            return
        facts = size_words(image.width, image.height)
        if version is not None and len(edit.versions) > 1:
            facts = tr(
                "{size}, version {number} of {count}",
                size=facts,
                number=version.number,
                count=len(edit.versions),
            )
        header.show_picture(title_of(edit.family[0] if edit.family else image), facts)

    def _picture_changed(self) -> None:
        self._show_head()
        edit, focus = self._vm.edit, QApplication.focusWidget()
        family = {image.id for image in edit.family}
        another, self._family = family.isdisjoint(self._family), family
        writing = focus is not None and self.changing.isAncestorOf(focus) and bool(self._vm.changing.prompt)
        elsewhere = focus is not None and not self.isAncestorOf(focus)
        if edit.current is not None and self._vm.part == "edit" and another and not (writing or elsewhere):
            # The keys of its tools work at once.
            self.edit.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _compare(self, mode: CompareMode) -> None:
        self._vm.edit.set_compare(mode)

    def _show_mask_state(self) -> None:
        current, has_mask = self._vm.edit.current, self.edit.canvas.has_mask
        extended = current is not None and current.origin == "extended"
        self._vm.changing.set_mask_state(has_mask, extends=has_mask and extended)

    async def _edit_parts(self) -> EditParts:
        """What is painted, when the request is sent."""
        painted = self.edit.painted()
        if painted is None:
            return EditParts()
        return EditParts(await on_thread(partial(mask_of, painted), "images"), float(self.edit.feather))

    def _write_prompt(self, text: str) -> None:
        self._vm.making.set_prompt(text)
        self.making.focus_start()

    def _ask_for_references(self) -> None:
        self._ask_for_files(tr("Choose reference pictures"), self._vm.add_references, many=True)

    def _take_reference(self, what: Brought) -> None:
        if what.data:
            self._vm.add_reference(lambda: what.data, _pasted(what.ending))
        elif what.has_picture:
            self._vm.add_reference(partial(_png, what.picture), _pasted("png"))

    def _with_current(self, act: Callable[[str], None]) -> None:
        current = self._vm.edit.current
        if current is not None:
            act(current.id)

    def _open_version_menu(self, image_id: str, place: QPoint) -> None:
        vm = self._vm
        image = next((one for one in vm.edit.family if one.id == image_id), None)
        if image is None:
            return
        acts: dict[str, Callable[[], None]] = {
            "open": partial(vm.edit.open, image_id),
            "compare": partial(vm.edit.compare_with, image_id),
            "reference": partial(vm.use_as_reference, image_id),
            "reuse": partial(vm.reuse, image),
            "gallery": partial(self._show_in_gallery, image),
            "export": partial(self.gallery.export, image, self.edit.versions),
            "chat": partial(vm.send_to_chat, image_id),
            "delete": partial(vm.edit.delete, image_id),
        }
        current = vm.edit.current is not None and vm.edit.current.id == image_id
        entries = version_entries(image, acts, current=current)
        menu_of(entries, self, name="images.version.menu").popup(place)

    def _show_in_gallery(self, image: StoredImage) -> None:
        self._vm.show_part("gallery")
        self.gallery.show_image(image.id)
        self.gallery.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_for_files(self, title: str, chosen: Callable[[Sequence[Path]], None], *, many: bool) -> None:
        if self._dialog is not None:
            return
        modes = QFileDialog.FileMode
        dialog = QFileDialog(self.window(), title)
        dialog.setObjectName("images.open.dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(modes.ExistingFiles if many else modes.ExistingFile)
        dialog.setNameFilters([tr("Pictures") + _ENDINGS, tr("All files (*)")])
        dialog.filesSelected.connect(lambda paths: chosen([Path(path) for path in paths]))
        dialog.finished.connect(self._dialog_closed)
        self._dialog = dialog
        dialog.open()

    def _dialog_closed(self) -> None:
        self._dialog = None

    def _say(self, notice: Notice) -> None:
        action = "" if notice.undo is None else tr("Undo")
        self.toast_requested.emit(ToastMessage(notice.text, action, notice.undo))


_ENDINGS = " (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif)"


def local_key(owner: QWidget, key: QKeySequence | str, run: Callable[[], None]) -> None:
    """Do it while the keyboard is in `owner`."""
    shortcut = QShortcut(QKeySequence(key), owner)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(run)


def _run(action: Action) -> None:
    if action.enabled():
        action.run()


def _part(name: str) -> Part:
    return "edit" if name == "edit" else "gallery" if name == "gallery" else "generate"


def _pasted(ending: str) -> str:
    return f"{tr('pasted picture')}.{ending}"


def _png(picture: QImage) -> bytes:
    from aiproxy_desktop.ui.imaging.preparing import png_of

    return png_of(picture)
