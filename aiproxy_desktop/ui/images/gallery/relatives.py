"""Small pictures that lead from an image to another: the preview, and what it was made from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.gallery.cells import draw_picture, fitted
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.images.words import title_of
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.flow_layout import FlowLayout
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import rounded

_SMALL = 58
_HIGHEST = 256


class Picture(PaintedButton):
    """An image as a button. Emits `opened` at a double click."""

    opened = Signal()
    focus_radius = RADIUS.s

    def __init__(self, themes: ThemeController, thumbnails: Thumbnails, *, name: str) -> None:
        super().__init__(themes, "", name=name)
        self._thumbnails = thumbnails
        self._image: StoredImage | None = None
        thumbnails.arrived.connect(self._arrived)

    def show_image(self, image: StoredImage) -> None:
        """Show this one."""
        self._image = image
        self.setAccessibleName(title_of(image))
        self.updateGeometry()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, image = QPainter(self), self._image
        rounded(painter, QRectF(self.rect()), RADIUS.s, self.theme.surface_sunken)
        if image is None:
            return
        ratio = self.devicePixelRatioF()
        wanted = Wanted(image.hash, round(self.width() * ratio), round(self.height() * ratio))
        pixmap = self._thumbnails.get(wanted)
        if not self._thumbnails.has(wanted):
            self._thumbnails.want(self, [wanted])
        if pixmap is not None and not pixmap.isNull():
            place = fitted(pixmap, self.rect(), ratio, max(image.width, image.height))
            draw_picture(painter, place, pixmap, ratio, self.theme)
        overlay = self.overlay()
        if overlay is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s, overlay)

    def _arrived(self, digest: str) -> None:
        if self._image is not None and self._image.hash == digest:
            self.update()


class Preview(Picture):
    """The image at the head of the panel, as high as its shape asks, within reason."""

    def __init__(self, themes: ThemeController, thumbnails: Thumbnails) -> None:
        super().__init__(themes, thumbnails, name="images.gallery.preview")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(256, self.heightForWidth(self.width() or 256))

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 96)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        image = self._image
        if image is None or not image.width:
            return _HIGHEST
        return max(min(round(width * image.height / image.width), _HIGHEST), 96)


class Relatives(QWidget):
    """A heading and small pictures; `followed` has the id of the one pressed. Hidden while there are none."""

    followed = Signal(str)

    def __init__(self, themes: ThemeController, thumbnails: Thumbnails, title: str, *, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._thumbnails = thumbnails
        self._name = name
        self._shown: tuple[str, ...] = ()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._row = QWidget()
        self._flow = FlowLayout(self._row, gap=8)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._row.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(title, "meta", "secondary"))
        column.addWidget(self._row)

    def show_images(self, images: Sequence[StoredImage]) -> None:
        """Show these, in this order."""
        self.setVisible(bool(images))
        ids = tuple(image.id for image in images)
        if ids == self._shown:
            return
        self._shown = ids
        for widget in self._flow.empty():
            self._thumbnails.forget(widget)
        for place, image in enumerate(images):
            button = Picture(self._themes, self._thumbnails, name=f"{self._name}.{place}")
            button.setFixedSize(_SMALL, _SMALL)
            button.show_image(image)
            set_tooltip(button, title_of(image))
            button.clicked.connect(lambda _checked=False, one=image.id: self.followed.emit(one))
            self._flow.addWidget(button)
        self._row.updateGeometry()
