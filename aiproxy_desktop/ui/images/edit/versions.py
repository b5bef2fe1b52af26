"""The strip of versions below the canvas: walk it, branch from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.edit.order import Version
from aiproxy_desktop.ui.images.edit.pending import Pending
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import elided

_HEIGHT = 112
_THUMB = QSize(96, 64)
_JOINT = 32
_SMOOTH = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}

# Device pixels; enough for the middle of it at twice the usual resolution.
_SIDE = 192


class _VersionButton(PaintedButton):
    """One version: its picture, number and name."""

    focus_radius = RADIUS.m

    def __init__(
        self, themes: ThemeController, version: Version, title: str, thumbnails: Thumbnails, parent: QWidget
    ) -> None:
        name = f"images.version.{version.number}"
        words = tr("Version {number}: {title}", number=version.number, title=title)
        super().__init__(themes, "", name=name, accessible_name=words, parent=parent)
        self.version = version
        self._title = title
        self._thumbnails = thumbnails
        self._ancestor = False
        self.setCheckable(True)
        set_tooltip(self, title)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def wanted(self) -> Wanted:
        """The small picture it shows."""
        return Wanted(self.version.image.hash, _SIDE, _SIDE)

    def show_state(self, *, current: bool, ancestor: bool) -> None:
        """Whether it is on the canvas, or what that was made from."""
        self.setChecked(current)
        self._ancestor = ancestor
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_THUMB.width() + 4, _HEIGHT - 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHints(_SMOOTH)
        box = QRectF(2, 6, _THUMB.width(), _THUMB.height())
        path = QPainterPath()
        path.addRoundedRect(box, RADIUS.s, RADIUS.s)
        painter.fillPath(path, QColor(theme.surface_sunken))
        picture = self._thumbnails.get(self.wanted)
        if picture is not None and not picture.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.drawPixmap(box, picture, _covering(picture.size(), box))
            painter.restore()
        edge = theme.accent if self.isChecked() else theme.border
        painter.setPen(QPen(QColor(edge), 2 if self.isChecked() else 1))
        painter.drawPath(path)
        strong = self.isChecked() or self.underMouse()
        painter.setPen(QColor(theme.text if strong or self._ancestor else theme.text_muted))
        painter.setFont(font("caption"))
        caption = f"{self.version.number}  {self._title}"
        text = elided(painter.fontMetrics(), caption, _THUMB.width())
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


class _PendingPicture(QWidget):
    """A version under way: what can be seen of it, and that it is being made."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.picture = QImage()
        self.setObjectName("images.pending")
        self.setAccessibleName(tr("A version that is being made"))
        self.setFixedSize(_THUMB.width() + 4, _HEIGHT - 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHints(_SMOOTH)
        box = QRectF(2, 6, _THUMB.width(), _THUMB.height())
        path = QPainterPath()
        path.addRoundedRect(box, RADIUS.s, RADIUS.s)
        painter.fillPath(path, QColor(theme.surface_sunken))
        if not self.picture.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(box, self.picture, _covering(self.picture.size(), box))
            painter.restore()
        painter.setPen(QPen(QColor(theme.border_strong), 1, Qt.PenStyle.DashLine))
        painter.drawPath(path)
        painter.setPen(QColor(theme.text_muted))
        painter.setFont(font("caption"))
        area = QRect(2, _THUMB.height() + 10, _THUMB.width(), 16)
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(area, leading, tr("Being made"))


class VersionStrip(QScrollArea):
    """The versions of one picture.

    Signals:
        chosen(str): an image's id, to be shown.
        menu_wanted(str, QPoint): what can be done with one, at this place of the screen.
    """

    chosen = Signal(str)
    menu_wanted = Signal(str, object)

    def __init__(
        self, themes: ThemeController, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self._repaint)
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
        self._pending: dict[str, _PendingPicture] = {}

    def show_versions(
        self, versions: Sequence[Version], title_of: Callable[[StoredImage], str], joined: Sequence[str]
    ) -> None:
        """Show these; `joined` are the ids of the one on the canvas, then of what that was made from."""
        shown = tuple((version.image.id, version.number) for version in versions)
        focus = QApplication.focusWidget()
        held = focus is not None and self.isAncestorOf(focus)
        if shown != self._shown:
            self._shown = shown
            self._fill(versions, title_of)
        current = joined[0] if joined else ""
        if held and not self.isAncestorOf(QApplication.focusWidget() or self):
            # The version that had the keyboard is gone, or drawn anew.
            target = self._buttons.get(current) or next(iter(self._buttons.values()), None)
            if target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)
        for image_id, button in self._buttons.items():
            button.show_state(current=image_id == current, ancestor=image_id in joined)
        if current in self._buttons:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            self.ensureWidgetVisible(self._buttons[current], 48, 0)

    def _fill(self, versions: Sequence[Version], title_of: Callable[[StoredImage], str]) -> None:
        inner = QWidget()
        inner.setProperty("layer", "surface")
        row = QHBoxLayout(inner)
        row.setContentsMargins(14, 6, 14, 8)
        row.setSpacing(2)
        self._buttons = {}
        for version in versions:
            if version.joint != "first":
                row.addWidget(_Joint(self._themes, branch=version.joint == "branch", parent=inner))
            button = _VersionButton(self._themes, version, title_of(version.image), self._thumbnails, inner)
            button.clicked.connect(
                lambda _checked=False, image_id=version.image.id: self.chosen.emit(image_id)
            )
            self._buttons[version.image.id] = button
            row.addWidget(button)
        self._thumbnails.want(self, [button.wanted for button in self._buttons.values()])
        self._pending = {}
        self._row = row
        row.addStretch(1)
        self.setWidget(inner)

    def show_pending(self, pending: Sequence[Pending]) -> None:
        """Show after the others what is being made."""
        inner = self.widget()
        keys = {one.key for one in pending}
        for key in [key for key in self._pending if key not in keys]:
            self._pending.pop(key).deleteLater()
        if inner is None:
            return
        added: list[_PendingPicture] = []
        for one in pending:
            if one.key not in self._pending:
                widget = self._pending[one.key] = _PendingPicture(self._themes, inner)
                self._row.insertWidget(self._row.count() - 1, widget)
                widget.show()
                added.append(widget)
            if one.shown is not None:
                self._pending[one.key].picture = one.shown
                self._pending[one.key].update()
        if added:
            # What was just asked for is what one looks for.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            for widget in (added[-1], added[0]):
                self.ensureWidgetVisible(widget, 16, 0)

    def _repaint(self, digest: str) -> None:
        for button in self._buttons.values():
            if button.wanted.digest == digest:
                button.update()

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


def _covering(picture: QSize, box: QRectF) -> QRectF:
    """The middle of a picture, in the shape of a box."""
    scale = min(picture.width() / box.width(), picture.height() / box.height())
    width, height = box.width() * scale, box.height() * scale
    return QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
