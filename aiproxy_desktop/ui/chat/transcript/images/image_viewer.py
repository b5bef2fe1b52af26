"""One image over the whole window: as large as fits, or pixel by pixel. Esc closes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import focused_widget, tab_stops

_BAR: Final = 48
_MARGIN: Final = 24
_STEP: Final = 64
_CLOSER: Final = frozenset({Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_1})
_FARTHER: Final = frozenset({Qt.Key.Key_Minus, Qt.Key.Key_0})


class ImageViewer(QWidget):
    """A layer over the window of `owner`. It deletes itself when it closes; focus goes back."""

    closed = Signal()
    edit_wanted = Signal()

    def __init__(self, themes: ThemeController, name: str, owner: QWidget) -> None:
        super().__init__(owner.window())
        self._themes = themes
        self._owner = owner
        self._name = name
        self._image = QImage()
        self._small = QImage()
        self._loading = True
        self._whole = True
        self._shift = QPointF()
        self._dragged: QPoint | None = None
        self._closing = False
        self.setObjectName("chat.imageViewer")
        self.setAccessibleName(tr("Image {name}", name=name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._zoom = Button(themes, tr("100 %"), name="chat.imageViewer.zoom", kind="secondary", parent=self)
        self._zoom.clicked.connect(self.toggle)
        self._edit = Button(
            themes, tr("Edit in Images"), name="chat.imageViewer.edit", icon="brush-20", parent=self
        )
        self._edit.clicked.connect(self._leave_to_edit)
        self._close = Button(
            themes,
            name="chat.imageViewer.close",
            kind="secondary",
            icon="close",
            tooltip=tr("Close"),
            parent=self,
        )
        self._close.clicked.connect(self.close_viewer)
        self._before = focused_widget()
        if self._before is not None:
            self._before.destroyed.connect(self._forget_before)
        self.window().installEventFilter(self)

    def open(self) -> None:
        """Show it."""
        self.setGeometry(self.window().rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_image(self, image: QImage, small: QImage) -> None:
        """What was read, and the same no larger than the window; null where nothing could be."""
        self._image, self._small, self._loading = image, small, False
        self._arrange()
        self.update()

    def close_viewer(self) -> None:
        """Take it away; the second call does nothing."""
        if self._closing:
            return
        self._closing = True
        self.window().removeEventFilter(self)
        # Before it hides: Qt would look for the next place of the focus in here.
        target = self._before if self._before is not None and self._before.isVisible() else self._owner
        target.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def _forget_before(self) -> None:
        self._before = None

    def _leave_to_edit(self) -> None:
        self.close_viewer()
        self.edit_wanted.emit()

    def toggle(self) -> None:
        """From all of it to pixel by pixel, and back."""
        self._whole = not self._whole
        self._shift = QPointF()
        self._arrange()
        self.update()

    @property
    def whole(self) -> bool:
        """Whether all of the image is in view."""
        return self._whole

    def shown_size(self) -> QSizeF:
        """Of the image as it stands, logical pixels."""
        natural = QSizeF(self._image.size()) / self.devicePixelRatioF()
        room = QSizeF(self.width() - 2 * _MARGIN, self.height() - _BAR - _MARGIN)
        fits = natural.width() <= room.width() and natural.height() <= room.height()
        if not self._whole or fits:
            return natural
        return natural.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.setGeometry(self.window().rect())
        return False

    def event(self, event: QEvent) -> bool:
        # Keys of the window and its pages do nothing behind the image.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: QPointF(_STEP, 0),
            Qt.Key.Key_Right: QPointF(-_STEP, 0),
            Qt.Key.Key_Up: QPointF(0, _STEP),
            Qt.Key.Key_Down: QPointF(0, -_STEP),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_viewer()
        elif key in (_CLOSER if self._whole else _FARTHER):
            self.toggle()
        elif key in steps:
            self._move_by(steps[key])
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        if self._closing:
            return False
        stops = tab_stops(self)
        focused = focused_widget()
        index = stops.index(focused) if focused is not None and focused in stops else (-1 if forward else 0)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stops[(index + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if not self._box().contains(QPointF(point)):
            self.close_viewer()
        elif not self._whole:
            self._dragged = point
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            point = event.position().toPoint()
            self._move_by(QPointF(point - self._dragged))
            self._dragged = point

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.toggle()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._move_by(QPointF(event.angleDelta()) / 2)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._themes.theme
        ground = QColor(theme.surface)
        painter.fillRect(self.rect(), ground)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._image.isNull():
            # What is scaled down while it is decoded looks better than what is scaled down here.
            painter.drawImage(self._box(), self._small if self._whole else self._image)
        painter.fillRect(0, 0, self.width(), _BAR, ground)
        painter.fillRect(0, _BAR - 1, self.width(), 1, QColor(theme.border))
        painter.setFont(font("body_strong"))
        painter.setPen(QColor(theme.text))
        row = self.rect().adjusted(_MARGIN, 0, self._edit.x() - self.width() - 8, 0)
        row.setHeight(_BAR)
        name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
        if self._image.isNull():
            painter.setFont(font("body"))
            painter.setPen(QColor(theme.text_muted))
            said = tr("Reading the image…") if self._loading else tr("This image cannot be shown.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, said)

    def _box(self) -> QRectF:
        box = QRectF(QPointF(), self.shown_size())
        middle = QPointF(self.width() / 2, _BAR + (self.height() - _BAR - _MARGIN / 2) / 2)
        box.moveCenter(middle + self._shift)
        return box

    def _move_by(self, delta: QPointF) -> None:
        """Move what is larger than the window, up to its edges."""
        size = self.shown_size()
        x = max(0.0, (size.width() - self.width()) / 2 + _MARGIN)
        y = max(0.0, (size.height() - self.height() + _BAR) / 2 + _MARGIN)
        if size.width() <= self.width():
            x = 0.0
        if size.height() <= self.height() - _BAR:
            y = 0.0
        moved = self._shift + delta
        self._shift = QPointF(max(-x, min(x, moved.x())), max(-y, min(y, moved.y())))
        self.update()

    def _arrange(self) -> None:
        self._zoom.set_label(tr("100 %") if self._whole else tr("Fit"))
        x = self.width() - _MARGIN
        for button in (self._close, self._zoom, self._edit):
            size = button.sizeHint()
            x -= size.width()
            button.setGeometry(x, (_BAR - size.height()) // 2, size.width(), size.height())
            x -= 8
