"""A check box: on or off, with its word beside it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_BOX = 16
_CHECK = 12
_GAP = 8
_PAD = 8


class CheckBox(PaintedButton):
    """Emits `toggled`, as every checkable button does. The whole line takes the click."""

    def __init__(
        self,
        themes: ThemeController,
        text: str,
        *,
        name: str,
        on: bool = False,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, text, name=name, accessible_name=accessible_name, parent=parent)
        self.setCheckable(True)
        self.setChecked(on)
        self.setFont(font("body"))
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def set_on(self, on: bool) -> None:
        """Show a state without telling anybody."""
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)
        self.update()

    def sizeHint(self) -> QSize:
        width = 2 * _PAD + _BOX + _GAP + self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width, CONTROL.height_compact)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        overlay = self.overlay()
        if overlay is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s, overlay)
        box = mirrored(self, QRect(_PAD, (self.height() - _BOX) // 2, _BOX, _BOX))
        on, live = self.isChecked(), self.isEnabled()
        fill = theme.accent if on and live else theme.border_strong if on else theme.surface_raised
        edge = None if on else theme.border_control if live else theme.border
        rounded(painter, QRectF(box), RADIUS.xs, fill, edge)
        if on:
            pixmap = icon_pixmap("check", theme.accent_text, _CHECK, self.devicePixelRatioF())
            inset = (_BOX - _CHECK) // 2
            painter.drawPixmap(box.topLeft().x() + inset, box.topLeft().y() + inset, pixmap)
        painter.setPen(theme.text if live else theme.text_disabled)
        painter.setFont(self.font())
        place = mirrored(self, self.rect().adjusted(_PAD + _BOX + _GAP, 0, -_PAD, 0))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
