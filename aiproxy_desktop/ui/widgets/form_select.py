"""A choice as forms show it: as wide as its column, the words at the start, the chevron at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import elided, mirrored, rounded
from aiproxy_desktop.ui.widgets.select import Select

_PAD = 11
_ICON = 16
_GAP = 4
_ANY_WIDTH = 100_000


class FormSelect(Select):
    """Emits `chosen` with the value, as `Select` does. Its name says what is chosen too."""

    def __init__(
        self,
        themes: ThemeController,
        options: Sequence[tuple[str, str]],
        *,
        name: str,
        label: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: to paint with.
            options: (value, words) to choose from.
            name: its objectName.
            label: what is chosen, as it stands above it.
            parent: of the widget.
        """
        super().__init__(
            themes,
            "",
            options,
            name=name,
            large=True,
            accessible_name=label,
            most=_ANY_WIDTH,
            parent=parent,
        )
        self._label = label
        self.setFont(font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: str) -> None:
        """Show a value without emitting."""
        super().set_value(value)
        self.setAccessibleName(f"{self._label}: {self.text()}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(108, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(64, super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_form_button(self, self.text())


class FormButton(PaintedButton):
    """A choice from more than a menu holds: `open`, which a click or an arrow key calls, shows them.

    Its text is what was chosen; `nothing_chosen` paints that as a mere invitation.
    """

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__(themes, "", name=name)
        self.nothing_chosen = False
        self.setFont(font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open)

    def open(self) -> None:
        """Show what there is to choose from."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return QSize(160, CONTROL.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, CONTROL.height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_form_button(self, self.text(), muted=self.nothing_chosen)


def paint_form_button(button: PaintedButton, words: str, *, muted: bool = False) -> None:
    """Paint a button as an input: words at the start, elided where there is no room, and a chevron."""
    theme, painter = button.theme, QPainter(button)
    mixed, pointed = theme.mixed, button.underMouse()
    if not button.isEnabled():
        fill, edge, ink = theme.surface, theme.border, theme.text_disabled
    elif button.isDown():
        fill, edge, ink = mixed.surface_raised_pressed, theme.border_control, theme.text
    else:
        fill = theme.surface_raised
        edge, ink = theme.border_control if pointed else theme.border_strong, theme.text
    rounded(painter, QRectF(button.rect()), RADIUS.s, fill, edge)
    room = button.width() - 2 * _PAD - _ICON - _GAP
    painter.setFont(button.font())
    painter.setPen(theme.text_muted if muted and button.isEnabled() else ink)
    shown = elided(painter.fontMetrics(), words, room)
    set_tooltip(button, words if shown != words else "")
    box = mirrored(button, QRect(_PAD, 0, room, button.height()))
    leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
    painter.setLayoutDirection(button.layoutDirection())
    painter.drawText(box, leading, shown)
    end = button.width() - _PAD - _ICON + 2
    icon = mirrored(button, QRect(end, (button.height() - _ICON) // 2, _ICON, _ICON))
    ink = theme.text_secondary if button.isEnabled() else theme.text_disabled
    painter.drawPixmap(icon.topLeft(), icon_pixmap("chev-down", ink, _ICON, button.devicePixelRatioF()))
