"""The page before the first word: a heading, and below the composer what else there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.welcome import InfoRow, starters
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS, TYPE
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.dot import Dot
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label, set_property
from aiproxy_desktop.ui.widgets.painting import margins, rounded

_ROW = 56


class Welcome(QWidget):
    """The heading and the line that says who answers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chat.firstRun")
        self.setAccessibleName(tr("New chat"))
        self._line = Label("", "reading", "secondary", wrap=True)
        self._line.setMinimumHeight(TYPE["reading"].line_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 24)
        column.setSpacing(4)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self._head.addWidget(Label(tr("Ask anything"), "display"), 1)
        column.addLayout(self._head)
        column.addWidget(self._line)

    def add_button(self, button: QWidget) -> None:
        """One more at the heading's end."""
        self._head.addWidget(button)

    @property
    def line(self) -> str:
        """What it says about the model."""
        return self._line.text()

    def set_line(self, sentence: str) -> None:
        """Say who answers."""
        self._line.setText(sentence)


class _InfoWidget(QFrame):
    """One row of the card: dot, two lines, one button."""

    acted = Signal(object)  # InfoRow

    def __init__(self, themes: ThemeController, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: InfoRow | None = None
        self.setFixedHeight(_ROW)
        self._dot = Dot(themes)
        self._title = ElidedLabel("", "body_medium")
        self._detail = ElidedLabel("", "meta", "muted")
        self._button = Button(themes, "", name=f"chat.firstRun.{name}")
        self._button.clicked.connect(lambda: self.acted.emit(self._shown))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(15, 0, 8, 0))
        row.setSpacing(12)
        row.addWidget(self._dot)
        row.addLayout(words, 1)
        row.addWidget(self._button)

    @property
    def stop(self) -> QWidget:
        """What Tab reaches in it."""
        return self._button

    def show_row(self, row: InfoRow) -> None:
        """Show another content; the button keeps its place and focus."""
        self._shown = row
        self._dot.set_state(row.availability)
        self._title.setText(row.title)
        self._detail.setText(row.detail)
        self._button.set_label(row.label)
        self._button.updateGeometry()
        self._button.setVisible(bool(row.label))


class _Starter(PaintedButton):
    """A prompt to begin with, in a hairline box."""

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, text: str, number: int) -> None:
        super().__init__(themes, text, name=f"chat.firstRun.starter{number}")
        self.setFont(font("body"))
        self.setFixedHeight(CONTROL.height_large)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        pointed = self.underMouse() or self.isDown()
        fill = (
            theme.mixed.surface_pressed if self.isDown() else theme.mixed.surface_hover if pointed else None
        )
        rounded(painter, QRectF(self.rect()), RADIUS.m, fill, theme.border)
        painter.setFont(self.font())
        painter.setPen(theme.text if pointed else theme.text_secondary)
        box = self.rect().adjusted(16, 0, -16, 0)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


class Suggestions(QWidget):
    """Below the composer: what was found or needs a key, and four prompts to begin with."""

    acted = Signal(object)  # InfoRow
    starter_chosen = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._rows: dict[str, _InfoWidget] = {}
        self._starters: list[QWidget] = []
        self.setObjectName("chat.firstRun.suggestions")
        self._card = QFrame(self)
        self._card_column = QVBoxLayout(self._card)
        self._card_column.setContentsMargins(1, 1, 1, 1)
        self._card_column.setSpacing(0)
        grid = QGridLayout()
        grid.setSpacing(8)
        for number, text in enumerate(starters()):
            starter = _Starter(themes, text, number + 1)
            starter.clicked.connect(lambda _checked=False, text=text: self.starter_chosen.emit(text))
            grid.addWidget(starter, number // 2, number % 2)
            self._starters.append(starter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._card)
        column.addSpacing(24)
        column.addWidget(Label(tr("Or begin with one of these"), "meta", "muted"))
        column.addSpacing(8)
        column.addLayout(grid)

    def show_rows(self, rows: Sequence[InfoRow]) -> None:
        """Show what was found."""
        for key in self._rows.keys() - {row.key for row in rows}:
            self._rows.pop(key).deleteLater()
        for place, row in enumerate(rows):
            widget = self._rows.get(row.key)
            if widget is None:
                widget = _InfoWidget(self._themes, row.key, self._card)
                widget.acted.connect(self.acted)
                self._rows[row.key] = widget
                self._card_column.insertWidget(place, widget)
            widget.show_row(row)
            set_property(widget, "edge", "top" if place else "")
        self._card.setVisible(bool(rows))
        # The rows came last and stand first.
        stops = [self._rows[row.key].stop for row in rows]
        for before, after in pairwise([*stops, *self._starters]):
            QWidget.setTabOrder(before, after)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._card.isVisible():
            rounded(QPainter(self), QRectF(self._card.geometry()), RADIUS.m, None, self._themes.theme.border)
