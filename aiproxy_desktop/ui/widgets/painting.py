"""Small pieces of painting that several widgets share."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPen
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


def mirrored(widget: QWidget, box: QRect) -> QRect:
    """Where a part of a widget stands: as it is, or at the other side where text goes from right to left."""
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), box)


def margins(start: int, top: int, end: int, bottom: int) -> QMargins:
    """Room round a layout, by the direction of reading: Qt mirrors what is in a layout, not its margins."""
    leftwards = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return QMargins(end, top, start, bottom) if leftwards else QMargins(start, top, end, bottom)
