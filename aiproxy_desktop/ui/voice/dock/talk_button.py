"""The large round button that is held to talk; hands-free it is the mute switch."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.dock.words import TalkLook
from aiproxy_desktop.ui.voice.held_key import HeldKey
from aiproxy_desktop.ui.widgets.buttons import PaintedButton

_RING: Final = 112
_DISC: Final = 96
_ICON: Final = 32
# Of the loudest: what moves the ring by less than half a pixel is not seen.
_SEEN: Final = 0.06
_KEYS: Final = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
_TOUCHES: Final = frozenset(
    {
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TouchEnd,
        QEvent.Type.TouchCancel,
    }
)
_LET_GO: Final = frozenset({QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked})


class TalkButton(PaintedButton):
    """Held by mouse, finger or key.

    Leaving it with the pointer while it is held does not end it; whatever would keep the release away (the
    window goes to the back, the button is hidden or disabled) does. Assistive technology, which can only
    press, begins with one press and ends with the next.

    Signals:
        held: someone holds it now.
        let_go: nobody does any more; comes once for each `held`.
        switched: hands-free: it was pressed.
    """

    held = Signal()
    let_go = Signal()
    switched = Signal()

    focus_radius = _RING // 2

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(themes, "", name="voice.talk", accessible_name=tr("Talk"), parent=parent)
        self._look: TalkLook = "rest"
        self._level = 0.0
        self._is_held = False
        self._hands_free = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        # Else all that lies below is painted with its ring.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._key = HeldKey(self)
        self._key.began.connect(self._hold)
        self._key.ended.connect(self._let_go)
        self.clicked.connect(self._pressed_once)
        themes.changed.connect(self.update)

    @property
    def is_held(self) -> bool:
        """Whether someone holds it."""
        return self._is_held

    @property
    def look(self) -> TalkLook:
        """How it stands."""
        return self._look

    def set_hands_free(self, hands_free: bool) -> None:
        """Whether it is the mute switch."""
        if hands_free != self._hands_free:
            self.release_hold()
            self._hands_free = hands_free
            self._name()

    def set_look(self, look: TalkLook, description: str) -> None:
        """Another look; `description` is what a screen reader says beside its name."""
        self._look = look
        if self.accessibleDescription() != description:
            self.setAccessibleDescription(description)
        self._name()
        self.update()

    def set_level(self, level: float) -> None:
        """How loud the person is, from 0 to 1: the ring follows it."""
        if abs(level - self._level) > _SEEN or (not level and self._level):
            self._level = level
            if self._look in {"held", "open"}:
                self.update()

    def release_hold(self) -> None:
        """Whoever holds it does so no more."""
        self._key.let_go()
        self._let_go()

    def _let_go(self) -> None:
        if self._is_held:
            self._is_held = False
            self.setDown(False)
            self._name()
            self.let_go.emit()

    def _hold(self) -> None:
        # There is nothing to hear or nobody to hear it: the line below says what to do.
        if not self._is_held and self.isEnabled() and self._look != "struck":
            self._is_held = True
            self.setDown(True)
            self._name()
            self.held.emit()

    def _pressed_once(self) -> None:
        if self._hands_free:
            self.switched.emit()
        elif self._is_held:
            self.release_hold()
        else:
            self._hold()

    def _name(self) -> None:
        if self._hands_free:
            name = {
                "muted": tr("Microphone, muted"),
                "open": tr("Microphone, on"),
            }.get(self._look, tr("Microphone"))
        else:
            held = self._is_held or self._look == "held"
            name = tr("Talk, held") if held else tr("Talk")
        if name != self.accessibleName():
            self.setAccessibleName(name)

    # -- mouse, finger and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._hands_free or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.keyboard_focus = False
        event.accept()
        self._hold()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # Qt lets go of a button that the pointer leaves.
        if self._hands_free:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._hands_free or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        event.accept()
        self.release_hold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._hands_free or event.key() not in _KEYS:
            super().keyPressEvent(event)
        else:
            self._key.press(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._hands_free or event.key() not in _KEYS:
            super().keyReleaseEvent(event)
        else:
            self._key.release(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in _TOUCHES and not self._hands_free:
            # Not as the mouse that Qt makes of a finger: that is never told of a touch called off.
            event.accept()
            if event.type() == QEvent.Type.TouchBegin:
                self._hold()
            elif event.type() in {QEvent.Type.TouchEnd, QEvent.Type.TouchCancel}:
                self.release_hold()
            return True
        if event.type() in _LET_GO or event.type() == QEvent.Type.FocusOut:
            self.release_hold()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.release_hold()

    def hideEvent(self, event: QHideEvent) -> None:
        self.release_hold()
        super().hideEvent(event)

    # -- looks

    def sizeHint(self) -> QSize:
        return QSize(_RING, _RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        del pos
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look: TalkLook = "held" if self._is_held and self._look == "rest" else self._look
        middle = QPointF(self.width() / 2, self.height() / 2)
        if look in {"held", "open"}:
            self._paint_ring(painter, middle)
        pointed = self.underMouse() and self.isEnabled()
        fill, edge, ink = {
            "rest": (theme.accent_soft, theme.accent_border if pointed else None, theme.accent),
            "waiting": (theme.accent_soft, None, theme.accent),
            "held": (theme.accent, None, theme.accent_text),
            "open": (theme.accent, None, theme.accent_text),
            "muted": (theme.surface_raised, theme.border_control, theme.text_secondary),
            "struck": (theme.surface_sunken, theme.border_strong, theme.text_muted),
        }[look]
        painter.setPen(QPen(QColor(edge), 1) if edge is not None else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        radius = _DISC / 2 - (0.5 if edge is not None else 0)
        painter.drawEllipse(middle, radius, radius)
        self._paint_icon(painter, middle, ink, struck=look in {"muted", "struck"}, fill=fill)

    def _paint_ring(self, painter: QPainter, middle: QPointF) -> None:
        theme = self.theme
        painter.setPen(QPen(QColor(theme.accent_border), 1))
        painter.setBrush(QColor(theme.accent_soft))
        least = _DISC / 2 + 2
        radius = least + (_RING / 2 - 0.5 - least) * min(1.0, self._level)
        painter.drawEllipse(middle, radius, radius)

    def _paint_icon(self, painter: QPainter, middle: QPointF, ink: str, *, struck: bool, fill: str) -> None:
        pixmap = icon_pixmap("voice-20", ink, _ICON, self.devicePixelRatioF())
        at = QRectF(0, 0, _ICON, _ICON)
        at.moveCenter(middle)
        painter.drawPixmap(at.topLeft(), pixmap)
        if struck:
            # A line through it, with room beside it.
            for colour, width in ((fill, 7.0), (ink, 2.25)):
                pen = QPen(QColor(colour), width)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(at.topLeft() + QPointF(3, 3), at.bottomRight() - QPointF(3, 3))
