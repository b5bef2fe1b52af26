"""The tags of an image: chips with a cross each, and a field that adds one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCompleter, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.storage.images import MAX_TAG
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.flow_layout import FlowLayout
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import elided, mirrored, rounded
from aiproxy_desktop.ui.widgets.text_field import TextField

_PAD = 8
_ICON = 12
_MOST_TEXT = 200


class TagChip(PaintedButton):
    """One tag; pressing it, or Delete on it, takes it away: `clicked`."""

    def __init__(self, themes: ThemeController, tag: str) -> None:
        super().__init__(themes, tag, name=f"images.gallery.tag.{tag}")
        self.tag = tag
        self.setFont(font("meta"))
        shown = elided(self.fontMetrics(), tag, _MOST_TEXT)
        self.setText(shown)
        self.setAccessibleName(tr("Remove the tag {tag}", tag=tag))
        set_tooltip(self, tag if shown != tag else "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(2 * _PAD + self.fontMetrics().horizontalAdvance(self.text()) + 4 + _ICON, 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        pointed = self.underMouse()
        fill = theme.mixed.surface_raised_hover if pointed else theme.surface_raised
        rounded(painter, QRectF(self.rect()), RADIUS.s, fill, theme.border_strong)
        painter.setFont(self.font())
        painter.setPen(theme.text)
        box = mirrored(self, self.rect().adjusted(_PAD, 0, -_PAD - _ICON, 0))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        ink = theme.text if pointed else theme.text_muted
        icon = icon_pixmap("close", ink, _ICON, self.devicePixelRatioF())
        place = QRect(self.width() - _PAD - _ICON + 2, (self.height() - _ICON) // 2, _ICON, _ICON)
        painter.drawPixmap(mirrored(self, place).topLeft(), icon)


class TagEditor(QWidget):
    """Emits `tags_wanted` with all tags as they should be."""

    tags_wanted = Signal(object)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._tags: tuple[str, ...] = ()
        self.setObjectName("images.gallery.tags")
        self.setAccessibleName(tr("Tags"))
        self._chips = QWidget()
        self._chips.hide()
        self._flow = FlowLayout(self._chips, gap=4)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._chips.setSizePolicy(policy)
        self.field = TextField(themes, name="images.gallery.addTag", placeholder=tr("Add a tag"))
        self.field.setMaxLength(MAX_TAG)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = completer.popup()
        if popup is not None:  # it never is
            popup.setObjectName("images.gallery.addTag.known")
            popup.setAccessibleName(tr("Tags in use"))
        self.field.setCompleter(completer)
        self.field.returnPressed.connect(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._chips)
        column.addWidget(self.field)

    def show_tags(self, tags: Sequence[str]) -> None:
        """Show these."""
        if tuple(tags) == self._tags:
            return
        self._tags = tuple(tags)
        self._flow.empty()
        for tag in self._tags:
            chip = TagChip(self._themes, tag)
            chip.clicked.connect(lambda _checked=False, tag=tag: self._remove(tag))
            self._flow.addWidget(chip)
        self._chips.setVisible(bool(self._tags))
        self._chips.updateGeometry()

    def set_known(self, tags: Sequence[str]) -> None:
        """Offer these while one is typed."""
        if list(tags) != self._known.stringList():
            self._known.setStringList(list(tags))

    def _add(self) -> None:
        wanted = [tag.strip() for tag in self.field.text().split(",") if tag.strip()]
        # The completer writes what was chosen after this has run.
        self.field.clear()
        if wanted:
            self.tags_wanted.emit((*self._tags, *wanted))

    def _remove(self, tag: str) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.tags_wanted.emit(tuple(one for one in self._tags if one != tag))
