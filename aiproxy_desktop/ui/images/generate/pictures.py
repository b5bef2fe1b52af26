"""Pictures for the cards, made on a thread at the size they are shown in."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QPixmap

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.images.encoding import thumbnail
from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.images.pixels import qimage_of

# What a preview is that is none, as far as Pillow tells it.
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, AIProxyError)


class CardPictures(QObject):
    """Kept pictures, and early previews until those are there. `arrived`: another one can be painted."""

    arrived = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        """Nothing is read yet.

        Args:
            thumbnails: of kept pictures; whoever made them closes them.
            parent: of the QObject.
        """
        super().__init__(parent)
        self.background = Background("image cards", self)
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self.arrived)
        self._previews: dict[str, tuple[bytes, QPixmap]] = {}
        self._decoding: set[str] = set()

    def close(self) -> None:
        """Read nothing any more."""
        self.background.close()

    def kept(self, key: str, digest: str, most: QSize) -> QPixmap | None:
        """A card's picture for a box in device pixels; null where it cannot be read, None while none is.

        Until it is made at this size, another size of it is shown, or the last preview.
        """
        wanted = Wanted(digest, most.width(), most.height())
        shown = self._thumbnails.get(wanted)
        if self._thumbnails.has(wanted):
            self.forget(key)
            return shown
        self._thumbnails.want(key, [wanted])
        preview = self._previews.get(key)
        return shown if shown is not None or preview is None else preview[1]

    def preview(self, key: str, data: bytes, most: QSize) -> QPixmap | None:
        """The preview of a card, or the one before while this is decoded; None where there is none yet."""
        known = self._previews.get(key)
        if known is not None and known[0] is data:
            return known[1]
        if key not in self._decoding:
            self._decoding.add(key)
            side = max(most.width(), most.height())
            self.background.run(partial(decoded_preview, data, side), partial(self._keep, key, data))
        return None if known is None else known[1]

    def forget(self, key: str) -> None:
        """The card shows what was made, or is gone."""
        self._previews.pop(key, None)
        self._thumbnails.forget(key)

    def _keep(self, key: str, data: bytes, picture: Picture | None) -> None:
        self._decoding.discard(key)
        former = self._previews.get(key)
        # One that cannot be read leaves the one before in its place.
        shown = QPixmap.fromImage(qimage_of(picture)) if picture is not None else QPixmap()
        self._previews[key] = (data, former[1] if picture is None and former is not None else shown)
        self.arrived.emit()


def decoded_preview(data: bytes, side: int) -> Picture | None:
    """A preview within a square of `side` pixels; None where the bytes hold none. Any thread."""
    try:
        return thumbnail(data, side)
    except _BROKEN:
        return None
