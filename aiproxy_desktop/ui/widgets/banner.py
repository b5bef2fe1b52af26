"""Banners: a lasting notice with a thing to do about it, and at most one other."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins, mirrored, rounded

BannerKind = Literal["info", "warning", "danger"]

_ICONS = {"info": "info", "warning": "warning", "danger": "error"}


class Banner(QFrame):
    """One notice, 44 high, more where the text needs it. Emits `acted`, `acted_otherwise` and `closed`."""

    acted = Signal()
    acted_otherwise = Signal()
    closed = Signal()

    def __init__(
        self,
        themes: ThemeController,
        kind: BannerKind,
        text: str,
        *,
        action: str = "",
        other_action: str = "",
        closable: bool = True,
        name: str = "shell.banner",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._kind: BannerKind = kind
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(41, 8, 9, 8))
        row.setSpacing(8)
        row.addWidget(Label(text, wrap=True), 1)
        if other_action:
            other = Button(themes, other_action, name=f"{name}.other", kind="quiet")
            other.clicked.connect(self.acted_otherwise)
            row.addWidget(other)
        if action:
            button = Button(themes, action, name=f"{name}.action")
            button.clicked.connect(self.acted)
            row.addWidget(button)
        if closable:
            close = Button(themes, name=f"{name}.close", kind="quiet", icon="close", tooltip=tr("Close"))
            close.clicked.connect(self.closed)
            row.addWidget(close)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, 44))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        fill, edge, ink = {
            "info": (theme.accent_soft, theme.accent_border, theme.accent_ink),
            "warning": (theme.warning_soft, theme.warning_border, theme.warning),
            "danger": (theme.danger_soft, theme.danger_border, theme.danger),
        }[self._kind]
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.m, fill, edge)
        place = mirrored(self, QRect(13, (self.height() - 16) // 2, 16, 16))
        painter.drawPixmap(
            place.topLeft(), icon_pixmap(_ICONS[self._kind], ink, 16, self.devicePixelRatioF())
        )
