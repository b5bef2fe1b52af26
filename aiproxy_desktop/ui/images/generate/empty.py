"""What stands where nothing was made yet: what to do, and prompts to begin with."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.generate.words import starters
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import elided, rounded

_WIDTH = 640


class NothingYet(QWidget):
    """Signals: starter_chosen(str), models_wanted()."""

    starter_chosen = Signal(str)
    models_wanted = Signal()

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._title = Label("", "title")
        self._text = Label("", "body", "muted", wrap=True)
        self._models = Button(themes, tr("Open Models"), name=f"{name}.models", large=True)
        self._models.clicked.connect(self.models_wanted)
        self._starters = QWidget()
        grid = QGridLayout(self._starters)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for place, text in enumerate(starters()):
            starter = _Starter(themes, text, f"{name}.starter{place + 1}")
            starter.clicked.connect(lambda _checked=False, text=text: self.starter_chosen.emit(text))
            grid.addWidget(starter, place // 2, place % 2)
        column = QVBoxLayout()
        column.setSpacing(8)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        line = QHBoxLayout()
        line.addWidget(self._models)
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addSpacing(4)
        column.addLayout(line)
        column.addSpacing(8)
        column.addWidget(self._starters)
        middle = QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(_WIDTH)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        around = QHBoxLayout()
        around.setContentsMargins(24, 0, 24, 0)
        around.addStretch(1)
        around.addWidget(middle, 1000)
        around.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(around)
        whole.addStretch(3)

    def show_state(self, *, any_model: bool) -> None:
        """Say what to do now."""
        if any_model:
            self._title.setText(tr("No pictures yet"))
            self._text.setText(
                tr("Say in the panel what the picture shall show, or begin with one of these.")
            )
        else:
            self._title.setText(tr("No model for pictures is ready"))
            self._text.setText(
                tr(
                    "Add a key for OpenAI or Gemini in Models, or a server that makes images. "
                    "What you write here stays meanwhile."
                )
            )
        self._models.setVisible(not any_model)
        self._starters.setVisible(any_model)


class _Starter(PaintedButton):
    """A prompt in a hairline box."""

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, text: str, name: str) -> None:
        super().__init__(themes, text, name=name)
        self.setFont(font("body"))
        self.setFixedHeight(CONTROL.height_large)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        pointed = self.underMouse() or self.isDown()
        mixed = theme.mixed
        fill = mixed.surface_pressed if self.isDown() else mixed.surface_hover if pointed else None
        rounded(painter, QRectF(self.rect()), RADIUS.m, fill, theme.border)
        painter.setFont(self.font())
        painter.setPen(theme.text if pointed else theme.text_secondary)
        box = self.rect().adjusted(16, 0, -16, 0)
        text = elided(painter.fontMetrics(), self.text(), box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
