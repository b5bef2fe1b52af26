"""Toasts: what just happened and how to take it back, for eight seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget
from shiboken6 import isValid

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import MOTION, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins, rounded

TOAST_MS = 8000
_MOST = 3
_GAP = 8
_WIDTH = 384


class ToastMessage(NamedTuple):
    """One toast.

    `on_action` runs when its button is pressed; `on_gone` when it leaves without that.
    """

    text: str
    action: str = ""
    on_action: Callable[[], None] | None = None
    on_gone: Callable[[], None] | None = None


class Toast(QFrame):
    """A toast on the screen. The pointer or the keyboard on it holds its time."""

    gone = Signal()

    def __init__(self, themes: ThemeController, message: ToastMessage, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._message = message
        self._left = False
        # Where the keys were before they came in here, and where they go when this goes.
        self._before: QWidget | None = None
        self.setObjectName("shell.toast")
        self.setAccessibleName(message.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(17, 8, 5, 8))
        row.setSpacing(4)
        text = Label(message.text, wrap=True)
        text.setContentsMargins(0, 4, 0, 4)
        row.addWidget(text, 1)
        if message.action:
            self.action = Button(themes, message.action, name="shell.toast.action", kind="link")
            self.action.clicked.connect(self._act)
            row.addWidget(self.action)
        close = Button(themes, name="shell.toast.close", kind="quiet", icon="close", tooltip=tr("Close"))
        close.clicked.connect(self.leave)
        row.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=TOAST_MS)
        self._timer.timeout.connect(self._time_is_up)
        self._timer.start()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    @property
    def message(self) -> ToastMessage:
        """What it says."""
        return self._message

    def leave(self) -> None:
        """Go away without the action."""
        self._go(self._message.on_gone)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, theme.surface_raised, theme.border_strong)

    def _time_is_up(self) -> None:
        if has_focus_inside(self):
            self._timer.start()
            return
        self.leave()

    def _focus_changed(self, former: QWidget | None, now: QWidget | None) -> None:
        entered = now is not None and self.isAncestorOf(now)
        if entered and former is not None and not self.isAncestorOf(former):
            self._before = former

    def _act(self) -> None:
        self._go(self._message.on_action)

    def _go(self, then: Callable[[], None] | None) -> None:
        if self._left:
            return
        self._left = True
        self._timer.stop()
        before = self._before
        if has_focus_inside(self) and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.TabFocusReason)
        self.hide()
        self.gone.emit()
        if then is not None:
            then()
        self.deleteLater()


class ToastArea(QObject):
    """Stacks toasts over the lower middle of a widget, newest lowest, three at most."""

    def __init__(self, themes: ThemeController, over: QWidget) -> None:
        super().__init__(over)
        self._themes = themes
        self._over = over
        self._bottom = 24
        self._toasts: list[Toast] = []
        over.installEventFilter(self)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        """Those on the screen, oldest first."""
        return tuple(self._toasts)

    def show_toast(self, message: ToastMessage) -> Toast:
        """Show one; the oldest makes room where there are three."""
        while len(self._toasts) >= _MOST:
            self._toasts[0].leave()
        toast = Toast(self._themes, message, self._over)
        self._toasts.append(toast)
        toast.gone.connect(lambda: self._gone(toast))
        self._arrange()
        toast.show()
        toast.raise_()
        # A toast takes no focus, so a screen reader is told what it says.
        announce(toast, message.text)
        self._fade_in(toast)
        return toast

    def set_bottom(self, distance: int) -> None:
        """Keep this many pixels free below, for a page whose controls stand there."""
        self._bottom = distance
        self._arrange()

    def leave_all(self) -> None:
        """End every toast as if its time were up; for the end of the application."""
        for toast in self.toasts:
            toast.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self._arrange()
        return False

    def _gone(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        bottom = self._over.height() - self._bottom
        for toast in reversed(self._toasts):
            width = min(_WIDTH, self._over.width() - 32)
            height = toast.heightForWidth(width)  # 44 for one line
            toast.setGeometry((self._over.width() - width) // 2, bottom - height, width, height)
            bottom -= height + _GAP

    def _fade_in(self, toast: Toast) -> None:
        duration = self._themes.duration(MOTION.base)
        if not duration:
            return
        from PySide6.QtCore import QEasingCurve, QPropertyAnimation
        from PySide6.QtWidgets import QGraphicsOpacityEffect

        effect = QGraphicsOpacityEffect(toast)
        toast.setGraphicsEffect(effect)
        fade = QPropertyAnimation(effect, b"opacity", toast)
        fade.setDuration(duration)
        fade.setStartValue(0.0)
        fade.setEndValue(1.0)
        fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        # Without the effect the toast paints at full sharpness again.
        fade.finished.connect(lambda: toast.setGraphicsEffect(None))  # type: ignore[arg-type]  # Qt takes null
        fade.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)
