"""One attachment in the composer: its picture or icon, its name, a line of figures, and a cross."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QStyle, QWidget

from aiproxy_desktop.ui.chat.attachments.facts import taken_facts
from aiproxy_desktop.ui.chat.attachments.viewmodel import DraftItem
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS, TYPE
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import rounded

HEIGHT = 40
THUMBNAIL = 32

_PAD = 4
_GAP = 8
_CLOSE = 24
_TEXT_LEAST, _TEXT_MOST = 96, 320
_FAILED_MOST = 420
_LINE = 16
_BAR = 2

_REMOVING = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Chip(PaintedButton):
    """Shows one item. Pressed, it offers what can be done with it; Delete removes it, arrows move on."""

    removed = Signal(int)  # key
    all_removed = Signal()
    moved = Signal(int)  # -1 or 1, in reading order

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, item: DraftItem, parent: QWidget) -> None:
        super().__init__(themes, "", name=f"chat.attachment.{item.key}", accessible_name="…", parent=parent)
        self.item = item
        self._facts = ""
        self._picture = QImage()
        self._strong = font("caption")
        self._strong.setPixelSize(TYPE["meta"].size)
        self._close = Button(
            themes,
            name=f"chat.attachment.{item.key}.remove",
            kind="quiet",
            icon="close",
            tooltip=tr("Remove"),
            parent=self,
        )
        self._close.setFixedSize(_CLOSE, _CLOSE)
        # The chip itself takes the keyboard: Delete does what the cross does.
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(lambda: self.removed.emit(self.item.key))
        self.clicked.connect(lambda: self._offer(self.mapToGlobal(QPoint(0, self.height()))))

    def show_item(self, item: DraftItem, provider: str) -> None:
        """Show another state of the same item; tokens are told by the provider's rules."""
        facts = _facts(item, provider)
        if (item, facts) == (self.item, self._facts):
            return
        self.item, self._facts = item, facts
        self.setAccessibleName(f"{item.name}, {facts}")
        self.setAccessibleDescription(tr("Delete removes it."))
        self._close.setAccessibleName(tr("Remove {name}", name=item.name))
        set_tooltip(self, facts if item.state == "failed" else f"{item.name}\n{facts}")
        self.updateGeometry()
        self.update()

    def show_picture(self, picture: QImage) -> None:
        """Show a thumbnail."""
        self._picture = picture
        self.update()

    def sizeHint(self) -> QSize:
        width = max(
            QFontMetrics(self._strong).horizontalAdvance(self.item.name),
            QFontMetrics(font("meta")).horizontalAdvance(self._facts),
        )
        most = _FAILED_MOST if self.item.state == "failed" else _TEXT_MOST
        width = min(max(width + 1, _TEXT_LEAST), most)
        return QSize(2 * _PAD + THUMBNAIL + 2 * _GAP + width + _CLOSE + _PAD, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_cross()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place_cross()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = self._step(event.key())
        if event.key() in _REMOVING:
            self.removed.emit(self.item.key)
        elif step:
            self.moved.emit(step)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._offer(event.globalPos())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, failed = self.theme, self.item.state == "failed"
        painter = QPainter(self)
        edge = theme.danger_border if failed else theme.border_strong if self.underMouse() else theme.border
        fill = theme.danger_soft if failed else theme.mixed.surface_raised_hover if self.isDown() else None
        rounded(painter, QRectF(self.rect()), RADIUS.m, fill or theme.surface_raised, edge)
        self._paint_sign(painter, self._mirrored(QRect(_PAD, _PAD, THUMBNAIL, THUMBNAIL)))
        left = _PAD + THUMBNAIL + _GAP
        width = self.width() - left - _GAP - _CLOSE - 2 * _PAD
        top = (self.height() - 2 * _LINE) // 2
        ink = theme.danger if failed else theme.text_muted
        for line, text, style, colour, elided in (
            (0, self.item.name, self._strong, theme.text, Qt.TextElideMode.ElideMiddle),
            (1, self._facts, font("meta"), ink, Qt.TextElideMode.ElideRight),
        ):
            painter.setFont(style)
            painter.setPen(colour)
            shown = painter.fontMetrics().elidedText(text, elided, width)
            box = self._mirrored(QRect(left, top + line * _LINE, width, _LINE))
            leading = QStyle.visualAlignment(self.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
            painter.drawText(box, leading | Qt.AlignmentFlag.AlignVCenter, shown)
        if self.item.state == "loading" and self.item.done > 0:
            bar = QRect(left, self.height() - _BAR - 1, round(width * self.item.done), _BAR)
            painter.fillRect(self._mirrored(bar), QColor(theme.accent))

    def _place_cross(self) -> None:
        box = QRect(self.width() - _CLOSE - 2 * _PAD, (self.height() - _CLOSE) // 2, _CLOSE, _CLOSE)
        self._close.setGeometry(self._mirrored(box))

    def _paint_sign(self, painter: QPainter, box: QRect) -> None:
        theme, ratio = self.theme, self.devicePixelRatioF()
        if self._picture.isNull():
            name = _icon(self.item)
            ink = theme.danger if self.item.state == "failed" else theme.text_secondary
            if self.item.state != "failed":
                rounded(painter, QRectF(box), RADIUS.xs, theme.surface_sunken)
            painter.drawPixmap(box.center() - QPoint(7, 7), icon_pixmap(name, ink, 16, ratio))
            return
        path = QPainterPath()
        path.addRoundedRect(QRectF(box), RADIUS.xs, RADIUS.xs)
        painter.save()
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._picture)
        painter.restore()

    def _mirrored(self, box: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _step(self, key: int) -> int:
        onwards = -1 if self.isRightToLeft() else 1
        return {Qt.Key.Key_Left: -onwards, Qt.Key.Key_Right: onwards, **_STEPS}.get(Qt.Key(key), 0)

    def _offer(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("chat.attachment.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        key = self.item.key
        menu.addAction(tr("Remove"), lambda: self.removed.emit(key)).setShortcut(Qt.Key.Key_Delete)
        menu.addAction(tr("Remove all attachments"), self.all_removed.emit)
        menu.popup(place)


def _facts(item: DraftItem, provider: str) -> str:
    if item.taken is not None:
        return taken_facts(item.taken, provider)
    return item.sentence if item.state == "failed" else tr("Reading")


def _icon(item: DraftItem) -> str:
    """What stands where there is no thumbnail."""
    if item.state == "failed":
        return "error"
    if item.taken is None:
        return "clock"
    if len(item.taken.attachments) != 1 or "/" in item.taken.attachments[0].name:
        return "folder"
    return {"image": "image", "audio": "speaker", "video": "play"}.get(item.taken.attachments[0].kind, "file")
