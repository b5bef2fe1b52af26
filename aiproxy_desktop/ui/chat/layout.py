"""Small pieces of the chat page's layout."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins

_SIDE = 16
# Of a title that is longer: what of it stands beside the figures at least.
_LEAST_TITLE = 120


class Centred(QWidget):
    """One widget in the middle, as wide as there is room, up to a width; `below` is kept free under it."""

    moved = Signal()  # it begins elsewhere

    def __init__(self, inner: QWidget, width: int, below: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = inner
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._below = below
        self._row = row = QHBoxLayout(self)
        row.setSpacing(0)
        row.addStretch(1)
        # So large a share that the stretches get only what exceeds the maximum width.
        row.addWidget(inner, 10_000)
        row.addStretch(1)
        self.set_width(width)

    def set_width(self, width: int, side: int = _SIDE) -> None:
        """Another width, and other room at its sides, pixels."""
        self._inner.setMaximumWidth(width)
        self._row.setContentsMargins(side, 0, side, self._below)

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.moved.emit()


class Header(QFrame):
    """Title of the conversation, and its figures where they are known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chat.header")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        self._title = ElidedLabel("", "reading_strong")
        self._title.setObjectName("chat.title")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._facts = Label("", "meta", "muted", tabular=True)
        self._facts.setObjectName("chat.facts")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(margins(24, 0, 12, 0))
        row.setSpacing(12)
        row.addWidget(self._title)
        row.addWidget(self._facts)
        row.addStretch(1)
        row.setAlignment(Qt.AlignmentFlag.AlignVCenter)

    def add_button(self, button: QWidget) -> None:
        """One more at the end."""
        self._row.addWidget(button)

    def show_facts(self, title: str, facts: str) -> None:
        """Show these."""
        self._title.setText(title)
        self._title.updateGeometry()
        self._facts.setText(facts)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The title comes before the figures where there is no room for both."""
        margins, spacing = self._row.contentsMargins(), self._row.spacing()
        items = [self._row.itemAt(at) for at in range(self._row.count())]
        widgets = [item.widget() for item in items if item is not None]
        buttons = [one for one in widgets if one is not None and one not in (self._title, self._facts)]
        taken = sum(spacing + one.sizeHint().width() for one in buttons if not one.isHidden())
        room = self.width() - margins.left() - margins.right() - taken
        title = min(self._title.sizeHint().width(), _LEAST_TITLE)
        facts = spacing + self._facts.sizeHint().width()
        self._facts.setVisible(bool(self._facts.text()) and title + facts <= room)
