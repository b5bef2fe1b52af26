"""How loud it is, as one bar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.audio.values import LevelReading
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_HEIGHT = 4
_TICK_MS = 33
# A quiet room is at about -60 dB of full scale: there the bar begins.
_FLOOR = -60.0


class LevelBar(QWidget):
    """Looks at the level 30 times a second while it can be seen. Words stand beside it."""

    def __init__(self, themes: ThemeController, level: Callable[[], LevelReading]) -> None:
        super().__init__()
        self._themes = themes
        self._level = level
        self._share = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._look)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        rounded(painter, QRectF(self.rect()), _HEIGHT / 2, theme.border_strong)
        wide = round(self.width() * self._share)
        if wide >= _HEIGHT:
            box = self.rect()
            box.setWidth(wide)
            rounded(painter, QRectF(mirrored(self, box)), _HEIGHT / 2, theme.meter)

    def _look(self) -> None:
        decibels = self._level().decibels
        share = 0.0 if decibels is None else min(max(1 - decibels / _FLOOR, 0.0), 1.0)
        if share != self._share:
            self._share = share
            self.update()
