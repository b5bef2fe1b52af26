"""One option a row: what it is, its control, and why it cannot be set."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.slider import Slider

_LABEL = 112
_HEIGHT = 32
_STEPS = 20
_MIDDLE = 10


class OptionRow(QWidget):
    """A label and its controls at the end; below, in one sentence, what is to be known."""

    def __init__(
        self, label: str, control: QWidget, *more: QWidget, detail: str = "", wide: bool = False
    ) -> None:
        """Lay them out.

        Args:
            label: what is set.
            control: sets it.
            more: buttons after it.
            detail: muted after the controls, such as a unit.
            wide: the control takes the room between.
        """
        super().__init__()
        self._control = control
        self._label = Label(label, "body")
        self._label.setMinimumWidth(_LABEL)
        self._note = Label("", "meta", "muted", wrap=True)
        self._note.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._label)
        if not wide:
            line.addStretch(1)
        line.addWidget(control, 1 if wide else 0)
        for button in more:
            line.addWidget(button)
        if detail:
            line.addWidget(Label(detail, "meta", "muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._note)
        control.setMinimumHeight(min(control.sizeHint().height(), _HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_reason(self, sentence: str) -> None:
        """Say why it cannot be set, or with nothing that it can."""
        self._control.setEnabled(not sentence)
        self._label.set_tone("muted" if sentence else "text")
        self.set_note(sentence)

    def set_note(self, sentence: str) -> None:
        """One sentence below, or none."""
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))
        self._control.setAccessibleDescription(sentence)


class TemperatureControl(QWidget):
    """From 0 to 2 in tenths, or left to the provider, which is None."""

    changed = Signal(object)  # float or None

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__()
        self._value: float | None = None
        self._showing = False
        self._slider = Slider(themes, name=name, accessible_name=tr("Temperature"), parent=self)
        self._slider.setRange(0, _STEPS)
        self._slider.setPageStep(5)
        self._shown = Label("", "body", "secondary", tabular=True)
        self._shown.setMinimumWidth(48)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._default = Button(themes, tr("Default"), name=f"{name}Default", kind="quiet", parent=self)
        self._default.setAccessibleName(tr("Leave the temperature to the provider"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._slider, 1)
        row.addWidget(self._shown)
        row.addWidget(self._default)
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(lambda: self._moved(self._slider.value()))
        self._default.clicked.connect(lambda: self.changed.emit(None))

    def show_value(self, value: float | None) -> None:
        """Show it without telling."""
        self._value = value
        self._showing = True
        self._slider.setValue(_MIDDLE if value is None else round(value * 10))
        self._showing = False
        shown = tr("Default") if value is None else f"{value:.1f}"
        self._shown.setText("–" if value is None else shown)
        self._slider.setAccessibleDescription(shown)
        self._default.setEnabled(value is not None)

    def _moved(self, steps: int) -> None:
        if not self._showing and (self._value is None or round(self._value * 10) != steps):
            self.changed.emit(steps / 10)
