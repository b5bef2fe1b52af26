"""The focus ring: 2 px of accent, 2 px outside the widget, only while focus came by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import rounded

_GAP = 2
_WIDTH = 2
_OUTSET = _GAP + _WIDTH
_FOLLOWED = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}


class FocusRing(QWidget):
    """One overlay for a window. It follows the focused button wherever layouts and scrolling move it."""

    def __init__(self, themes: ThemeController, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._window = window
        self._followed: list[QWidget] = []
        self._clip = QRect()
        self.setObjectName("shell.focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    @property
    def target(self) -> PaintedButton | None:
        """The button it stands around."""
        first = self._followed[0] if self._followed else None
        return first if isinstance(first, PaintedButton) and isValid(first) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            self._place()
        elif event.type() == QEvent.Type.MouseButtonPress and watched is self.target:
            self._follow(None)
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        target = self.target
        if target is None:
            return
        painter = QPainter(self)
        painter.setClipRect(self._clip)
        rounded(
            painter,
            QRectF(self.rect()),
            target.focus_radius + _OUTSET,
            None,
            self._themes.theme.accent,
            _WIDTH,
        )

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        shown = isinstance(new, PaintedButton) and new.keyboard_focus and new.window() is self._window
        self._follow(new if shown else None)

    def _follow(self, target: QWidget | None) -> None:
        for former in self._followed:
            # A button that was deleted under its ring takes its filter with it.
            if isValid(former):
                former.removeEventFilter(self)
        self._followed = []
        widget: QWidget | None = target
        while widget is not None and widget is not self._window:
            self._followed.append(widget)
            widget.installEventFilter(self)
            widget = widget.parentWidget()
        self._place()

    def _place(self) -> None:
        target = self.target
        if target is None or not target.isVisible():
            self.hide()
            return
        window = self._window
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        self.setGeometry(place.adjusted(-_OUTSET, -_OUTSET, _OUTSET, _OUTSET))
        # What scrolled out of its viewport must not be ringed over the neighbours.
        visible = window.rect()
        for ancestor in self._followed[1:]:
            top_left = ancestor.mapTo(window, QPoint(0, 0))
            grown = QRect(top_left, ancestor.size()).adjusted(-_OUTSET, -_OUTSET, _OUTSET, _OUTSET)
            visible = visible.intersected(grown)
        self._clip = visible.translated(-self.pos())
        self.show()
        self.raise_()
        self.update()
