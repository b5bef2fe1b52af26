"""The buttons of a card: its head, and the pages a search rests on."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.voice.transcript.blocks import Wanted
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import elided, mirrored, rounded

_ICON: Final = 16
_PAD: Final = 13
_GAP: Final = 8


class _Row(PaintedButton):
    """A row of a card as wide as it: a text from the start, a shorter one at the end."""

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, name: str, parent: QWidget) -> None:
        super().__init__(themes, "", name=name, parent=parent)
        self.note = ""
        self.icon_name = ""

    def sizeHint(self) -> QSize:
        return self.size()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paint_row(self, ink: str, end: str) -> None:
        """Paint it; `end` is the icon at its end, empty for none."""
        theme = self.theme
        painter = QPainter(self)
        if self.overlay() is not None:
            rounded(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS.m - 1, self.overlay())
        ratio, middle = self.devicePixelRatioF(), self.height() // 2
        left, right = _PAD, self.width() - _PAD
        icon = QRect(left, middle - _ICON // 2, _ICON, _ICON)
        if self.icon_name:
            pixmap = icon_pixmap(self.icon_name, theme.text_secondary, _ICON, ratio)
            painter.drawPixmap(mirrored(self, icon).topLeft(), pixmap)
        left += _ICON + _GAP
        if end:
            right -= _ICON
            pixmap = icon_pixmap(end, theme.text_secondary, _ICON, ratio)
            box = QRect(right, middle - _ICON // 2, _ICON, _ICON)
            painter.drawPixmap(mirrored(self, box).topLeft(), pixmap)
            right -= _GAP
        side = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.setLayoutDirection(self.layoutDirection())
        if self.note:
            painter.setFont(font("meta", tabular=True))
            wide = min(painter.fontMetrics().horizontalAdvance(self.note) + 1, max(0, right - left) // 2)
            painter.setPen(theme.text_muted)
            box = mirrored(self, QRect(right - wide, 0, wide, self.height()))
            painter.drawText(box, side, elided(painter.fontMetrics(), self.note, wide))
            right -= wide + _GAP
        painter.setFont(font("body"))
        painter.setPen(ink)
        box = mirrored(self, QRect(left, 0, max(0, right - left), self.height()))
        words = elided(painter.fontMetrics(), self.text(), box.width())
        set_tooltip(self, self.text() if words != self.text() else "")
        painter.drawText(box, side, words)


class CardHead(_Row):
    """What a card is about; opens and shuts it where there is more."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, "voice.transcript.head", parent)
        self.setCheckable(True)

    def show_as(self, wanted: Wanted) -> None:
        """Say what a card says."""
        self.note, self.icon_name = wanted.note, wanted.icon
        self.setText(wanted.label)
        self.setAccessibleName(f"{wanted.label}. {wanted.note}" if wanted.note else wanted.label)
        self.setEnabled(wanted.opened is not None)
        self.setChecked(bool(wanted.opened))
        self.update()

    def nextCheckState(self) -> None:
        """Whether it is open is the card's to say."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        end = "" if not self.isEnabled() else "chev-down" if self.isChecked() else "chev-right"
        if end == "chev-right" and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            end = "chev-left"
        self.paint_row(self.theme.text, end)


class SourceRow(_Row):
    """A page that an answer rests on: its title, and whose it is."""

    focus_radius = RADIUS.s

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, "voice.transcript.source", parent)
        self.address = ""
        self.icon_name = "external"

    def show_as(self, wanted: Wanted) -> None:
        """Say what a source says."""
        self.address = wanted.note
        try:
            host = urlsplit(wanted.note).hostname or ""
        except ValueError:
            host = ""
        self.setText(wanted.label or host or wanted.note)
        self.note = "" if self.text() == host else host
        self.setAccessibleName(f"{self.text()}. {self.note}" if self.note else self.text())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.paint_row(self.theme.accent_ink, "")
