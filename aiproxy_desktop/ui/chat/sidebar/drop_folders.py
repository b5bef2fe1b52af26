"""Where a dragged conversation can be let go, and what hangs on the pointer meanwhile."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from aiproxy_desktop.storage.records import Conversation, Folder
from aiproxy_desktop.ui.chat.sidebar.delegate import INSET, PAD, ROW
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import rounded

_ICON = 16
_CHIP_WIDTH = 240


class DragChip(Label):
    """The title of what is dragged, beside the pointer."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__("", "body", parent=parent)
        self._over = parent
        self.setProperty("card", True)
        self.setContentsMargins(8, 4, 8, 4)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        room = _CHIP_WIDTH - 24
        self.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room))
        self.adjustSize()
        self.show()

    def follow(self, place: QPoint) -> None:
        """The pointer is at this place of the screen."""
        self.move(self._over.mapFromGlobal(place) + QPoint(12, 8))
        self.raise_()


class Target(NamedTuple):
    """A place to let a conversation go: a folder, or none at all."""

    folder_id: str | None
    name: str


class DropFolders(QFrame):
    """The folders, over the lower end of the list while a conversation is dragged."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._targets: list[Target] = []
        self._aimed: Target | None = None
        self.setObjectName("chat.dropFolders")
        self.setProperty("edge", "top")
        self.setProperty("layer", "sidebar")
        self.hide()

    @property
    def aimed(self) -> Target | None:
        """Where the conversation would go now."""
        return self._aimed

    def offer(self, item: Conversation, folders: tuple[Folder, ...], over: QRect) -> None:
        """Show the folders that the conversation is not in, as many as fit into `over`."""
        targets = [Target(folder.id, folder.name) for folder in folders if folder.id != item.folder_id]
        if item.folder_id is not None:
            targets.append(Target(None, tr("No folder")))
        most = max((over.height() - ROW) // ROW, 1)
        self._targets = targets[:most]
        if not self._targets:
            return
        height = ROW + len(self._targets) * ROW + 4
        self.setGeometry(over.left(), over.bottom() + 1 - height, over.width(), height)
        self.setAccessibleName(tr_count("Move to {n} folder", "Move to one of {n} folders", len(targets)))
        self.show()
        self.raise_()

    def aim(self, place: QPoint) -> None:
        """The pointer is at this place of the screen."""
        inside = self.mapFromGlobal(place)
        row = (inside.y() - ROW) // ROW
        hit = self.isVisible() and self.rect().contains(inside) and 0 <= row < len(self._targets)
        aimed = self._targets[row] if hit else None
        if aimed != self._aimed:
            self._aimed = aimed
            self.update()

    def leave(self) -> None:
        """The drag is over."""
        self._aimed = None
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, painter = self._themes.theme, QPainter(self)
        metrics = QFontMetrics(font("body"))
        painter.setFont(font("caption"))
        painter.setPen(QColor(theme.text_muted))
        start = INSET + PAD
        painter.drawText(
            QRect(start, 12, self.width() - 2 * start, 16), Qt.AlignmentFlag.AlignVCenter, tr("Move to")
        )
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for number, target in enumerate(self._targets):
            row = QRect(INSET, ROW + number * ROW, self.width() - 2 * INSET, ROW)
            if target == self._aimed:
                rounded(painter, QRectF(row), RADIUS.s, theme.accent_soft, theme.accent)
            inner = row.adjusted(PAD, 0, -PAD, 0)
            icon_x = inner.right() + 1 - _ICON if mirrored else inner.left()
            pixmap = icon_pixmap("folder", theme.text_secondary, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(icon_x, inner.top() + 8, pixmap)
            words = inner.adjusted(0, 0, -24, 0) if mirrored else inner.adjusted(24, 0, 0, 0)
            painter.setFont(font("body"))
            painter.setPen(QColor(theme.text))
            name = metrics.elidedText(target.name, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, name)
