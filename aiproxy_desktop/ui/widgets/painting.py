"""Small pieces of painting that several widgets share."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QStyle, QWidget


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: str | None,
    edge: str | None = None,
    width: float = 1.0,
) -> None:
    """A rounded rectangle whose edge lies wholly inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect
    if edge is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(QColor(edge), width))
        inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius -= width / 2
    painter.setBrush(QColor(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(inner, radius, radius)


def elided(
    metrics: QFontMetrics, text: str, room: int, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
) -> str:
    """As much of a text as fits; its ellipsis stands where the text ends, whichever way a window is read."""
    shown = metrics.elidedText(text, mode, room)
    # What is cut is isolated: it is read as its own letters are, the ellipsis included.
    return shown if shown == text else f"\u2068{shown}\u2069"


def mirrored(widget: QWidget, box: QRect) -> QRect:
    """Where a part of a widget stands: as it is, or at the other side where text goes from right to left."""
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), box)


def margins(start: int, top: int, end: int, bottom: int) -> QMargins:
    """Room round a layout, by the direction of reading: Qt mirrors what is in a layout, not its margins."""
    leftwards = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return QMargins(end, top, start, bottom) if leftwards else QMargins(start, top, end, bottom)
