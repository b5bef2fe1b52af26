"""Buttons, painted from tokens.

`PaintedButton` is the base of everything that is pressed (rail items, list rows, segments too): it
remembers whether focus came by keyboard, which is when the focus ring shows.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS, Theme
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

ButtonKind = Literal["primary", "secondary", "quiet", "danger", "link"]

_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}
_UNCHANGED = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}

_PAD = 11
_GAP = 8
_ICON = 16
_CHEVRON_GAP = 6


class PaintedButton(QPushButton):
    """A button whose looks are its paintEvent's business."""

    focus_radius = RADIUS.s

    def __init__(
        self,
        themes: ThemeController,
        text: str,
        *,
        name: str,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.themes = themes
        self.keyboard_focus = False
        self.setObjectName(name)
        self.setAccessibleName(accessible_name or text)
        self.setFont(font("body_medium"))
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def theme(self) -> Theme:
        """The theme to paint with."""
        return self.themes.theme

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in _UNCHANGED:
            self.keyboard_focus = event.reason() in _KEYBOARD
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.keyboard_focus = False
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Outside dialogs Qt leaves Enter alone; people press it on whatever wears the ring.
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def overlay(self) -> str | None:
        """The colour that pressing or pointing lays over whatever is beneath."""
        if not self.isEnabled():
            return None
        if self.isDown():
            return self.theme.pressed
        return self.theme.hover if self.underMouse() else None


class _Look(NamedTuple):
    fill: str | None
    edge: str | None
    text: str


class Button(PaintedButton):
    """A push button.

    Args of the constructor:
        kind: primary (one a view), secondary, quiet, danger, link.
        name: its objectName.
        icon: a name of resources/icons, drawn before the text; without text the button is square.
        chevron: an arrow after the text, for a button that opens something.
        hint: its key, drawn muted at the end.
        large: 32 high, else 28.
        align_start: text at the start edge instead of the middle.
    """

    def __init__(
        self,
        themes: ThemeController,
        text: str = "",
        *,
        name: str,
        kind: ButtonKind = "secondary",
        icon: str = "",
        chevron: bool = False,
        hint: str = "",
        large: bool = False,
        align_start: bool = False,
        accessible_name: str = "",
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, text, name=name, accessible_name=accessible_name or tooltip, parent=parent)
        self._kind: ButtonKind = kind
        self._icon = icon
        self._chevron = chevron
        self._hint = hint
        self._height = CONTROL.height if large else CONTROL.height_compact
        self._align_start = align_start
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred if align_start else QSizePolicy.Policy.Fixed,
            QSizePolicy.Policy.Fixed,
        )
        if text:
            self.setAccessibleName(accessible_name or text)
        if tooltip:
            set_tooltip(self, tooltip)

    @property
    def kind(self) -> ButtonKind:
        """What the button is for, which decides its looks."""
        return self._kind

    def set_icon(self, icon: str) -> None:
        """Another icon, or none."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def set_label(self, text: str) -> None:
        """Another text, which is its accessible name too."""
        self.setText(text)
        # Without a text it still does something, which its former name tells.
        self.setAccessibleName(text or self.accessibleName())

    def sizeHint(self) -> QSize:
        if not self.text():
            return QSize(self._height, self._height)
        width = 2 * _PAD + self.fontMetrics().horizontalAdvance(self.text())
        width += _ICON + _GAP if self._icon else 0
        width += _ICON + _CHEVRON_GAP if self._chevron else 0
        width += QFontMetrics(font("caption")).horizontalAdvance(self._hint) + _GAP if self._hint else 0
        return QSize(width, self._height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = self._look()
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.s, look.fill, look.edge)
        painter.setFont(self.font())
        painter.setPen(look.text)
        ratio = self.devicePixelRatioF()
        middle = self.height() // 2
        left = _PAD if self._align_start else (self.width() - self.sizeHint().width()) // 2 + _PAD
        if not self.text():
            left = (self.width() - _ICON) // 2
        if self._icon:
            pixmap = icon_pixmap(self._icon, look.text, _ICON, ratio)
            painter.drawPixmap(
                mirrored(self, QRect(left, middle - _ICON // 2, _ICON, _ICON)).topLeft(), pixmap
            )
            left += _ICON + _GAP
        advance = painter.fontMetrics().horizontalAdvance(self.text())
        box = mirrored(self, QRect(left, 0, advance + 2, self.height()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._chevron:
            pixmap = icon_pixmap("chev-down", look.text, _ICON, ratio)
            box = QRect(left + advance + _CHEVRON_GAP, middle - _ICON // 2, _ICON, _ICON)
            painter.drawPixmap(mirrored(self, box).topLeft(), pixmap)
        if self._hint:
            painter.setFont(font("caption"))
            painter.setPen(self._hint_colour(look))
            box = self.rect().adjusted(_PAD, 0, -_PAD, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, self._hint)

    def _hint_colour(self, look: _Look) -> str:
        return look.text if self._kind == "primary" or not self.isEnabled() else self.theme.text_muted

    def _look(self) -> _Look:
        theme = self.theme
        held, pointed = self.isDown(), self.underMouse()
        if not self.isEnabled():
            if self._kind == "primary":
                return _Look(theme.mixed.surface_hover, None, theme.text_disabled)
            return _Look(None, None if self._kind in {"quiet", "link"} else theme.border, theme.text_disabled)
        if self._kind == "primary":
            fill = theme.accent_pressed if held else theme.accent_hover if pointed else theme.accent
            return _Look(fill, None, theme.accent_text)
        if self._kind == "danger":
            edge = theme.danger if held else theme.danger_border
            return _Look(theme.danger_soft if held or pointed else theme.surface_raised, edge, theme.danger)
        if self._kind == "secondary":
            mixed = theme.mixed
            fill = mixed.surface_raised_pressed if held else theme.surface_raised
            fill = mixed.surface_raised_hover if pointed and not held else fill
            return _Look(fill, theme.border_control if pointed else theme.border_strong, theme.text)
        if self.isChecked():
            return _Look(theme.pressed if held or pointed else theme.selected, None, theme.text)
        ink = theme.accent_ink if self._kind == "link" else theme.text_secondary
        if self.isChecked() and not held and not pointed:
            return _Look(theme.selected, None, theme.text)
        return _Look(self.overlay(), None, theme.text if pointed and self._kind == "quiet" else ink)
