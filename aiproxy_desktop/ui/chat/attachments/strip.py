"""The chips of a message in rows, above its text; beyond three rows they scroll."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStyle, QWidget

from aiproxy_desktop.ui.chat.attachments.chip import HEIGHT, Chip
from aiproxy_desktop.ui.chat.attachments.viewmodel import DraftItem
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.focus import has_focus_inside

_GAP = 8
_MOST_ROWS = 3
# The focus ring stands outside of a chip.
_RING = 4


class ChipStrip(QScrollArea):
    """One Tab stop: the chip that was looked at last. Arrows move, Delete removes."""

    removed = Signal(int)
    all_removed = Signal()
    left = Signal()  # the last chip with the focus went: the person writes on
    picture_wanted = Signal(object)  # DraftItem

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._chips: list[Chip] = []
        self.setObjectName("chat.attachments")
        self.setAccessibleName(tr("Attachments"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._content = QWidget()
        self.setWidget(self._content)
        self.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)

    @property
    def chips(self) -> Sequence[Chip]:
        """In order."""
        return self._chips

    def show_items(self, items: Sequence[DraftItem], provider: str) -> None:
        """Show these; chips that stay keep their place and focus."""
        known = {chip.item.key: chip for chip in self._chips}
        had_focus = has_focus_inside(self)
        at = next((place for place, chip in enumerate(self._chips) if chip.hasFocus()), 0)
        self._chips = [known.pop(item.key) if item.key in known else self._made(item) for item in items]
        for chip in known.values():
            chip.hide()
            chip.deleteLater()
        refused: Chip | None = None
        for chip, item in zip(self._chips, items, strict=True):
            if item.state == "failed" and chip.item.state != "failed":
                refused = refused or chip
            fresh = chip.item.taken is None and item.taken is not None
            chip.show_item(item, provider)
            if fresh or (item.taken is not None and not chip.property("asked")):
                chip.setProperty("asked", True)
                self.picture_wanted.emit(item)
        self._arrange()
        self._choose_stop(self._chips[min(at, len(self._chips) - 1)] if self._chips else None)
        if had_focus and not has_focus_inside(self):
            self._focus(min(at, len(self._chips) - 1))
        if refused is not None:
            self.ensureWidgetVisible(refused, _RING, _RING)  # what went wrong is not left below the edge

    def show_picture(self, key: int, picture: QImage) -> None:
        """A thumbnail has come."""
        for chip in self._chips:
            if chip.item.key == key:
                chip.show_picture(picture)

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def _made(self, item: DraftItem) -> Chip:
        chip = Chip(self._themes, item, self._content)
        chip.removed.connect(self.removed)
        chip.all_removed.connect(self.all_removed)
        chip.moved.connect(self._step)
        chip.show()
        return chip

    def _rows(self) -> int:
        return (self._content.height() - 2 * _RING + _GAP) // (HEIGHT + _GAP)

    def _height(self) -> int:
        rows = min(max(self._rows(), 1), _MOST_ROWS)
        return rows * (HEIGHT + _GAP) - _GAP + 2 * _RING

    def _arrange(self) -> None:
        width = self.viewport().width()
        left, top = _RING, _RING
        places: list[QRect] = []
        for chip in self._chips:
            wanted = min(chip.sizeHint().width(), width - 2 * _RING)
            if left > _RING and left + wanted > width - _RING:
                left, top = _RING, top + HEIGHT + _GAP
            places.append(QRect(left, top, wanted, HEIGHT))
            left += wanted + _GAP
        before = self._height()
        self._content.resize(width, top + HEIGHT + _RING)
        for chip, place in zip(self._chips, places, strict=True):
            chip.setGeometry(QStyle.visualRect(self.layoutDirection(), self._content.rect(), place))
        if self._height() != before:
            self.updateGeometry()

    def _step(self, step: int) -> None:
        at = next((place for place, chip in enumerate(self._chips) if chip.hasFocus()), 0)
        if 0 <= at + step < len(self._chips):
            self._focus(at + step)

    def _focus(self, at: int) -> None:
        if at < 0:
            self.left.emit()
            return
        chip = self._chips[at]
        self._choose_stop(chip)
        chip.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(chip, _RING, _RING)

    def _choose_stop(self, stop: Chip | None) -> None:
        for chip in self._chips:
            policy = Qt.FocusPolicy.StrongFocus if chip is stop else Qt.FocusPolicy.ClickFocus
            chip.setFocusPolicy(policy)
