"""Pictures of stored attachments, decoded on a thread at the size they are shown in, and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

from aiproxy_desktop.ui.chat.transcript.images.background import Background

# Formats that are pixels and nothing else: an SVG file can name other files.
_FORMATS: Final = frozenset({b"png", b"jpg", b"jpeg", b"gif", b"webp", b"bmp", b"ico", b"tif", b"tiff"})
_KEPT_BYTES: Final = 64 * 1024 * 1024
_LARGEST_SIDE: Final = 8192


class Pictures(QObject):
    """Decoded images by file and size in device pixels. `arrived`: another one can be painted."""

    arrived = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._kept: OrderedDict[tuple[Path, int, int], QImage] = OrderedDict()
        self._asked: set[tuple[Path, int, int]] = set()
        self._bytes = 0

    def get(self, path: Path, size: QSize) -> QImage | None:
        """The image, within `size` device pixels; None while it is decoded, null where it cannot be."""
        key = (path, size.width(), size.height())
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        if key not in self._asked:
            self._asked.add(key)
            self._background.run(partial(decode, path, size), partial(self._keep, key))
        return None

    def _keep(self, key: tuple[Path, int, int], image: QImage) -> None:
        self._asked.discard(key)
        self._kept[key] = image
        self._bytes += image.sizeInBytes()
        while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.sizeInBytes()
        self.arrived.emit()


def decode(path: Path, most: QSize | None = None) -> QImage:
    """An image the right way up, no larger than `most`; null where the file holds none. Any thread.

    Args:
        path: a stored attachment, whatever its name says it is.
        most: device pixels; None is as large as it is, within reason.
    """
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()) not in _FORMATS:
        return QImage()
    size = reader.size()
    turned = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    box = most or QSize(_LARGEST_SIDE, _LARGEST_SIDE)
    if turned:
        box = box.transposed()
    if size.isValid() and (size.width() > box.width() or size.height() > box.height()):
        reader.setScaledSize(size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    return reader.read()
