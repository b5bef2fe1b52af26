"""How a built-in model is run: the size of its context on a slider, its threads by steps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.local.words import tokens_words
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.slider import Slider

# After the last key on the slider.
_SETTLED_MS = 700
_VALUE = 80


class ContextControl(QWidget):
    """A choice of contexts. `moved` tells where the slider is, `chosen` where it was left."""

    moved = Signal(int)  # tokens
    chosen = Signal(int)  # tokens

    def __init__(self, themes: ThemeController, *, name: str, of: str) -> None:
        """Make it; `of` is the model's name, for assistive technology."""
        super().__init__()
        self._steps: tuple[int, ...] = ()
        self._showing = False
        self._shown = Label("", "body", "text", tabular=True)
        self.slider = Slider(themes, name=name, accessible_name=tr("Context of {model}", model=of))
        self.slider.setPageStep(1)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(tr("Context"), "body", "secondary"))
        head.addStretch(1)
        head.addWidget(self._shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.slider)
        self.slider.valueChanged.connect(self._changed)
        self.slider.sliderReleased.connect(self._settle)
        self._timer.timeout.connect(self._settle)

    @property
    def value(self) -> int:
        """Tokens, where the slider is; 0 before there is a choice."""
        return self._steps[self.slider.value()] if self._steps else 0

    def show_choice(self, steps: Sequence[int], value: int) -> None:
        """Offer these (tokens, the smallest first), and show one without telling; not while it is moved."""
        if self.slider.isSliderDown() or self._timer.isActive():
            return
        self._showing = True
        self._steps = tuple(steps)
        self.slider.setRange(0, max(len(steps) - 1, 0))
        self.slider.setEnabled(len(steps) > 1)
        self.slider.setValue(min(bisect_left(self._steps, value), max(len(steps) - 1, 0)))
        self._showing = False
        self._say()

    def hideEvent(self, event: QHideEvent) -> None:
        # What was chosen just before leaving counts.
        if self._timer.isActive():
            self._settle()
        super().hideEvent(event)

    def _changed(self) -> None:
        if self._showing:
            return
        self._say()
        self.moved.emit(self.value)
        if not self.slider.isSliderDown():
            self._timer.start()

    def _settle(self) -> None:
        self._timer.stop()
        self.chosen.emit(self.value)

    def _say(self) -> None:
        said = tokens_words(self.value)
        self._shown.setText(said)
        self.slider.setAccessibleDescription(said)


class ThreadsStepper(QWidget):
    """Automatic, or a number of threads from 1 to as many as there are cores."""

    chosen = Signal(object)  # int, or None for automatic

    def __init__(self, themes: ThemeController, most: int, *, name: str, of: str) -> None:
        """Make it; `of` is the model's name, for assistive technology."""
        super().__init__()
        self._most = most
        self._value: int | None = None
        self._shown = Label("", "body", "text", tabular=True)
        self._shown.setMinimumWidth(_VALUE)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._fewer = Button(
            themes, name=f"{name}Fewer", icon="minus", tooltip=tr("Fewer threads for {model}", model=of)
        )
        self._more = Button(
            themes, name=f"{name}More", icon="plus", tooltip=tr("More threads for {model}", model=of)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(Label(tr("Threads"), "body", "secondary"))
        row.addStretch(1)
        row.addWidget(self._fewer)
        row.addWidget(self._shown)
        row.addWidget(self._more)
        self._fewer.clicked.connect(lambda: self._step(-1))
        self._more.clicked.connect(lambda: self._step(1))

    def show_value(self, value: int | None) -> None:
        """Show it without telling."""
        self._value = None if value is None else min(value, self._most)
        count = self._value or 0
        said = tr_count("{n} thread", "{n} threads", count) if count else tr("Automatic")
        self._shown.setText(f"{count:,}" if count else said)
        # A button that has the focus stays enabled: else the keyboard would lose its place.
        self._fewer.setEnabled(count > 0 or self._fewer.hasFocus())
        self._more.setEnabled(count < self._most or self._more.hasFocus())
        for button in (self._fewer, self._more):
            button.setAccessibleDescription(said)

    def _step(self, by: int) -> None:
        count = min(max((self._value or 0) + by, 0), self._most)
        if count != (self._value or 0):
            self.chosen.emit(count or None)
