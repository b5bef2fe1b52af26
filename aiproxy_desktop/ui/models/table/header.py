"""The head of the table: names of columns, and an arrow at the one that it is sorted by."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QWidget

from aiproxy_desktop.ui.models.table.columns import COLUMNS
from aiproxy_desktop.ui.models.table.delegate import PAD, padded
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr

HEIGHT = 32
_LEAST = 36
_ARROW = 12


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
        at_end = column.look == "figure"
        sorted_here = self.sorted_by[0] == column.id
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text if sorted_here else theme.text_secondary))
        room = _ARROW + 4 if sorted_here else 0
        box = padded(area, 0 if column.id == "name" else PAD, PAD, self.layoutDirection())
        metrics = painter.fontMetrics()
        title = metrics.elidedText(column.title(), Qt.TextElideMode.ElideRight, box.width() - room)
        width = metrics.horizontalAdvance(title)
        start = box.width() - width - room if at_end else 0
        place = QRect(box.left() + max(start, 0), box.top(), width + 2, box.height())
        place = QStyle.visualRect(self.layoutDirection(), box, place)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, title)
        if sorted_here:
            arrow = QRect(
                box.left() + max(start, 0) + width + 4,
                box.top() + (box.height() - _ARROW) // 2,
                _ARROW,
                _ARROW,
            )
            arrow = QStyle.visualRect(self.layoutDirection(), box, arrow)
            name = "chev-down" if self.sorted_by[1] else "chev-up"
            pixmap = icon_pixmap(name, theme.text, _ARROW, self.devicePixelRatioF())
            painter.drawPixmap(arrow.topLeft(), pixmap)
