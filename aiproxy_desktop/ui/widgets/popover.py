"""Popovers: a panel over the window beside the button that opened it.

The panel lives in an invisible layer over the whole window, not in a window of its own: round corners
need no compositor, and a click beside the panel only closes it.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.focus import focused_widget, has_focus_inside, tab_stops
from aiproxy_desktop.ui.widgets.painting import rounded

_GAP = 4
_MARGIN = 8


class _Panel(QFrame):
    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(5, 5, 5, 5)
        self.column.setSpacing(0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, theme.surface_raised, theme.border_strong)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click between the rows is not a click beside the panel


class Popover(QWidget):
    """Show `content` beside `anchor`, on the side with room, until Esc, a click beside it or `close_popover`.

    It owns its content and deletes itself when it closes. Tab stays inside. Focus goes back to the
    anchor.
    """

    closed = Signal()

    def __init__(self, themes: ThemeController, anchor: QWidget, content: QWidget, *, name: str) -> None:
        window = anchor.window()
        super().__init__(window)
        self._anchor = anchor
        self._prefer: Literal["below", "above"] = "below"
        self._align_end = False
        self._goes_below = True
        self._least_height = 0
        self._closing = False
        self.setObjectName(name)
        self.setAccessibleName(anchor.accessibleName())
        self.panel = _Panel(themes, self)
        self.content = content
        self.panel.column.addWidget(content)
        window.installEventFilter(self)

    def open(self, prefer: Literal["below", "above"] = "below", *, align_end: bool = False) -> None:
        """Show it.

        Args:
            prefer: the side to try first.
            align_end: end edges in line instead of start edges.
        """
        self._prefer = prefer
        self._align_end = align_end
        self._choose_side()
        self.show()
        self.raise_()
        target = self.content.focusProxy() or self.content
        if target.focusPolicy() == Qt.FocusPolicy.NoFocus:
            target = next(iter(tab_stops(self.panel)), self)
        target.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_popover(self) -> None:
        """Hide it, give focus back and emit `closed`; the second call does nothing."""
        if self._closing:
            return
        self._closing = True
        had_focus = has_focus_inside(self)
        self.window().removeEventFilter(self)
        self.hide()
        if had_focus:
            self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()
        self.deleteLater()

    def refit(self) -> None:
        """Size the panel again after its content changed; what stands at its top stays where it is."""
        if not self._goes_below:
            self._least_height = max(self._least_height, self.panel.height())
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._choose_side()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_popover()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_popover()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        stops = tab_stops(self.panel)
        if not stops:
            return True
        focused = focused_widget()
        index = stops.index(focused) if focused is not None and focused in stops else (-1 if forward else 0)
        step = 1 if forward else -1
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stops[(index + step) % len(stops)].setFocus(reason)
        return True

    def _choose_side(self) -> None:
        above, below = self._room()
        height = self.panel.sizeHint().height()
        if self._prefer == "above":
            self._goes_below = above < height and below > above
        else:
            self._goes_below = below >= height or below >= above
        self._least_height = 0
        self._place()

    def _room(self) -> tuple[int, int]:
        """Pixels above and below the anchor."""
        window = self.window()
        top = self._anchor.mapTo(window, QPoint(0, 0)).y()
        return top - _GAP - _MARGIN, window.height() - top - self._anchor.height() - _GAP - _MARGIN

    def _place(self) -> None:
        window = self.window()
        self.setGeometry(window.rect())
        top_left = self._anchor.mapTo(window, QPoint(0, 0))
        size = self.panel.sizeHint().boundedTo(window.size() - QSize(2 * _MARGIN, 2 * _MARGIN))
        above, below = self._room()
        wanted = max(size.height(), self._least_height)
        size.setHeight(min(wanted, below if self._goes_below else above))
        x = top_left.x() + (self._anchor.width() - size.width() if self._align_end else 0)
        x = max(_MARGIN, min(x, window.width() - size.width() - _MARGIN))
        y = top_left.y() - _GAP - size.height()
        if self._goes_below:
            y = top_left.y() + self._anchor.height() + _GAP
        self.panel.setGeometry(x, y, size.width(), size.height())
