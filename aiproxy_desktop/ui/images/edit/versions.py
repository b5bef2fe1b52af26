"""The strip of versions below the canvas: walk it, branch from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.edit.order import Version
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import plain_tooltip

_HEIGHT = 112
_THUMB = QSize(96, 64)
_JOINT = 32
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}

# Fetches the small picture of an image, and calls back with it on the window's thread.
ThumbnailSource: TypeAlias = Callable[[StoredImage, Callable[[QImage], None]], None]


class _VersionButton(PaintedButton):
    """One version: its picture, number and name."""

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, version: Version, title: str, parent: QWidget) -> None:
        name = f"images.version.{version.number}"
        words = tr("Version {number}: {title}", number=version.number, title=title)
        super().__init__(themes, "", name=name, accessible_name=words, parent=parent)
        self.version = version
        self._title = title
        self.picture = QImage()
        self._ancestor = False
        self.setCheckable(True)
        self.setToolTip(plain_tooltip(title))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, picture: QImage) -> None:
        """Show what it looks like."""
        self.picture = picture
        self.update()

    def show_state(self, *, current: bool, ancestor: bool) -> None:
        """Whether it is on the canvas, or what that was made from."""
        self.setChecked(current)
        self._ancestor = ancestor
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_THUMB.width() + 4, _HEIGHT - 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(2, 6, _THUMB.width(), _THUMB.height())
        path = QPainterPath()
        path.addRoundedRect(box, RADIUS.s, RADIUS.s)
        painter.fillPath(path, QColor(theme.surface_sunken))
        if not self.picture.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(box, self.picture, _covering(self.picture, box))
            painter.restore()
        pen = painter.pen()
        pen.setColor(QColor(theme.accent if self.isChecked() else theme.border))
        pen.setWidthF(2 if self.isChecked() else 1)
        painter.setPen(pen)
        painter.drawPath(path)
        strong = self.isChecked() or self.underMouse()
        painter.setPen(QColor(theme.text if strong or self._ancestor else theme.text_muted))
        painter.setFont(font("caption"))
        caption = f"{self.version.number}  {self._title}"
        text = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, _THUMB.width())
        area = QRect(2, _THUMB.height() + 10, _THUMB.width(), 16)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)


class _Joint(QWidget):
    """Between two versions: a step on, or another one of the same step."""

    def __init__(self, themes: ThemeController, *, branch: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._branch = branch
        self.setFixedSize(_JOINT - 8, _HEIGHT - 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        name = "branch" if self._branch else "chev-left" if leftwards else "chev-right"
        pixmap = icon_pixmap(name, self._themes.theme.text_muted, 16, self.devicePixelRatioF())
        QPainter(self).drawPixmap((self.width() - 16) // 2, 6 + (_THUMB.height() - 16) // 2, pixmap)


class VersionStrip(QScrollArea):
    """The versions of one picture.

    Signals:
        chosen(str): an image's id, to be shown.
        menu_wanted(str, QPoint): what can be done with one, at this place of the screen.
    """

    chosen = Signal(str)
    menu_wanted = Signal(str, object)

    def __init__(
        self, themes: ThemeController, thumbnails: ThumbnailSource, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._thumbnails = thumbnails
        self._buttons: dict[str, _VersionButton] = {}
        self.setObjectName("images.versions")
        self.setAccessibleName(tr("Versions"))
        self.setProperty("layer", "surface")
        self.setProperty("edge", "top")
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: tuple[tuple[str, str], ...] = ()

    def show_versions(
        self, versions: Sequence[Version], title_of: Callable[[StoredImage], str], joined: Sequence[str]
    ) -> None:
        """Show these; `joined` are the ids of the one on the canvas, then of what that was made from."""
        shown = tuple((version.image.id, version.number) for version in versions)
        if shown != self._shown:
            self._shown = shown
            self._fill(versions, title_of)
        current = joined[0] if joined else ""
        for image_id, button in self._buttons.items():
            button.show_state(current=image_id == current, ancestor=image_id in joined)
        if current in self._buttons:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            self.ensureWidgetVisible(self._buttons[current], 48, 0)

    def _fill(self, versions: Sequence[Version], title_of: Callable[[StoredImage], str]) -> None:
        kept = {image_id: button.picture for image_id, button in self._buttons.items()}
        inner = QWidget()
        inner.setProperty("layer", "surface")
        row = QHBoxLayout(inner)
        row.setContentsMargins(14, 6, 14, 8)
        row.setSpacing(2)
        self._buttons = {}
        for version in versions:
            if version.joint != "first":
                row.addWidget(_Joint(self._themes, branch=version.joint == "branch", parent=inner))
            button = _VersionButton(self._themes, version, title_of(version.image), inner)
            button.clicked.connect(
                lambda _checked=False, image_id=version.image.id: self.chosen.emit(image_id)
            )
            self._buttons[version.image.id] = button
            row.addWidget(button)
            if version.image.id in kept and not kept[version.image.id].isNull():
                button.show_picture(kept[version.image.id])
            else:
                self._thumbnails(version.image, _shows(self, version.image.id))
        row.addStretch(1)
        self.setWidget(inner)

    def show_thumbnail(self, image_id: str, picture: QImage) -> None:
        """A small picture has come; the strip may show others meanwhile."""
        if image_id in self._buttons:
            self._buttons[image_id].show_picture(picture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        buttons = list(self._buttons.values())
        at = next((place for place, button in enumerate(buttons) if button.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
            return
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        target = at + (-step if leftwards else step)
        if 0 <= target < len(buttons):
            buttons[target].setFocus(Qt.FocusReason.TabFocusReason)
            buttons[target].click()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        for image_id, button in self._buttons.items():
            inside = button.rect().contains(button.mapFromGlobal(event.globalPos()))
            if inside or (event.reason() == QContextMenuEvent.Reason.Keyboard and button.hasFocus()):
                self.menu_wanted.emit(image_id, event.globalPos())
                return


def _shows(strip: VersionStrip, image_id: str) -> Callable[[QImage], None]:
    return lambda picture: strip.show_thumbnail(image_id, picture)


def _covering(picture: QImage, box: QRectF) -> QRectF:
    """The middle of a picture, in the shape of a box."""
    scale = min(picture.width() / box.width(), picture.height() / box.height())
    width, height = box.width() * scale, box.height() * scale
    return QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
