"""The list that `/` opens over the composer. The keys stay in the composer while it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from aiproxy_desktop.storage.presets import Prompt
from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from aiproxy_desktop.ui.chat.writing.prompt_search import REACH, matching, preview, slash_query
from aiproxy_desktop.ui.chat.writing.prompt_template import builtins, fill
from aiproxy_desktop.ui.chat.writing.snippet_stops import SnippetStops
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import rounded

_ROW = 32
_MOST_ROWS = 7
_WIDTH = 440
_PAD = 12
_GAP = 4
_MARGIN = 8

_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.prompts: list[Prompt] = []

    def show(self, prompts: list[Prompt]) -> None:
        self.beginResetModel()
        self.prompts = prompts
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.prompts)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        prompt = self.prompts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return prompt.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{prompt.name}, {preview(prompt)}"
        return prompt if role == Qt.ItemDataRole.UserRole else None


class _Delegate(QStyledItemDelegate):
    """The name, and after it the beginning of the text in muted ink."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        prompt = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(prompt, Prompt):
            return
        theme, area = self._themes.theme, QRect(option.rect)
        painter.save()
        painter.setLayoutDirection(option.direction)
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_selected)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_hover)
        box = area.adjusted(_PAD, 0, -_PAD, 0)
        painter.setFont(font("body_medium"))
        painter.setPen(QColor(theme.text))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(prompt.name, Qt.TextElideMode.ElideRight, box.width() * 2 // 3)
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(box, leading, name)
        taken = metrics.horizontalAdvance(name) + _PAD
        rest = QStyle.visualRect(option.direction, box, box.adjusted(taken, 0, 0, 0))
        painter.setFont(font("meta"))
        painter.setPen(QColor(theme.text_muted))
        shown = painter.fontMetrics().elidedText(preview(prompt), Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, leading, shown)
        painter.restore()


class PromptMenu(QFrame):
    """A key filter of the composer's editor, and the panel over it."""

    def __init__(
        self,
        themes: ThemeController,
        edit: PromptEdit,
        anchor: QWidget,
        stops: SnippetStops,
        prompts: Callable[[], Sequence[Prompt]],
    ) -> None:
        """Watch what is typed into an editor.

        Args:
            themes: to paint with.
            edit: where `/` is typed.
            anchor: stands above this, or below where there is more room.
            stops: takes over when a prompt with variables is inserted.
            prompts: what there is to choose from.
        """
        super().__init__(anchor)
        self._themes = themes
        self._edit = edit
        self._anchor = anchor
        self._stops = stops
        self._prompts = prompts
        self._dismissed: int | None = None
        self.setObjectName("chat.prompts.menu")
        self.setAccessibleName(tr("Saved prompts"))
        self._rows = _Rows(self)
        self.list = QListView(self)
        self.list.setObjectName("chat.prompts")
        self.list.setAccessibleName(tr("Saved prompts"))
        self.list.setProperty("layer", "raised")
        self.list.setModel(self._rows)
        self.list.setItemDelegate(_Delegate(themes, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the composer
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = Label(tr("No saved prompts yet. Add one in Settings."), "body", "muted")
        self._nothing.setContentsMargins(_PAD, 0, _PAD, 0)
        self._nothing.setFixedHeight(_ROW)
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.setSpacing(0)
        column.addWidget(self._nothing)
        column.addWidget(self.list)
        self.hide()
        self.list.clicked.connect(self._insert)
        edit.cursorPositionChanged.connect(self._look)
        edit.textChanged.connect(self._look)
        edit.focus_changed.connect(self._look)

    def takes(self, event: QKeyEvent) -> bool:
        """Whether the list is open and this key is for it."""
        if self.isHidden():
            return False
        if event.key() == Qt.Key.Key_Escape:
            return True
        picks = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return event.key() in picks and not held and bool(self._rows.prompts)

    def press(self, event: QKeyEvent) -> None:
        """Move, insert or close."""
        if event.key() == Qt.Key.Key_Escape:
            found = self._found()
            self._dismissed = None if found is None else found[0]
            self.hide()
        elif event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            self._insert(self.list.currentIndex())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, theme.surface_raised, theme.border_strong)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Move} and self.isVisible():
            self._place()
        return False

    def _found(self) -> tuple[int, str] | None:
        """Where the slash stands and what follows it, when the cursor is behind one."""
        cursor = self._edit.textCursor()
        if cursor.hasSelection() or self._edit.composing or not self._edit.hasFocus():
            return None
        end, column = cursor.position(), cursor.positionInBlock()
        reach = min(column, REACH)
        # Never the whole line: it can be a megabyte.
        cursor.setPosition(end - reach, QTextCursor.MoveMode.KeepAnchor)
        before = cursor.selectedText()
        query = slash_query(before, whole_line=reach == column)
        return None if query is None else (end - len(query) - 1, query)

    def _look(self) -> None:
        found = self._found()
        if found is None:
            self._dismissed = None
            self.hide()
            return
        if found[0] == self._dismissed:
            return
        prompts = self._prompts()
        rows = matching(prompts, found[1])
        if not rows and (prompts or found[1]):
            self.hide()
            return
        self._show(rows)

    def _show(self, rows: list[Prompt]) -> None:
        if self.isHidden() or rows != self._rows.prompts:
            self._rows.show(rows)
            if rows:
                self._go(0)
        self._nothing.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.list.setFixedHeight(_ROW * min(max(len(rows), 1), _MOST_ROWS))
        window = self._anchor.window()
        if self.parent() is not window:
            self.setParent(window)
            widget: QWidget | None = self._anchor
            while widget is not None:  # whatever moves the anchor moves the list
                widget.installEventFilter(self)
                widget = widget.parentWidget()
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        window = self._anchor.window()
        top_left = self._anchor.mapTo(window, QPoint(0, 0))
        height = self.list.height() + 10
        width = min(_WIDTH, self._anchor.width(), window.width() - 2 * _MARGIN)
        above = top_left.y() - _GAP - height
        y = above if above >= _MARGIN else top_left.y() + self._anchor.height() + _GAP
        box = QRect(top_left.x(), 0, self._anchor.width(), 1)
        x = QStyle.visualRect(self.layoutDirection(), box, QRect(box.left(), 0, width, 1)).left()
        self.setGeometry(x, y, width, height)

    def _step(self, step: int) -> None:
        count = self._rows.rowCount()
        self._go((self.list.currentIndex().row() + step) % count)

    def _go(self, row: int) -> None:
        index = self._rows.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        # The focus stays in the composer, so that nothing else would say which row it is.
        announce(self._edit, str(index.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _insert(self, index: QModelIndex) -> None:
        found = self._found()
        prompt = index.data(Qt.ItemDataRole.UserRole)
        self.hide()
        if found is None or not isinstance(prompt, Prompt):
            return
        cursor = self._edit.textCursor()
        cursor.setPosition(found[0], QTextCursor.MoveMode.KeepAnchor)
        known = builtins(datetime.now().astimezone(), QGuiApplication.clipboard().text)
        self._stops.insert(fill(prompt.text, known), cursor)
