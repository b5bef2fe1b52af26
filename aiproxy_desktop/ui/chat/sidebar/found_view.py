"""The hits of a search: titles on one line, messages on two, what was looked for marked in both."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from aiproxy_desktop.storage.search import MessageHit, TitleHit
from aiproxy_desktop.storage.snippets import Marked
from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index
from aiproxy_desktop.ui.chat.sidebar.delegate import INSET, PAD, ROW, SidebarDelegate
from aiproxy_desktop.ui.chat.sidebar.found_list import FoundListModel, FoundRole
from aiproxy_desktop.ui.chat.sidebar.list_view import SidebarList
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr

_TALL = 52
_GAP = 8


class FoundDelegate(SidebarDelegate):
    """Labels, titles and messages."""

    key_role = FoundRole.ROW
    has_menu = False

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _TALL if isinstance(index.data(FoundRole.ROW), MessageHit) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        row = index.data(FoundRole.ROW)
        if isinstance(row, str):
            self._paint_label(painter, option.rect, row)
        elif row is not None:
            self._paint_ground(painter, option)
            self._paint_hit(painter, option.rect, row, str(index.data(FoundRole.DATE)))
        painter.restore()

    def _paint_hit(self, painter: QPainter, rect: QRect, row: TitleHit | MessageHit, day: str) -> None:
        theme = self._themes.theme
        tall = isinstance(row, MessageHit)
        first = rect.adjusted(INSET + PAD, 8 if tall else 0, -self.end_inset - PAD, 0)
        if tall:
            first.setHeight(20)
        side = tr("{date}, archived", date=day) if row.archived else day
        width = self._metrics["caption"].horizontalAdvance(side) + 1
        place = QRect(first.right() - width, first.top(), width + 1, first.height())
        self._paint_text(painter, self._mirrored(rect, place), side, "caption", theme.text_muted, at_end=True)
        box = self._mirrored(rect, first.adjusted(0, 0, -width - _GAP, 0))
        if isinstance(row, TitleHit):
            self._paint_marked(painter, box, row.title, "body", theme.text)
            return
        self._paint_text(painter, box, row.title, "body", theme.text)
        second = QRect(first.left(), first.bottom() + 1, first.width(), 16)
        self._paint_marked(painter, self._mirrored(rect, second), row.snippet, "meta", theme.text_secondary)

    def _paint_marked(self, painter: QPainter, box: QRect, line: Marked, name: str, colour: str) -> None:
        """One line with its hits on the colour of find; both end where the box does."""
        shown = self._metrics[name].elidedText(line.text, Qt.TextElideMode.ElideRight, box.width())
        kept = len(line.text) if shown == line.text else len(shown) - 1  # the last is the ellipsis
        found = QTextCharFormat()
        found.setBackground(QColor(self._themes.theme.find))
        marks = []
        for start, end in line.hits:
            if start < kept:
                mark = QTextLayout.FormatRange()
                mark.start = _units(shown[:start])
                mark.length = _units(shown[start : min(end, kept)])
                mark.format = found
                marks.append(mark)
        # A layout of its own, because a line may run both ways.
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        option.setTextDirection(painter.layoutDirection())
        layout = QTextLayout(shown, self._fonts[name])
        layout.setTextOption(option)
        layout.setFormats(marks)
        layout.beginLayout()
        whole = layout.createLine()
        whole.setLineWidth(box.width())
        layout.endLayout()
        painter.setPen(QColor(colour))
        layout.draw(painter, QPointF(box.left(), box.top() + (box.height() - whole.height()) / 2))


def _units(text: str) -> int:
    """How long Qt takes a text for: in UTF-16."""
    return len(text) + sum(char > "\uffff" for char in text)


class FoundView(SidebarList):
    """Emits what was chosen.

    Signals:
        conversation_chosen(id): a title.
        message_chosen(conversation id, message id): a message.
    """

    conversation_chosen = Signal(str)
    message_chosen = Signal(str, str)

    def __init__(self, themes: ThemeController, model: FoundListModel, parent: QWidget) -> None:
        super().__init__(
            themes,
            model,
            FoundDelegate(themes, parent),
            name="chat.found",
            accessible_name=tr("Found"),
            parent=parent,
        )

    def open_first(self) -> None:
        """As Enter on the first row."""
        self.point_at_first()
        self._open(self.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        row = index.data(FoundRole.ROW) if index.isValid() else None
        if isinstance(row, TitleHit):
            self.conversation_chosen.emit(row.conversation_id)
        elif isinstance(row, MessageHit):
            self.message_chosen.emit(row.conversation_id, row.message_id)
