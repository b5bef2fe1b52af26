"""The files of a person's message, above its words: images as thumbnails, others as chips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Control, Piece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.markdown.cleaning import clean
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr

_GAP: Final = 8
_THUMB: Final = 120
_THUMB_LEAST: Final = 64
_THUMB_MOST: Final = 240
_CHIP: Final = QSize(276, 44)
_CHIP_TEXT: Final = 44
_MOST_WIDTH: Final = 560
_ICONS: Final = {
    "image": "image",
    "audio": "speaker",
    "video": "play",
    "document": "attach",
    "text": "attach",
}


class AttachmentsPiece(Piece):
    """Rows of thumbnails, then rows of chips, at the end edge; an answer's stand at the start."""

    def __init__(
        self,
        attachments: Sequence[ShownAttachment],
        sheet: Sheet,
        *,
        below: int,
        at_start: bool = False,
        margin: int = 0,
    ) -> None:
        self._attachments = tuple(sorted(attachments, key=lambda shown: not _is_picture(shown)))
        self._sheet = sheet
        self._below = below
        self._at_start = at_start
        self._boxes: list[QRect] = []
        super().__init__(None, margin, 0)
        self._arrange(720)

    def lay_out(self, width: int) -> None:
        self._arrange(width)
        self.exact = True

    def _arrange(self, width: int) -> None:
        """Rows filled one after the other, each pushed to the end edge."""
        most = min(self._sheet.px(_MOST_WIDTH), width)
        rows: list[list[QSize]] = [[]]
        taken = 0
        for shown in self._attachments:
            size = _size(shown, self._sheet).boundedTo(QSize(most, _THUMB))
            another_kind = rows[-1] and rows[-1][-1].height() != size.height()
            if another_kind or (rows[-1] and taken + size.width() > most):
                rows.append([])
                taken = 0
            rows[-1].append(size)
            taken += size.width() + _GAP
        self._boxes = []
        top = self.margin
        for row in rows:
            left = 0 if self._at_start else width - sum(size.width() + _GAP for size in row) + _GAP
            for size in row:
                self._boxes.append(QRect(QPoint(left, top), size))
                left += size.width() + _GAP
            top += max((size.height() for size in row), default=0) + _GAP
        self.height = max(self.margin, top - _GAP) + self._below

    def paint(self, canvas: Canvas) -> None:
        for shown, place in zip(self._attachments, self._boxes, strict=True):
            box = place.translated(canvas.x, canvas.y)
            if _is_picture(shown):
                paint_picture(canvas, box, shown, fill=True)
            else:
                _paint_chip(canvas.painter, box, shown, canvas.sheet)

    def controls(self, width: int) -> list[Control]:
        """Each thumbnail opens its image."""
        del width
        return [
            Control(
                "open_image",
                box.topLeft(),
                part=part,
                label=tr("Open {name}", name=clean(shown.attachment.name)),
                size=box.size(),
            )
            for part, (shown, box) in enumerate(zip(self._attachments, self._boxes, strict=True))
            if _is_picture(shown)
        ]

    def attachment(self, part: int) -> ShownAttachment:
        """The file a control stands for."""
        return self._attachments[part]


def paint_picture(canvas: Canvas, box: QRect, shown: ShownAttachment, *, fill: bool) -> None:
    """An image in rounded corners; until it is decoded, the quiet room it will take.

    Args:
        canvas: where.
        box: the room, in the painter's pixels.
        shown: whose bytes are there.
        fill: cut off what does not fit the room's shape instead of leaving some of the room empty.
    """
    painter, theme = canvas.painter, canvas.sheet.theme
    ratio = painter.device().devicePixelRatioF()
    image = None
    if canvas.pictures is not None and shown.path is not None:
        image = canvas.pictures.get(shown.path, _wanted(shown, box.size(), ratio, fill=fill))
    edge = QPainterPath()
    edge.addRoundedRect(QRectF(box), RADIUS.m, RADIUS.m)
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing, on=True
    )
    painter.setClipPath(edge, Qt.ClipOperation.IntersectClip)
    painter.fillRect(box, QColor(theme.surface_sunken))
    if image is not None and not image.isNull():
        _draw(painter, box, image, fill=fill)
    painter.restore()
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m - 0.5, RADIUS.m - 0.5)
    if image is not None and image.isNull():
        painter.setFont(font("meta"))
        painter.setPen(QColor(theme.text_muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(8, 8, -8, -8), flags, tr("This image cannot be shown."))


def _draw(painter: QPainter, box: QRect, image: QImage, *, fill: bool) -> None:
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding if fill else Qt.AspectRatioMode.KeepAspectRatio
    size = image.size().scaled(box.size(), mode)
    target = QRect(QPoint(0, 0), size)
    target.moveCenter(box.center())
    # A pixel of rounding must not show as a line at the edge.
    if abs(target.width() - box.width()) <= 1 and abs(target.height() - box.height()) <= 1:
        target = box
    painter.drawImage(target, image)


def _wanted(shown: ShownAttachment, size: QSize, ratio: float, *, fill: bool) -> QSize:
    """Device pixels to decode to."""
    if fill and shown.attachment.width and shown.attachment.height:
        natural = QSize(shown.attachment.width, shown.attachment.height)
        size = natural.scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        size = size.boundedTo(QSize(8 * _THUMB_MOST, 8 * _THUMB_MOST))
    return QSize(round(size.width() * ratio), round(size.height() * ratio))


def _is_picture(shown: ShownAttachment) -> bool:
    return shown.attachment.kind == "image" and shown.path is not None


def _size(shown: ShownAttachment, sheet: Sheet) -> QSize:
    if not _is_picture(shown):
        return QSize(sheet.px(_CHIP.width()), min(_THUMB, sheet.px(_CHIP.height())))
    width, height = shown.attachment.width, shown.attachment.height
    if not width or not height:
        return QSize(_THUMB, _THUMB)
    return QSize(max(_THUMB_LEAST, min(_THUMB_MOST, _THUMB * width // height)), _THUMB)


def _paint_chip(painter: QPainter, box: QRect, shown: ShownAttachment, sheet: Sheet) -> None:
    theme, px = sheet.theme, sheet.px
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.surface_raised))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
    gone = shown.path is None
    usual = "folder" if shown.files > 1 else _ICONS.get(shown.attachment.kind, "attach")
    icon = "warning" if gone else usual
    ink = theme.warning if gone else theme.text_secondary
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(
        QPointF(box.x() + 14, box.y() + (box.height() - 16) // 2), icon_pixmap(icon, ink, 16, ratio)
    )
    line = QRect(box.x() + _CHIP_TEXT, box.y() + px(5), box.width() - _CHIP_TEXT - 12, px(18))
    painter.setFont(sheet.font("meta"))
    painter.setPen(QColor(theme.text))
    name = clean(shown.attachment.name).replace("\n", " ")
    name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(sheet.font("caption"))
    painter.setPen(QColor(theme.text_muted))
    facts = tr("The file is no longer there.") if gone else shown.facts
    facts = painter.fontMetrics().elidedText(facts, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line.translated(0, px(17)), Qt.AlignmentFlag.AlignVCenter, facts)
