"""What the rows of all lists of the sidebar have in common: ground, label, focus, three dots, renaming."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.text_field import TextField

ROW = 32
INSET = 8
PAD = 12
MORE = 28


class SidebarDelegate(QStyledItemDelegate):
    """Base of the delegates. `menu_wanted` says that a row's three dots were pressed.

    Attributes:
        key_role: tells what a row stands for; None is a label.
        has_menu: whether rows have three dots.
        editor_name: objectName of the field in which a row is renamed.
    """

    menu_wanted = Signal(str)
    key_role: int = Qt.ItemDataRole.UserRole + 1
    has_menu = True
    editor_name = ""
    editor_label = ""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        # Set by the view: whether the keys, not the pointer, brought the focus to the list.
        self.keyboard_focus = False
        # Pixels free at the end of a row; less beside a scroll bar, which brings its own.
        self.end_inset = INSET
        self._fonts = {name: font(name) for name in ("caption", "meta", "body", "body_medium")}
        self._metrics = {name: QFontMetrics(value) for name, value in self._fonts.items()}

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def menu_area(self, row: QRect) -> QRect:
        """Where the three dots of a row are."""
        area = QRect(row.right() - self.end_inset - MORE, row.top(), MORE, row.height())
        return self._mirrored(row, area)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        key = index.data(self.key_role)
        if (
            self.has_menu
            and isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
            and event.button() == Qt.MouseButton.LeftButton
            and isinstance(key, str)
            and self.menu_area(option.rect).contains(event.position().toPoint())
        ):
            self.menu_wanted.emit(key)
            return True
        return super().editorEvent(event, model, option, index)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        return TextField(
            self._themes, name=self.editor_name, accessible_name=self.editor_label, parent=parent
        )

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # A title that comes from elsewhere meanwhile does not take away what is being typed.
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(self._ground(option.rect))

    # For the rows' own painting

    def _mirrored(self, row: QRect, area: QRect) -> QRect:
        widget: Any = self.parent()
        return QStyle.visualRect(widget.layoutDirection(), row, area)

    def _ground(self, row: QRect) -> QRect:
        return self._mirrored(row, row.adjusted(INSET, 0, -self.end_inset, 0))

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, *, current: bool = False
    ) -> bool:
        """The tint of a row; tells whether the pointer is on it."""
        theme, area = self._themes.theme, self._ground(option.rect)
        pointed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if current or pointed:
            fill = theme.mixed.sidebar_selected if current else theme.mixed.sidebar_hover
            rounded(painter, QRectF(area), RADIUS.s, fill)
        if self.keyboard_focus and option.state & QStyle.StateFlag.State_HasFocus:
            rounded(painter, QRectF(area), RADIUS.s, None, theme.accent, 2.0)
        return pointed

    def _paint_label(self, painter: QPainter, rect: QRect, text: str) -> None:
        # 12 above the label, 4 below it.
        box = self._mirrored(rect, rect.adjusted(INSET + PAD, 12, -INSET, -4))
        self._paint_text(painter, box, text, "caption", self._themes.theme.text_muted)

    def _paint_text(
        self, painter: QPainter, box: QRect, text: str, name: str, colour: str, *, at_end: bool = False
    ) -> None:
        side = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
        shown = self._metrics[name].elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(self._fonts[name])
        painter.setPen(QColor(colour))
        flags = QStyle.visualAlignment(painter.layoutDirection(), side) | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(flags) | Qt.TextFlag.TextSingleLine, shown)

    def _paint_more(self, painter: QPainter, row: QRect) -> None:
        area = self.menu_area(row)
        self._paint_icon(painter, "more", area.center().x() - 8, area.center().y() - 7)

    def _paint_icon(self, painter: QPainter, name: str, x: int, y: int) -> None:
        widget: Any = self.parent()
        colour = self._themes.theme.text_secondary
        painter.drawPixmap(x, y, icon_pixmap(name, colour, 16, widget.devicePixelRatioF()))
