"""A level meter: what the microphone or the speaker did in the last moments."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.audio.values import LevelReading
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr

BARS: Final = 32
_WIDTH: Final = 3
_GAP: Final = 3
_HEIGHT: Final = 40
_HEAD: Final = 24
_LEAST: Final = 3
_FULL: Final = BARS * (_WIDTH + _GAP) - _GAP


class LevelMeter(QWidget):
    """Its name, the level in decibels, and 32 bars, the newest at the end; fewer where there is less room.

    It is looked at, never read out.

    Args of the constructor:
        title: what it measures.
        name: its objectName.
    """

    def __init__(
        self, themes: ThemeController, title: str, *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._title = title
        self._reading = LevelReading()
        self._live = False
        self.setObjectName(name)
        self.setMaximumWidth(_FULL)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def reading(self) -> LevelReading:
        """What it shows."""
        return self._reading

    def show_reading(self, reading: LevelReading, *, live: bool) -> None:
        """Show another reading; `live` is whether this side is the one that sounds now."""
        if reading != self._reading or live != self._live:
            self._reading, self._live = reading, live
            self.update()

    @property
    def word(self) -> str:
        """The level in words: `−14 dB`, or `silent`."""
        decibels = self._reading.decibels
        if decibels is None or round(decibels) <= -100:
            return tr("silent")
        return tr("{n} dB", n=f"{round(decibels)}".replace("-", "\N{MINUS SIGN}"))

    def sizeHint(self) -> QSize:
        return QSize(_FULL, _HEAD + _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(_FULL // 2, _HEAD + _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        head = QRectF(0, 0, self.width(), 16)
        painter.setFont(font("meta"))
        painter.setPen(QColor(theme.text_secondary))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font("meta", tabular=True))
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(head, Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter, self.word)
        self._paint_bars(painter)

    def _paint_bars(self, painter: QPainter) -> None:
        theme = self._themes.theme
        calm = QColor(theme.meter if self._live else theme.border_control)
        peak = QColor(theme.meter_peak)
        painter.setPen(Qt.PenStyle.NoPen)
        bars = max(1, min(BARS, (self.width() + _GAP) // (_WIDTH + _GAP)))
        peaks = self._reading.peaks[-bars:]
        clipped = self._reading.clipped[-bars:]
        before = bars - len(peaks)
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        middle = _HEAD + _HEIGHT / 2
        for place in range(bars):
            index = place - before
            height = float(_LEAST)
            if index >= 0:
                height += _shown(peaks[index]) * (_HEIGHT - _LEAST)
            hot = 0 <= index < len(clipped) and clipped[index]
            painter.setBrush(peak if hot else calm)
            left = float(place * (_WIDTH + _GAP))
            if leftwards:
                left = self.width() - left - _WIDTH
            box = QRectF(QPointF(left, middle - height / 2), QPointF(left + _WIDTH, middle + height / 2))
            painter.drawRoundedRect(box, _WIDTH / 2, _WIDTH / 2)


def _shown(peak: float) -> float:
    """How tall a peak stands: speech is quiet on a straight scale."""
    return math.sqrt(min(1.0, max(0.0, peak)))
