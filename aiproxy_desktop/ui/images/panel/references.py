"""Reference pictures: small, each with a way out, and a place to drop more."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.images.panel.words import references_line
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import Brought, brought, carries
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import mirrored

_SIDE = 48
_GAP = 8
_LEAST_DROP = 104
_ICON = 16


class References(QWidget):
    """Follows the view-model.

    Signals:
        brought_in(Brought): something was dropped.
        open_wanted(): files are to be chosen.
    """

    brought_in = Signal(object)
    open_wanted = Signal()

    def __init__(
        self, themes: ThemeController, view_model: RequestViewModel, thumbnails: Thumbnails, *, name: str
    ) -> None:
        super().__init__()
        self._vm = view_model
        self._name = name
        self._count = Label("", "meta", "muted", tabular=True)
        self._count.setObjectName(f"{name}.count")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(tr("Reference pictures"), "meta", "secondary"), 1)
        head.addWidget(self._count)
        self.strip = _Strip(themes, view_model, thumbnails, name=name)
        self.strip.drop.clicked.connect(self.open_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.strip)
        self.setAcceptDrops(True)
        view_model.pictures_changed.connect(self.show_pictures)
        self.show_pictures()

    @property
    def stops(self) -> list[QWidget]:
        """What Tab reaches, in order."""
        return self.strip.stops

    def show_pictures(self) -> None:
        """Show those that go along."""
        references, most = self._vm.pictures.references, self._vm.most_references
        self.setVisible(bool(references) or most > 0)
        self._count.setText(references_line(len(references), most) if references or most else "")
        self._count.set_tone("danger" if len(references) > most else "muted")
        self.strip.show_images(references, more=len(references) < most)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if carries(event.mimeData()) and self.strip.drop.isVisible():
            _take_copy(event)
            self.strip.drop.set_hovering(True)
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QEvent) -> None:
        self.strip.drop.set_hovering(False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self.strip.drop.set_hovering(False)
        _take_copy(event)
        found: Brought = brought(event.mimeData())
        self.brought_in.emit(found)


class _Strip(QWidget):
    """The pictures in lines, and the place to drop at the end of the last or below it."""

    def __init__(
        self, themes: ThemeController, view_model: RequestViewModel, thumbnails: Thumbnails, *, name: str
    ) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._name = name
        self._thumbnails = thumbnails
        self._thumbs: list[_Thumb] = []
        self.drop = _DropPlace(themes, name=f"{name}.add", parent=self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        thumbnails.arrived.connect(self._repaint)

    def show_images(self, images: tuple[StoredImage, ...], *, more: bool) -> None:
        """Show these; `more` can be added."""
        known = {thumb.image.id: thumb for thumb in self._thumbs}
        for thumb in self._thumbs:
            if thumb.image not in images:
                thumb.hide()
                thumb.deleteLater()
        self._thumbs = [
            known.get(image.id) or self._thumb(image, place) for place, image in enumerate(images)
        ]
        self.drop.setVisible(more)
        self.updateGeometry()
        self._place()

    @property
    def stops(self) -> list[QWidget]:
        """What Tab reaches, in order."""
        return [*self._thumbs, self.drop]

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self._boxes(width)
        return boxes[-1].bottom() + 1 if boxes else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self.updateGeometry()

    def _boxes(self, width: int) -> list[QRect]:
        """Where the pictures stand, and last where the place to drop does, if it is shown."""
        a_line = max(1, (width + _GAP) // (_SIDE + _GAP))
        boxes = [
            QRect(place % a_line * (_SIDE + _GAP), place // a_line * (_SIDE + _GAP), _SIDE, _SIDE)
            for place in range(len(self._thumbs))
        ]
        if not self.drop.isHidden():
            left = boxes[-1].right() + 1 + _GAP if boxes else 0
            top = boxes[-1].top() if boxes else 0
            if width - left < _LEAST_DROP:
                left, top = 0, top + _SIDE + _GAP
            boxes.append(QRect(left, top, width - left, _SIDE))
        return boxes

    def _place(self) -> None:
        shown: list[QWidget] = [*self._thumbs, *([] if self.drop.isHidden() else [self.drop])]
        for widget, box in zip(shown, self._boxes(self.width()), strict=False):
            widget.setGeometry(mirrored(self, box))

    def _thumb(self, image: StoredImage, place: int) -> _Thumb:
        thumb = _Thumb(self._themes, self._thumbnails, image, f"{self._name}.{place}", self)
        thumb.clicked.connect(lambda: self._vm.remove_reference(image.id))
        thumb.show()
        return thumb

    def _repaint(self, digest: str) -> None:
        for thumb in self._thumbs:
            if thumb.image.hash == digest:
                thumb.update()


class _Thumb(PaintedButton):
    """Pressing it takes the picture away, which a cross says under the pointer and with the focus."""

    def __init__(
        self,
        themes: ThemeController,
        thumbnails: Thumbnails,
        image: StoredImage,
        name: str,
        parent: QWidget,
    ) -> None:
        words = tr("Remove reference picture {name}", name=image.name or image.prompt[:60])
        super().__init__(themes, "", name=name, accessible_name=words, parent=parent)
        self.image = image
        self._thumbnails = thumbnails
        set_tooltip(self, words)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter, ratio = self.theme, QPainter(self), self.devicePixelRatioF()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), RADIUS.s, RADIUS.s)
        painter.setClipPath(path)
        painter.fillRect(self.rect(), QColor(theme.surface_sunken))
        # Twice the side: what is longer than high still fills the square.
        side = round(2 * _SIDE * ratio)
        wanted = Wanted(self.image.hash, side, side)
        shown = self._thumbnails.get(wanted)
        if not self._thumbnails.has(wanted):
            self._thumbnails.want(self.objectName(), [wanted])
        if shown is not None and not shown.isNull():
            size = QSize(shown.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            box = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, 0, 0)
            box.setSize(size)
            painter.drawPixmap(box, shown)
        if self.underMouse() or (self.hasFocus() and self.keyboard_focus):
            painter.fillRect(self.rect(), QColor(theme.scrim))
            place = (self.width() - _ICON) // 2
            painter.drawPixmap(place, place, icon_pixmap("close", "#FFFFFF", _ICON, ratio))


class _DropPlace(PaintedButton):
    """Dashed: drop here, or press to choose files."""

    def __init__(self, themes: ThemeController, *, name: str, parent: QWidget) -> None:
        super().__init__(themes, tr("Drop or paste"), name=name, parent=parent)
        self.setAccessibleName(tr("Add reference pictures"))
        self.setAccessibleDescription(tr("Drop or paste pictures here, or press to choose files."))
        set_tooltip(self, tr("Drop or paste pictures here, or press to choose files."))
        self.setFont(font("body"))
        self._hovering = False

    def set_hovering(self, hovering: bool) -> None:
        """Whether something to drop is over it."""
        self._hovering = hovering
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.accent if self._hovering else theme.border_control
        pen = QPen(QColor(edge), 1, Qt.PenStyle.SolidLine if self._hovering else Qt.PenStyle.CustomDashLine)
        if not self._hovering:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        overlay = theme.accent_soft if self._hovering else self.overlay()
        painter.setBrush(QColor(overlay) if overlay else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.s, RADIUS.s)
        ink = theme.text if self.underMouse() else theme.text_secondary
        painter.setFont(self.font())
        painter.setPen(QColor(ink))
        metrics = painter.fontMetrics()
        wide = _ICON + _GAP + metrics.horizontalAdvance(self.text())
        left = max(8, (self.width() - wide) // 2)
        icon = mirrored(self, QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(icon.topLeft(), icon_pixmap("plus", ink, _ICON, self.devicePixelRatioF()))
        room = self.width() - left - _ICON - _GAP - 4
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        box = mirrored(self, QRect(left + _ICON + _GAP, 0, room, self.height()))
        painter.setLayoutDirection(self.layoutDirection())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, words)


def _take_copy(event: QDropEvent) -> None:
    """Never a move: the program they come from would delete its files."""
    for action in (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction):
        if event.possibleActions() & action:
            event.setDropAction(action)
            event.accept()
            return
    event.ignore()
