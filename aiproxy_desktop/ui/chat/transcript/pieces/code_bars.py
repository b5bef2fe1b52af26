"""Thin scroll bars at the lower edge of the code blocks in view whose lines are longer than they are wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import PAD_X, CodePiece, CodeShape
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.painting import rounded

HEIGHT: Final = 10
_STEP: Final = 24


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the bar of one block stands."""

    shape: CodeShape
    box: QRect


class _Bar(QScrollBar):
    """Thin, and with keys that go where they point: Qt turns them round for scroll bars."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._themes = themes
        self.setObjectName("chat.transcript.codeBar")
        self.setAccessibleName(tr("Scroll code sideways"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setSingleStep(_STEP)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            rounded(QPainter(self), box, RADIUS.xs, None, self._themes.theme.accent, 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = QScrollBar.SliderAction
        moves = {
            int(Qt.Key.Key_Right): action.SliderSingleStepAdd,
            int(Qt.Key.Key_Left): action.SliderSingleStepSub,
        }
        move = moves.get(event.key())
        if move is None:
            super().keyPressEvent(event)
        else:
            self.triggerAction(move)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The transcript decides what a turn means, here as over the code.
        event.ignore()


class CodeBars(QObject):
    """As many bars as there are such blocks in view. `moved`: a block shows another part of its lines."""

    moved = Signal()

    def __init__(self, themes: ThemeController, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._themes = themes
        self._viewport = viewport
        self._shown: dict[CodeShape, QScrollBar] = {}
        self._shapes: dict[QScrollBar, CodeShape] = {}
        self._spare: list[QScrollBar] = []

    def place(self, column: Column, left: int) -> bool:
        """Show the bars of what is in view; whether the set of them changed."""
        places = {place.shape: place for place in _places(column, left, self._viewport.height())}
        changed = places.keys() != self._shown.keys()
        for shape in [shape for shape in self._shown if shape not in places]:
            bar = self._shown.pop(shape)
            del self._shapes[bar]
            bar.hide()
            self._spare.append(bar)
        for shape, place in places.items():
            self._set(self._shown.get(shape) or self._take(shape), place)
        return changed

    def in_order(self) -> list[QWidget]:
        """The bars in view, from the top down."""
        return sorted(self._shown.values(), key=lambda bar: bar.y())

    def _take(self, shape: CodeShape) -> QScrollBar:
        bar = self._spare.pop() if self._spare else self._make()
        self._shown[shape] = bar
        self._shapes[bar] = shape
        return bar

    def _make(self) -> QScrollBar:
        bar = _Bar(self._themes, self._viewport)
        bar.valueChanged.connect(lambda value, source=bar: self._scrolled(source, value))
        return bar

    def _set(self, bar: QScrollBar, place: _Place) -> None:
        shape = place.shape
        if (bar.maximum(), bar.pageStep()) != (shape.most, shape.inner):
            bar.setPageStep(shape.inner)
            bar.setMaximum(shape.most)
        if bar.value() != shape.offset:
            bar.setValue(shape.offset)
        if bar.geometry() != place.box:
            bar.setGeometry(place.box)
        if bar.isHidden():
            bar.show()

    def _scrolled(self, bar: QScrollBar, value: int) -> None:
        shape = self._shapes.get(bar)
        if shape is not None and shape.scroll_to(value):
            self.moved.emit()


def _places(column: Column, left: int, view_height: int) -> Iterator[_Place]:
    """One place a block: its lower edge, or the view's where the block goes on below."""
    lowest: dict[CodeShape, tuple[CodePiece, int]] = {}
    for shown in column.shown:
        piece = column.piece(shown.message, shown.piece)
        if isinstance(piece, CodePiece) and piece.shape.most:
            lowest[piece.shape] = piece, shown.top + piece.height
    for shape, (piece, bottom) in lowest.items():
        y = min(bottom - 1, view_height) - HEIGHT
        yield _Place(shape, QRect(left + piece.left + PAD_X, y, shape.inner, HEIGHT))
