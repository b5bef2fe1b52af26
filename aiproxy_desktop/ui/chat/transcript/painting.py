"""The column onto the viewport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.navigation import Navigation
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas
from aiproxy_desktop.ui.chat.transcript.pieces.chrome import FooterPiece
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.widgets.painting import rounded

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_RING = 8
_GAP = 4


def paint_column(painter: QPainter, area: Transcript, clip: QRectF) -> None:
    """Every piece the clip shows."""
    column, selection, left = area.column, area.selection, area.column_left
    ink = QColor(column.sheet.theme.text)
    barred, bar = area.bar_room
    for shown in column.shown:
        piece = column.piece(shown.message, shown.piece)
        if shown.top + piece.height <= clip.top() or shown.top >= clip.bottom():
            continue
        selected = None
        if selection is not None and not selection.empty and piece.block is not None:
            selected = selection.within(shown.message, shown.piece, len(piece.text))
        marks = area.finding.marks(shown.message, shown.piece) if area.finding.active else ()
        painter.setPen(ink)
        taken = bar if column.views[shown.message].id == barred else 0
        canvas = Canvas(
            painter,
            left,
            shown.top,
            column.width,
            clip,
            column.sheet,
            selected,
            marks,
            area.pictures,
            taken,
        )
        piece.paint(canvas)


def paint_caret(painter: QPainter, box: QRect, theme: Theme) -> None:
    """The streaming caret."""
    painter.fillRect(box, QColor(theme.accent))


def paint_focus(painter: QPainter, column: Column, left: int, navigation: Navigation, theme: Theme) -> None:
    """The ring round the message the keyboard is on, and round the link it is on."""
    if navigation.current is None:
        return
    span = column.message_span(navigation.current)
    if span is None:
        return
    last = column.views[navigation.current].pieces[-1]
    bottom = span[1] - (last.below if isinstance(last, FooterPiece) else 0) + _GAP
    box = QRectF(left - _RING, span[0] - _RING, column.width + 2 * _RING, bottom - span[0] + _RING)
    rounded(painter, box, RADIUS.m, None, theme.accent, 2)
    link = navigation.link
    if link is None:
        return
    for shown in column.shown:
        if (shown.message, shown.piece) == (navigation.current, link.piece):
            piece = column.piece(shown.message, shown.piece)
            for stretch in piece.rectangles(link.start, link.end):
                place = stretch.translated(left, shown.top).adjusted(-2, 0, 2, 0)
                rounded(painter, place, RADIUS.xs, None, theme.accent, 2)
