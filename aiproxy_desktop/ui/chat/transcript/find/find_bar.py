"""The bar of Find in conversation: what to look for, which hit of how many, on, back, close."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.text_field import TextField

_WIDTH: Final = 400
_HEIGHT: Final = 44
_SIDE: Final = 20
_GAP: Final = 8


class FindBar(QFrame):
    """A card at the upper end of a transcript.

    Signals:
        typed: what is looked for now.
        stepped: 1 for the next hit, -1 for the one before.
        closed: the person is done.
    """

    typed = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chat.findBar")
        self.setAccessibleName(tr("Find in conversation"))
        self.setProperty("card", True)
        self.field = TextField(
            themes,
            name="chat.findBar.field",
            placeholder=tr("Find in conversation"),
            icon="search",
            bare=True,
            parent=self,
        )
        self.field.set_icon_room(36)
        self._count = Label("", "meta", "muted", tabular=True)
        self._count.setObjectName("chat.findBar.count")
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(0, 0, 7, 0))
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        row.addSpacing(4)
        self._stops: list[QWidget] = [self.field]
        for name, icon, tooltip, act in (
            ("previous", "chev-up", tr("Previous hit"), lambda: self.stepped.emit(-1)),
            ("next", "chev-down", tr("Next hit"), lambda: self.stepped.emit(1)),
            ("close", "close", tr("Close"), self.closed.emit),
        ):
            button = Button(
                themes, name=f"chat.findBar.{name}", kind="quiet", icon=icon, tooltip=tooltip, parent=self
            )
            button.clicked.connect(lambda _checked=False, do=act: do())
            row.addWidget(button)
            self._stops.append(button)
        self.field.textEdited.connect(self.typed)
        self.field.installEventFilter(self)
        self.hide()

    @property
    def room(self) -> int:
        """Pixels it needs, from the upper edge down."""
        return _HEIGHT + 2 * _GAP

    def come_before(self, widget: QWidget) -> None:
        """Let Tab reach it before `widget`, as it stands over that."""
        former = widget.previousInFocusChain()
        stops = self._stops if former is None else [former, *self._stops]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def stand_in(self, area: QRect) -> None:
        """Stand at the upper end of an area of the parent."""
        width = min(_WIDTH, area.width() - 2 * _SIDE)
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = area.left() + _SIDE if leftwards else area.right() + 1 - _SIDE - width
        self.setGeometry(x, area.top() + _GAP, width, _HEIGHT)
        self.raise_()

    def tell(self, place: int, total: int, *, searching: bool) -> None:
        """Say which hit of how many; 0 for none of them."""
        text = ""
        if total and not place:
            text = tr_count("{n} hit", "{n} hits", total)
        elif self.field.text() and (total or not searching):
            text = (
                tr("{place} of {total}", place=f"{place:,}", total=f"{total:,}") if total else tr("No hits")
            )
        if text != self._count.text():
            self._count.setText(text)
            self.field.setAccessibleDescription(text)
            announce(self.field, text)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            # Esc closes the bar before the page takes it.
            event.setAccepted(event.key() == Qt.Key.Key_Escape)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3}:
                self.stepped.emit(-1 if back else 1)
                return True
        return super().eventFilter(watched, event)
