"""The strip of providers above the table: how each stands, in a word, and the one action that mends it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QWidget

from aiproxy_desktop.ui.models.providers.viewmodel import ProvidersViewModel
from aiproxy_desktop.ui.models.providers.words import StripItem
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.dot import paint_dot
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

HEIGHT = 44
_BUTTON = 28
# From the page's edge to the first dot, as the table's first column stands.
_START = 24
_PAD = 8
_DOT = 8
_GAP = 8
_BETWEEN = 9
_LONGEST_NAME = 120


class ProviderStrip(QFrame):
    """All providers on one line; those that find no room are behind “+3 more”.

    Emits `opened` with the id of a provider that was pressed, or whose key is to be typed.
    """

    opened = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: ProvidersViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._view_model = view_model
        self._entries: dict[str, _Entry] = {}
        self._hidden: list[StripItem] = []
        self._lines: list[int] = []
        self.setObjectName("models.providers")
        self.setAccessibleName(tr("Providers"))
        self.setProperty("edge", "bottom")
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._more = Button(themes, "", name="models.providers.more", kind="quiet", chevron=True, parent=self)
        self._more.clicked.connect(self._show_more)
        view_model.rows_changed.connect(self._show)
        self._show()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(self._themes.theme.border))
        for place in self._lines:
            x = mirrored(self, QRect(place, 0, 1, HEIGHT)).x()
            painter.drawLine(x, 10, x, HEIGHT - 11)

    def _show(self) -> None:
        items = self._view_model.items
        for provider_id in self._entries.keys() - {item.id for item in items}:
            self._entries.pop(provider_id).leave()
        for item in items:
            entry = self._entries.get(item.id)
            if entry is None:
                entry = self._entries[item.id] = _Entry(self._themes, item, self)
                entry.button.clicked.connect(lambda _=False, one=item.id: self.opened.emit(one))
                entry.mend.clicked.connect(lambda _=False, one=item.id: self._mend(one))
            entry.show_item(item)
        self._entries = {item.id: self._entries[item.id] for item in items}
        stops: list[QWidget] = [*(part for one in self._entries.values() for part in one.parts), self._more]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)
        self._arrange()

    def _arrange(self) -> None:
        """Place as many as find room, in their order."""
        entries = list(self._entries.values())
        places, width = [], _START - _PAD
        for entry in entries:
            places.append(width)
            width += entry.width() + 2 * _BETWEEN + 1
        fits = len(entries)
        if width - _BETWEEN > self.width():
            room = self.width() - self._more_width(len(entries)) - _PAD
            ends = [place + entry.width() + _BETWEEN for place, entry in zip(places, entries, strict=True)]
            fits = sum(end <= room for end in ends)
        for index, (entry, place) in enumerate(zip(entries, places, strict=True)):
            entry.place(self, place, shown=index < fits)
        self._hidden = [entry.item for entry in entries[fits:]]
        self._lines = [place - _BETWEEN - 1 for place in places[1 : max(fits, 1)]]
        self._more.setVisible(bool(self._hidden))
        if self._hidden:
            self._more.set_label(_more(len(self._hidden)))
            self._more.set_icon("warning" if any(one.tone == "danger" for one in self._hidden) else "")
            self._more.setAccessibleName(
                tr_count("{n} more provider", "{n} more providers", len(self._hidden))
            )
            size = self._more.sizeHint()
            left = places[fits] if fits else _START - _PAD
            box = QRect(left, (HEIGHT - size.height()) // 2, size.width(), size.height())
            self._more.setGeometry(mirrored(self, box))
            if fits:
                self._lines.append(left - _BETWEEN - 1)
        self.update()

    def _more_width(self, count: int) -> int:
        metrics = QFontMetrics(font("body_medium"))
        return metrics.horizontalAdvance(_more(count)) + 84  # both icons and the room round them

    def _mend(self, provider_id: str) -> None:
        item = self._entries[provider_id].item
        if item.action:
            self._view_model.act(provider_id, item.action)
        if item.action in {"addKey", "changeKey"}:
            self.opened.emit(provider_id)

    def _show_more(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("models.providers.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for item in self._hidden:
            action = menu.addAction(f"{item.label}  ·  {item.word}".replace("&", "&&"))
            action.triggered.connect(lambda _=False, one=item.id: self.opened.emit(one))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height() + 4)))


class _Entry:
    """One provider: a button with dot, name and word, and a link where something can be mended."""

    def __init__(self, themes: ThemeController, item: StripItem, parent: QWidget) -> None:
        self.item = item
        self.button = _ItemButton(themes, item, parent)
        self.mend = Button(themes, "", name=f"models.providers.{item.id}.mend", kind="link", parent=parent)
        self.parts = (self.button, self.mend)

    def show_item(self, item: StripItem) -> None:
        """Show how it stands now."""
        self.item = item
        self.button.show_item(item)
        if item.action_label != self.mend.text():
            self.mend.setText(item.action_label)
        self.mend.setAccessibleName(f"{item.action_label}, {item.label}")

    def width(self) -> int:
        """Of both parts."""
        mend = self.mend.sizeHint().width() if self.item.action else 0
        return self.button.sizeHint().width() + mend

    def place(self, strip: QWidget, left: int, *, shown: bool) -> None:
        """Put both parts there."""
        top, width = (HEIGHT - _BUTTON) // 2, self.button.sizeHint().width()
        self.button.setGeometry(mirrored(strip, QRect(left, top, width, _BUTTON)))
        mend = QRect(left + width, top, self.mend.sizeHint().width(), _BUTTON)
        self.mend.setGeometry(mirrored(strip, mend))
        self.button.setVisible(shown)
        mends = shown and bool(self.item.action)
        if self.mend.hasFocus() and shown and not mends:
            self.button.setFocus(Qt.FocusReason.TabFocusReason)
        self.mend.setVisible(mends)

    def leave(self) -> None:
        """The provider is gone."""
        for part in self.parts:
            part.hide()
            part.deleteLater()


class _ItemButton(PaintedButton):
    def __init__(self, themes: ThemeController, item: StripItem, parent: QWidget) -> None:
        super().__init__(themes, item.label, name=f"models.providers.{item.id}", parent=parent)
        self._item = item
        self._word_font = font("meta")
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def show_item(self, item: StripItem) -> None:
        self._item = item
        metrics = QFontMetrics(self.font())
        # An ampersand would underline the letter after it.
        self.setText(metrics.elidedText(item.label, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME))
        self.setAccessibleName(item.spoken)
        set_tooltip(self, item.label if self.text() != item.label else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        name = self.fontMetrics().horizontalAdvance(self.text())
        word = QFontMetrics(self._word_font).horizontalAdvance(self._item.word)
        return QSize(_PAD + _DOT + _GAP + name + _GAP + word + _PAD, _BUTTON)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        overlay = self.overlay()
        if overlay is not None:
            rounded(painter, self.rect().toRectF(), RADIUS.s, overlay)
        dot = mirrored(self, QRect(_PAD, 0, _DOT, self.height()))
        paint_dot(painter, QPointF(dot.x() + _DOT / 2, self.height() / 2), self._item.dot, theme)
        painter.setPen(QColor(theme.text))
        painter.setFont(self.font())
        name = painter.fontMetrics().horizontalAdvance(self.text())
        left = _PAD + _DOT + _GAP
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(mirrored(self, QRect(left, 0, name + 2, self.height())), flags, self.text())
        painter.setPen(QColor(theme.danger if self._item.tone == "danger" else theme.text_muted))
        painter.setFont(self._word_font)
        word = painter.fontMetrics().horizontalAdvance(self._item.word)
        place = QRect(left + name + _GAP, 0, word + 2, self.height())
        painter.drawText(mirrored(self, place), flags, self._item.word)


def _more(count: int) -> str:
    return tr("+{n} more", n=count)
