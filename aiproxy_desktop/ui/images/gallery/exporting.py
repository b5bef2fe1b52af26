"""Asking how and where to write images, one question after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from aiproxy_desktop.services.images.exporting import ExportOptions, export_name
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.gallery.export import ExportForm
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.shell.save_file import ask_where_to_save
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.popover import Popover

_DIALOG = "images.gallery.export.dialog"


class Exporting(QObject):
    """One export at a time: a popover, then the system's dialog, then the view-model writes."""

    def __init__(self, themes: ThemeController, view_model: GalleryViewModel, owner: QWidget) -> None:
        super().__init__(owner)
        self._themes = themes
        self._vm = view_model
        self._owner = owner
        self._options = ExportOptions()
        self._popover: Popover | None = None
        self._dialog: QFileDialog | None = None
        view_model.export_ready.connect(self._ask_where)

    def ask(self, images: Sequence[StoredImage], anchor: QWidget) -> None:
        """Ask for these."""
        self.ask_ids([image.id for image in images], anchor)

    def ask_ids(self, ids: Sequence[str], anchor: QWidget) -> None:
        """Ask for the images of these ids."""
        if self._popover is not None or not ids:
            return
        form = ExportForm(self._themes, len(ids), self._options)
        self._popover = Popover(self._themes, anchor, form, name="images.gallery.export.popover")
        self._popover.closed.connect(self._closed)
        form.resized.connect(self._popover.refit)
        form.wanted.connect(partial(self._chosen, tuple(ids)))
        self._popover.open(align_end=True)

    def _closed(self) -> None:
        self._popover = None

    def _chosen(self, ids: tuple[str, ...], options: ExportOptions) -> None:
        self._options = options
        if self._popover is not None:
            self._popover.close_popover()
        self._vm.prepare_export(ids, options)

    def _ask_where(self, images: Sequence[StoredImage], options: ExportOptions) -> None:
        if self._dialog is not None:
            return
        ids = [image.id for image in images]
        if len(images) == 1:
            dialog = ask_where_to_save(
                self._owner,
                export_name(images[0], options),
                lambda path: self._vm.export(ids, path, options),
                title=tr("Save image"),
                kind=tr("Image"),
                object_name=_DIALOG,
            )
        else:
            dialog = self._ask_for_folder(lambda path: self._vm.export(ids, path, options))
        dialog.finished.connect(self._dialog_closed)
        self._dialog = dialog

    def _ask_for_folder(self, chosen: Callable[[Path], None]) -> QFileDialog:
        dialog = QFileDialog(self._owner.window(), tr("Choose a folder for the images"))
        dialog.setObjectName(_DIALOG)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        dialog.setDirectory(folder if QDir(folder).exists() else QDir.homePath())
        dialog.fileSelected.connect(lambda path: chosen(Path(path)))
        dialog.open()
        return dialog

    def _dialog_closed(self) -> None:
        self._dialog = None
