"""The two fixed rows at the sidebar's lower end."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.sidebar.delegate import INSET, PAD, ROW
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import rounded

_ICON = 16


class ShelfRow(PaintedButton):
    """Icon, word and a count; a checked one is open."""

    def __init__(self, themes: ThemeController, text: str, icon: str, *, name: str, parent: QWidget) -> None:
        super().__init__(themes, text, name=name, parent=parent)
        self._icon = icon
        self._count = 0
        self._aimed = False
        self.setFont(font("body"))
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, ROW)

    def nextCheckState(self) -> None:
        """The sidebar decides which row is open; a click only asks."""

    def set_count(self, count: int) -> None:
        """How many there are; none is left blank."""
        self._count = count
        self.setAccessibleName(f"{self.text()}, {count:,}" if count else self.text())
        self.update()

    def set_aimed(self, *, aimed: bool) -> None:
        """Whether what is dragged would be let go here."""
        if aimed != self._aimed:
            self._aimed = aimed
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        fill = theme.mixed.sidebar_selected if self.isChecked() or self._aimed else self.overlay()
        if fill is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s, fill)
        row = self.rect().adjusted(PAD, 0, -PAD, 0)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        icon_x = row.right() + 1 - _ICON if mirrored else row.left()
        pixmap = icon_pixmap(self._icon, theme.text_secondary, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(icon_x, row.top() + (row.height() - _ICON) // 2, pixmap)
        words = row.adjusted(0, 0, -24, 0) if mirrored else row.adjusted(24, 0, 0, 0)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._count:
            painter.setFont(font("caption", tabular=True))
            painter.setPen(QColor(theme.text_muted))
            side = Qt.AlignmentFlag.AlignLeft if mirrored else Qt.AlignmentFlag.AlignRight
            flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row, flags, f"{self._count:,}")


class SidebarFooter(QFrame):
    """Folders and Archived."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("edge", "top")
        self.folders = ShelfRow(themes, tr("Folders"), "folder", name="chat.shelf.folders", parent=self)
        self.archived = ShelfRow(themes, tr("Archived"), "archive", name="chat.shelf.archived", parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET, 7, INSET, 6)
        column.setSpacing(0)
        column.addWidget(self.folders)
        column.addWidget(self.archived)
