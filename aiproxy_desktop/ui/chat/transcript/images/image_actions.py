"""What can be done with an image of the transcript: copy, save, look at, drag into another program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from aiproxy_desktop.services.image_files import copied_out, file_name, save_copy
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.chat.transcript.images.pictures import decode
from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment
from aiproxy_desktop.ui.shell.save_file import ask_where_to_save
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.drag_out import drag_out

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.images.image_viewer import ImageViewer

_DRAG_PICTURE: Final = QSize(160, 160)


class ImageActions(QObject):
    """Reads and writes on a thread; the window goes on meanwhile.

    Signals:
        copied: an image went to the clipboard.
        failed: a sentence about what could not be done.
        edit_wanted: an Attachment that is to be changed in the image studio.
    """

    copied = Signal()
    edit_wanted = Signal(object)
    failed = Signal(str)

    def __init__(
        self, themes: ThemeController, background: Background, folder: Path | None, owner: QWidget
    ) -> None:
        """Nothing is read or written before it is asked for.

        Args:
            themes: the look of the viewer.
            background: where files are read.
            folder: for copies that other programs take; None where there is none: then the image alone goes.
            owner: in whose window dialogs and the viewer open.
        """
        super().__init__(owner)
        self._themes = themes
        self._background = background
        self._folder = folder
        self._owner = owner
        self._dialog: QFileDialog | None = None
        self._viewer: ImageViewer | None = None

    def copy(self, shown: ShownAttachment, then: Callable[[], None]) -> None:
        """Put the image on the clipboard; `then` once it is there."""
        if shown.path is not None:
            self._background.run(partial(decode, shown.path), partial(self._put_on_clipboard, then))

    def view(self, shown: ShownAttachment) -> None:
        """Show it over the whole window."""
        if shown.path is None or self._viewer is not None:
            return
        from aiproxy_desktop.ui.chat.transcript.images.image_viewer import ImageViewer

        viewer = ImageViewer(self._themes, shown.attachment.name, self._owner)
        viewer.closed.connect(self._viewer_closed)
        viewer.edit_wanted.connect(partial(self.edit, shown))
        self._viewer = viewer
        viewer.open()
        room = self._owner.window().size() * self._owner.devicePixelRatioF()
        self._background.run(partial(_in_both_sizes, shown.path, room), self._show_in_viewer)

    def edit(self, shown: ShownAttachment) -> None:
        """Take it to the image studio."""
        if shown.path is not None:
            self.edit_wanted.emit(shown.attachment)

    def save(self, shown: ShownAttachment) -> None:
        """Ask where to, and write a copy there."""
        if shown.path is None or self._dialog is not None:
            return
        dialog = ask_where_to_save(
            self._owner,
            file_name(shown.attachment),
            partial(self._save_to, shown.path),
            title=tr("Save image"),
            object_name="chat.transcript.saveImage.dialog",
        )
        dialog.finished.connect(self._dialog_closed)
        self._dialog = dialog

    def _save_to(self, path: Path, target: Path) -> None:
        self._background.run(partial(save_copy, path, target), partial(self._saved, target))

    def _saved(self, target: Path, problem: str) -> None:
        if problem:
            self.failed.emit(
                tr("{name} could not be written ({problem}).", name=target.name, problem=problem)
            )

    def _dialog_closed(self) -> None:
        self._dialog = None

    def _put_on_clipboard(self, then: Callable[[], None], image: QImage) -> None:
        if image.isNull():
            self.failed.emit(tr("The image could not be read."))
            return
        QGuiApplication.clipboard().setImage(image)
        then()
        self.copied.emit()

    def _show_in_viewer(self, images: tuple[QImage, QImage]) -> None:
        if self._viewer is not None:
            self._viewer.show_image(*images)

    def _viewer_closed(self) -> None:
        self._viewer = None

    # -- dragging

    def ready_to_drag(self, shown: ShownAttachment, more: Mapping[str, bytes]) -> Dragged:
        """Begin to make what another program will be given, and `more` by its type."""
        return Dragged(self._background, self._folder, shown, more)


class Dragged:
    """An image on its way out: a copy with a proper name, and the image itself, made on a thread."""

    def __init__(
        self,
        background: Background,
        folder: Path | None,
        shown: ShownAttachment,
        more: Mapping[str, bytes],
    ) -> None:
        self._more = more
        self._image = QImage()
        self._file: Path | None = None
        self.ready = False
        path = shown.path
        if path is not None:
            background.run(partial(_made, path, shown, folder), self._take)

    def _take(self, made: tuple[Path | None, QImage]) -> None:
        self._file, self._image = made
        self.ready = self._file is not None or not self._image.isNull()

    def start(self, source: QWidget) -> None:
        """Hand it to the system; returns when it was dropped, here or elsewhere."""
        data = QMimeData()
        if self._file is not None:
            data.setUrls([QUrl.fromLocalFile(str(self._file))])
        if not self._image.isNull():
            data.setImageData(self._image)
        for kind, content in self._more.items():
            data.setData(kind, content)
        picture = QPixmap()
        if not self._image.isNull():
            picture = QPixmap.fromImage(
                self._image.scaled(
                    _DRAG_PICTURE,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        drag_out(source, data, picture)


def _in_both_sizes(path: Path, room: QSize) -> tuple[QImage, QImage]:
    return decode(path), decode(path, room)


def _made(path: Path, shown: ShownAttachment, folder: Path | None) -> tuple[Path | None, QImage]:
    file = None if folder is None else copied_out(path, shown.attachment, folder)
    return file, decode(path)


class DragOut:
    """Tells a press on an image, which opens it, from the beginning of a drag."""

    def __init__(self, images: ImageActions, source: QWidget) -> None:
        self._images = images
        self._source = source
        self._pressed: QPoint | None = None
        self._shown: ShownAttachment | None = None
        self._dragged: Dragged | None = None

    def press(self, point: QPoint, shown: ShownAttachment, more: Mapping[str, bytes] | None = None) -> None:
        """The button went down on an image; `more` goes along with it, by its type."""
        self._pressed, self._shown = point, shown
        self._dragged = self._images.ready_to_drag(shown, more or {})

    @property
    def active(self) -> bool:
        """Whether the button is down on an image."""
        return self._pressed is not None

    def move(self, point: QPoint) -> None:
        """The pointer moved with the button down."""
        pressed, dragged = self._pressed, self._dragged
        if pressed is None or dragged is None or not dragged.ready:
            return
        if (point - pressed).manhattanLength() >= QApplication.startDragDistance():
            self._forget()
            dragged.start(self._source)

    def release(self, point: QPoint) -> None:
        """The button went up: on the spot, it was a click."""
        pressed, shown = self._pressed, self._shown
        self._forget()
        if pressed is None or shown is None:
            return
        if (point - pressed).manhattanLength() < QApplication.startDragDistance():
            self._images.view(shown)

    def _forget(self) -> None:
        self._pressed = self._shown = self._dragged = None
