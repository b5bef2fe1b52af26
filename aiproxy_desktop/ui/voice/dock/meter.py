"""A level meter: what the microphone or the speaker did in the last moments."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QElapsedTimer, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
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
_FIGURE_MS: Final = 250
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
        self._word = _word(self._reading)
        self._since = QElapsedTimer()
        self._since.start()
        self.setObjectName(name)
        self.setMaximumWidth(_FULL)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        # Else all that lies below is painted with it, twenty times a second.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def reading(self) -> LevelReading:
        """What it shows."""
        return self._reading

    def show_reading(self, reading: LevelReading, *, live: bool) -> None:
        """Show another reading; `live` is whether this side is the one that sounds now."""
        if reading != self._reading or live != self._live:
            self._reading, self._live = reading, live
            self.update(0, _HEAD, self.width(), _HEIGHT)
        # Nobody reads a figure that changes twenty times a second.
        word = _word(reading)
        if word != self._word and (not reading.peaks or self._since.hasExpired(_FIGURE_MS)):
            self._word = word
            self._since.start()
            self.update(0, 0, self.width(), _HEAD)

    @property
    def word(self) -> str:
        """The level in words: `−14 dB`, or `silent`."""
        return self._word

    def sizeHint(self) -> QSize:
        return QSize(_FULL, _HEAD + _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(_FULL // 2, _HEAD + _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.theme.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if event.rect().top() < _HEAD:
            self._paint_head(painter)
        if event.rect().bottom() >= _HEAD:
            self._paint_bars(painter)

    def _paint_head(self, painter: QPainter) -> None:
        theme = self._themes.theme
        painter.setLayoutDirection(self.layoutDirection())
        head = QRectF(0, 0, self.width(), 16)
        painter.setFont(font("meta"))
        painter.setPen(QColor(theme.text_secondary))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font("meta", tabular=True))
        painter.setPen(QColor(theme.text_muted))
        # By its own direction: a minus stays before its figure where the window goes from right to left.
        word = f"\N{FIRST STRONG ISOLATE}{self.word}\N{POP DIRECTIONAL ISOLATE}"
        painter.drawText(head, Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter, word)

    def _paint_bars(self, painter: QPainter) -> None:
        theme = self._themes.theme
        calm = QColor(theme.meter if self._live else theme.border_control)
        peak = QColor(theme.meter_peak)
        bars = max(1, min(BARS, (self.width() + _GAP) // (_WIDTH + _GAP)))
        peaks = self._reading.peaks[-bars:]
        clipped = self._reading.clipped[-bars:]
        before = bars - len(peaks)
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        middle = _HEAD + _HEIGHT / 2
        lines: tuple[list[QLineF], list[QLineF]] = ([], [])
        for place in range(bars):
            index = place - before
            # The round ends of a line stand out of it by half its width.
            half = _shown(peaks[index]) * (_HEIGHT - _WIDTH) / 2 if index >= 0 else 0.0
            hot = 0 <= index < len(clipped) and clipped[index]
            x = place * (_WIDTH + _GAP) + _WIDTH / 2
            if leftwards:
                x = self.width() - x
            lines[hot].append(QLineF(x, middle - half, x, middle + half + 0.01))
        for colour, bunch in zip((calm, peak), lines, strict=True):
            if bunch:
                pen = QPen(colour, _WIDTH)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLines(bunch)


def _shown(peak: float) -> float:
    """How tall a peak stands: speech is quiet on a straight scale."""
    return math.sqrt(min(1.0, max(0.0, peak)))


def _word(reading: LevelReading) -> str:
    decibels = reading.decibels
    if decibels is None or round(decibels) <= -100:
        return tr("silent")
    return tr("{n} dB", n=f"{round(decibels)}".replace("-", "\N{MINUS SIGN}"))
