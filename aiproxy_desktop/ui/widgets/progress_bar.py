"""How far something is, as a thin bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_STEPS = 1000
_THICK = 4


class ProgressBar(QProgressBar):
    """A track and what of it is done. Without a known end only the track stands there: nothing moves."""

    def __init__(self, themes: ThemeController, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._live = True
        self.setObjectName(name)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_fraction(None, live=True)

    def show_fraction(self, fraction: float | None, *, live: bool) -> None:
        """Show from 0.0 to 1.0, or None; `live` while it goes on."""
        steps = 0 if fraction is None else _STEPS
        if self.maximum() != steps or self.minimum() != 0:
            self.setRange(0, steps)
        value = 0 if fraction is None else int(fraction * _STEPS)
        if value != self.value():
            self.setValue(value)
        if live != self._live:
            self._live = live
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        track = QRect(0, (self.height() - _THICK) // 2, self.width(), _THICK)
        rounded(painter, QRectF(track), _THICK / 2, theme.border_strong)
        done = round(self.width() * max(0, self.value()) / _STEPS) if self.maximum() else 0
        if done:
            part = mirrored(self, QRect(0, track.top(), max(done, _THICK), _THICK))
            rounded(painter, QRectF(part), _THICK / 2, theme.accent if self._live else theme.text_muted)
