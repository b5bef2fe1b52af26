"""How a row of the conversation list is painted and edited."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from aiproxy_desktop.ui.chat.conversation_list import Index, Role
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.dot import paint_dot
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.text_field import TextField

ROW = 32
INSET = 8
_PAD = 12
_END = 28


class ConversationDelegate(QStyledItemDelegate):
    """Group labels and conversations. `menu_wanted` says that a row's three dots were pressed."""

    menu_wanted = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        # Set by the view: whether the keys, not the pointer, brought the focus to the list.
        self.keyboard_focus = False
        # Pixels free at the end of a row; less beside a scroll bar, which brings its own.
        self.end_inset = INSET
        self._fonts = {name: font(name) for name in ("caption", "body", "body_medium")}
        self._metrics = {name: QFontMetrics(value) for name, value in self._fonts.items()}

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        if index.data(Role.CONVERSATION) is None:
            self._paint_label(painter, option.rect, str(index.data()))
        else:
            self._paint_row(painter, option, index)
        painter.restore()

    def menu_area(self, row: QRect) -> QRect:
        """Where the three dots of a row are."""
        return QRect(row.right() - self.end_inset - _END, row.top(), _END, row.height())

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        conversation = index.data(Role.CONVERSATION)
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
            and event.button() == Qt.MouseButton.LeftButton
            and conversation is not None
            and self.menu_area(option.rect).contains(event.position().toPoint())
        ):
            self.menu_wanted.emit(conversation)
            return True
        return super().editorEvent(event, model, option, index)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        return TextField(
            self._themes, name="chat.conversations.rename", accessible_name="Title", parent=parent
        )

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(INSET, 0, -self.end_inset, 0))

    def _paint_label(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._fonts["caption"])
        painter.setPen(QColor(self._themes.theme.text_muted))
        # 12 above the label, 4 below it.
        box = rect.adjusted(INSET + _PAD, 12, -INSET, -4)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._themes.theme
        area = option.rect.adjusted(INSET, 0, -self.end_inset, 0)
        current = bool(index.data(Role.CURRENT))
        pointed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if current or pointed:
            fill = theme.mixed.sidebar_selected if current else theme.mixed.sidebar_hover
            rounded(painter, QRectF(area), RADIUS.s, fill)
        end = _PAD
        if pointed:
            end += _END - 4
            self._paint_more(painter, self.menu_area(option.rect))
        elif index.data(Role.STREAMING):
            end += 16
            paint_dot(painter, QPointF(area.right() - 15, area.center().y() + 0.5), "live", theme)
        name = "body_medium" if current else "body"
        box = area.adjusted(_PAD, 0, -end, 0)
        text = self._metrics[name].elidedText(str(index.data()), Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(self._fonts[name])
        painter.setPen(QColor(theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        if self.keyboard_focus and option.state & QStyle.StateFlag.State_HasFocus:
            rounded(painter, QRectF(area), RADIUS.s, None, theme.accent, 2.0)

    def _paint_more(self, painter: QPainter, area: QRect) -> None:
        widget: Any = self.parent()
        pixmap = icon_pixmap("more", self._themes.theme.text_secondary, 16, widget.devicePixelRatioF())
        painter.drawPixmap(area.center().x() - 8, area.center().y() - 7, pixmap)
