"""How far a column is, in a word."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.compare.figures import Badge, badge_text
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.dot import paint_dot
from aiproxy_desktop.ui.widgets.painting import rounded

_HEIGHT = 20
_PAD = 7
_DOT_ROOM = 12


class BadgeView(QWidget):
    """Paints one badge; a dot stands before the word while the column writes."""

    def __init__(self, themes: ThemeController, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._badge: Badge = "writing"
        self.setObjectName(name)
        self.setAccessibleName(badge_text(self._badge))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)

    @property
    def badge(self) -> Badge:
        """What it says."""
        return self._badge

    def set_badge(self, badge: Badge) -> None:
        """Say something else."""
        if badge != self._badge:
            self._badge = badge
            self.setAccessibleName(badge_text(badge))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(font("caption")).horizontalAdvance(badge_text(self._badge))
        return QSize(width + 2 * _PAD + (_DOT_ROOM if self._badge == "writing" else 0), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        fill, edge, ink = {
            "writing": (None, None, theme.text_secondary),
            "done": (None, theme.border, theme.text_secondary),
            "fastest": (theme.accent_soft, theme.accent_border, theme.accent_ink),
            "stopped": (theme.warning_soft, theme.warning_border, theme.warning),
            "failed": (theme.danger_soft, theme.danger_border, theme.danger),
        }[self._badge]
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.xs, fill, edge)
        box = self.rect()
        if self._badge == "writing":
            from_left = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
            place = _PAD + 2 if from_left else self.width() - _PAD - 2
            paint_dot(painter, QPointF(place, self.height() / 2), "live", theme)
            box = box.adjusted(_DOT_ROOM, 0, 0, 0) if from_left else box.adjusted(0, 0, -_DOT_ROOM, 0)
        painter.setFont(font("caption"))
        painter.setPen(QColor(ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge_text(self._badge))
