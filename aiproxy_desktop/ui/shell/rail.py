"""The rail: one labelled item a page, Settings at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aiproxy_desktop.ui.shell.page import Page
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import LAYOUT, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins, rounded

_ITEM = QSize(56, 52)
_ICON = 20


class RailItem(PaintedButton):
    """One page: icon over word. The current one is tinted, only its icon wears the accent."""

    focus_radius = RADIUS.s

    def __init__(self, themes: ThemeController, page: Page, key: str, parent: QWidget) -> None:
        super().__init__(themes, page.title, name=f"shell.rail.{page.id}", parent=parent)
        self._icon = page.icon
        self.setCheckable(True)
        self.setAutoExclusive(True)  # one of several, which is also what a screen reader says
        self.setFixedSize(_ITEM)
        self.setFont(font("caption"))
        set_tooltip(self, tr("{action} ({key})", action=page.title, key=key))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            # The rail moves the focus; Qt would choose the page as well.
            event.ignore()
            return
        super().keyPressEvent(event)

    def nextCheckState(self) -> None:
        """The rail decides which item is current; a click only asks."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        current = self.isChecked()
        fill = theme.mixed.window_selected if current else self.overlay()
        if fill is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.m, fill)
        colour = theme.accent if current else theme.text_secondary
        place = ((self.width() - _ICON) // 2, 7)
        painter.drawPixmap(*place, icon_pixmap(self._icon, colour, _ICON, self.devicePixelRatioF()))
        painter.setFont(self.font())
        painter.setPen(theme.text if current else theme.text_secondary)
        painter.drawText(QRect(0, 30, self.width(), 16), Qt.AlignmentFlag.AlignCenter, self.text())


class Rail(QFrame):
    """Emits `chosen` with the id of the page asked for."""

    chosen = Signal(str)

    def __init__(self, themes: ThemeController, entries: Sequence[tuple[Page, str]], parent: QWidget) -> None:
        """Make an item for each (page, key in words)."""
        super().__init__(parent)
        self.setObjectName("shell.rail")
        self.setAccessibleName(tr("Pages"))
        self.setProperty("layer", "window")
        self.setProperty("edge", "end")
        self.setFixedWidth(LAYOUT.rail)
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(4, 8, 3, 8))
        column.setSpacing(4)
        self._items: dict[str, RailItem] = {}
        self._current = ""
        for page, key in entries:
            item = RailItem(themes, page, key, self)
            item.clicked.connect(lambda _checked=False, page_id=page.id: self.chosen.emit(page_id))
            # A screen reader's action checks the item, and clicks nothing.
            item.toggled.connect(partial(self._toggled, page.id))
            self._items[page.id] = item
        for page, _key in entries:
            if not page.at_bottom:
                column.addWidget(self._items[page.id])
        column.addStretch(1)
        for page, _key in entries:
            if page.at_bottom:
                column.addWidget(self._items[page.id])

    def set_current(self, page_id: str) -> None:
        """Mark one item as the current one."""
        self._current = page_id
        for key, item in self._items.items():
            item.setChecked(key == page_id)

    def _toggled(self, page_id: str, checked: bool) -> None:
        if checked and page_id != self._current:
            self.chosen.emit(page_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        items = list(self._items.values())
        focused = next((index for index, item in enumerate(items) if item.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        items[(focused + step) % len(items)].setFocus(Qt.FocusReason.TabFocusReason)
