"""An image that an answer brought, with what can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt

from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment
from aiproxy_desktop.ui.chat.transcript.pieces.attachment_piece import paint_picture
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Control, Piece
from aiproxy_desktop.ui.chat.transcript.sizes import BUTTON, button_width
from aiproxy_desktop.ui.translation import tr

_TALLEST: Final = 480
_UNKNOWN: Final = QSize(320, 240)
_LEAST: Final = 40
_GAP: Final = 4


class ImagePiece(Piece):
    """As wide as the column and as tall as 480 pixels at the most, never larger than it is."""

    def __init__(self, shown: ShownAttachment, margin: int) -> None:
        self.shown = shown
        self._box = QRect()
        super().__init__(None, margin, 0)
        self._arrange(720)

    def lay_out(self, width: int) -> None:
        self._arrange(width)
        self.exact = True

    def _arrange(self, width: int) -> None:
        attachment = self.shown.attachment
        size = QSize(attachment.width or 0, attachment.height or 0)
        if size.isEmpty():
            size = _UNKNOWN
        if size.width() > width or size.height() > _TALLEST:
            size = size.scaled(QSize(width, _TALLEST), Qt.AspectRatioMode.KeepAspectRatio)
        self._box = QRect(QPoint(0, self.margin), size.expandedTo(QSize(_LEAST, _LEAST)))
        self.height = self.margin + self._box.height() + _GAP + BUTTON

    def paint(self, canvas: Canvas) -> None:
        paint_picture(canvas, self._box.translated(canvas.x, canvas.y), self.shown, fill=False)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is on the image."""
        return self._box.contains(int(x), int(y))

    def controls(self, width: int) -> list[Control]:
        """Copy, save, open, edit: in a row below."""
        del width
        top = self._box.bottom() + 1 + _GAP
        # A quiet button has no edge: its icon, not its room, stands in line with the image.
        x = -11
        found = []
        for kind, label in (
            ("copy_image", tr("Copy image")),
            ("save_image", tr("Save image…")),
            ("view_image", tr("Open")),
            ("edit_image", tr("Edit in Images")),
        ):
            found.append(Control(kind, QPoint(x, top), label=label))  # type: ignore[arg-type]  # literals above
            x += button_width(label) + _GAP
        return found
