"""The head of the table: names of columns, and an arrow at the one that it is sorted by."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QWidget

from aiproxy_desktop.ui.models.table.columns import COLUMNS, Column
from aiproxy_desktop.ui.models.table.delegate import PAD
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr

HEIGHT = 32
_LEAST = 36
_ARROW = 12
_GAP = 4
# What an arrow has round it inside its own square.
_AIR = 2


class Header(QHeaderView):
    """Paints itself from tokens. What a click means is its table's business."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._themes = themes
        self.sorted_by: tuple[str, bool] = ("name", False)
        self.setObjectName("models.header")
        self.setAccessibleName(tr("Columns"))
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(_LEAST)
        self.setFont(font("meta"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintSection(self, painter: QPainter, area: QRect, section: int) -> None:
        theme, column = self._themes.theme, COLUMNS[section]
        painter.fillRect(area, QColor(theme.surface))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, QColor(theme.border))
        if column.look == "star":
            return
        sorted_here = self.sorted_by[0] == column.id
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text if sorted_here else theme.text_secondary))
        text, arrow, title = self._places(area, column, arrow=sorted_here)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, title)
        if sorted_here:
            name = "chev-down" if self.sorted_by[1] else "chev-up"
            pixmap = icon_pixmap(name, theme.text, _ARROW, self.devicePixelRatioF())
            painter.drawPixmap(arrow.topLeft(), pixmap)

    def _places(self, area: QRect, column: Column, *, arrow: bool) -> tuple[QRect, QRect, str]:
        """Where the title stands and its arrow, and as much of the title as there is room for.

        A title above figures keeps its end at theirs; its arrow stands before it, where there is room.
        """
        at_end, metrics = column.look == "figure", QFontMetrics(self.font())
        room = (_ARROW - _AIR if at_end else _ARROW + _GAP) if arrow else 0
        start = 0 if at_end or column.id == "name" else PAD
        box = area.adjusted(start, 0, -PAD, 0)
        title = metrics.elidedText(column.title(), Qt.TextElideMode.ElideRight, box.width() - room)
        width = metrics.horizontalAdvance(title)
        left = box.right() + 1 - width if at_end else box.left()
        beside = max(left - _ARROW - _AIR, area.left() - _AIR) if at_end else left + width + _GAP
        text = QRect(left, box.top(), width + 2, box.height())
        mark = QRect(beside, box.top() + (box.height() - _ARROW) // 2, _ARROW, _ARROW)
        direction = self.layoutDirection()
        return QStyle.visualRect(direction, area, text), QStyle.visualRect(direction, area, mark), title
