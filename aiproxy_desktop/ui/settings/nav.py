"""The list of settings pages."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import LAYOUT, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins, mirrored, rounded

_SIDE = 8


class NavItem(PaintedButton):
    """One page: 32 high, icon and word."""

    focus_inside = True

    def __init__(self, themes: ThemeController, icon: str, text: str, *, name: str, parent: QWidget) -> None:
        super().__init__(themes, text, name=name, parent=parent)
        self._icon = icon
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(180, 32)

    def minimumSizeHint(self) -> QSize:
        # The whole word is seen; the list is as wide as its longest.
        return QSize(50 + QFontMetrics(font("body_medium")).horizontalAdvance(self.text()), 32)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        current = self.isChecked()
        fill = theme.mixed.sidebar_selected if current else self.overlay()
        if fill is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s, fill)
        pixmap = icon_pixmap(self._icon, theme.text_secondary, 16, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(12, 8, 16, 16)).topLeft(), pixmap)
        painter.setFont(font("body_medium" if current else "body"))
        painter.setPen(theme.text)
        box = mirrored(self, self.rect().adjusted(38, 0, -12, 0))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())


class Nav(QFrame):
    """Emits `chosen` with a page's id. Arrows move, and what they move to is shown at once."""

    chosen = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        entries: tuple[tuple[str, str, str], ...],
        parent: QWidget | None = None,
    ) -> None:
        """Make an item for each (id, title, icon)."""
        super().__init__(parent)
        self.setObjectName("settings.nav")
        self.setAccessibleName(tr("Settings"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "end")
        self.setMaximumWidth(LAYOUT.sidebar)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, 0, _SIDE, 8)
        column.setSpacing(0)
        heading = Label(tr("Settings"), "reading_strong")
        heading.setFixedHeight(LAYOUT.header)
        heading.setContentsMargins(margins(12, 0, 0, 0))
        column.addWidget(heading)
        items = QVBoxLayout()
        items.setSpacing(2)
        column.addLayout(items)
        self._items: dict[str, NavItem] = {}
        for page_id, title, icon in entries:
            item = NavItem(themes, icon, title, name=f"settings.nav.{page_id}", parent=self)
            item.toggled.connect(lambda on, page_id=page_id: self.chosen.emit(page_id) if on else None)
            self._items[page_id] = item
            items.addWidget(item)
        column.addStretch(1)
        longest = max(item.minimumSizeHint().width() for item in self._items.values())
        self.setMinimumWidth(min(max(LAYOUT.sidebar_min, longest + 2 * _SIDE), LAYOUT.sidebar))

    def set_current(self, page_id: str) -> None:
        """Mark one item."""
        self._items[page_id].setChecked(True)

    def current_item(self) -> NavItem:
        """The item of the page shown."""
        items = list(self._items.values())
        return next((item for item in items if item.isChecked()), items[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        items = list(self._items.values())
        focused = next((index for index, item in enumerate(items) if item.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        target = items[max(0, min(len(items) - 1, focused + step))]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.setChecked(True)
