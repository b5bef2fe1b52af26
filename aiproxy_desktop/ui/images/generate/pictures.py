"""Pictures for the cards, decoded on a thread at about the size they are shown in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.chat.transcript.images.pictures import Pictures

# Device pixels of the longer side. A few sizes, so that resizing a window decodes little anew.
_SIDES: Final = (320, 640, 1280, 2560)
_FORMATS: Final = frozenset({b"png", b"jpg", b"jpeg", b"gif", b"webp"})
# Pixels of a preview; a file that claims more is none.
_MOST_PIXELS: Final = 64_000_000


class CardPictures(QObject):
    """Kept pictures and early previews. `arrived`: another one can be painted."""

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.background = Background("image cards", self)
        self._kept = Pictures(self.background, self)
        self._kept.arrived.connect(self.arrived)
        self._previews: dict[str, tuple[bytes, QImage]] = {}
        self._decoding: dict[str, bytes] = {}

    def close(self) -> None:
        """Read nothing any more."""
        self.background.close()

    def kept(self, path: Path, most: QSize) -> QImage | None:
        """A kept picture for a box in device pixels; None while it is decoded, null where it cannot be."""
        wanted = max(most.width(), most.height())
        side = next((side for side in _SIDES if side >= wanted), _SIDES[-1])
        return self._kept.get(path, QSize(side, side))

    def preview(self, key: str, data: bytes, most: QSize) -> QImage | None:
        """The preview of a card, or the one before while this is decoded; None where there is none yet."""
        known = self._previews.get(key)
        if known is not None and known[0] is data:
            return known[1]
        if key not in self._decoding:
            self._decoding[key] = data
            self.background.run(partial(decode_preview, data, most), partial(self._keep, key, data))
        return None if known is None else known[1]

    def forget(self, key: str) -> None:
        """The card shows something else now."""
        self._previews.pop(key, None)

    def _keep(self, key: str, data: bytes, image: QImage) -> None:
        self._decoding.pop(key, None)
        former = self._previews.get(key)
        # One that cannot be read leaves the one before in its place.
        shown = former[1] if image.isNull() and former is not None else image
        self._previews[key] = (data, shown)
        self.arrived.emit()


def decode_preview(data: bytes, most: QSize) -> QImage:
    """A preview no larger than `most`; null where the bytes hold none. Any thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    fitting = size.isValid() and size.width() * size.height() <= _MOST_PIXELS
    if bytes(reader.format().data()) not in _FORMATS or not fitting:
        return QImage()
    if size.width() > most.width() or size.height() > most.height():
        scaled = size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(scaled.expandedTo(QSize(1, 1)))
    return reader.read()
