"""How a row of the conversation list is painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index, Role
from aiproxy_desktop.ui.chat.sidebar.delegate import MORE, PAD, SidebarDelegate
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.dot import paint_dot


class ConversationDelegate(SidebarDelegate):
    """Group labels and conversations."""

    key_role = Role.CONVERSATION
    editor_name = "chat.conversations.rename"

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self.editor_label = tr("Title")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        if index.data(Role.CONVERSATION) is None:
            self._paint_label(painter, option.rect, str(index.data()))
        else:
            self._paint_row(painter, option, index)
        painter.restore()

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: QRect = option.rect
        current = bool(index.data(Role.CURRENT))
        end = PAD
        if self._paint_ground(painter, option, current=current):
            end += MORE - 4
            self._paint_more(painter, row)
        elif index.data(Role.STREAMING):
            end += 16
            area = self._ground(row)
            spot = self._mirrored(area, QRect(area.right() - 15, area.top(), 1, area.height()))
            paint_dot(painter, QPointF(spot.left(), area.center().y() + 0.5), "live", self._themes.theme)
        box = row.adjusted(8 + PAD, 0, -self.end_inset - end, 0)
        name = "body_medium" if current else "body"
        self._paint_text(painter, self._mirrored(row, box), str(index.data()), name, self._themes.theme.text)
