"""One field for each kind of control. They show a value without telling, and tell what a person chose."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.core.images.requests import SIZE_STEP
from aiproxy_desktop.ui.images.panel.controls import Control
from aiproxy_desktop.ui.images.panel.request import value_problem
from aiproxy_desktop.ui.images.panel.sizes import sides
from aiproxy_desktop.ui.images.panel.words import option_label, rows_of, value_label
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.slider import Slider
from aiproxy_desktop.ui.widgets.stepper import Stepper
from aiproxy_desktop.ui.widgets.text_area import TextArea
from aiproxy_desktop.ui.widgets.text_field import TextField as LineField

_OWN = "own"


class ControlField(QWidget):
    """Base of the fields.

    Signals:
        changed(object): a person chose another value.
    """

    changed = Signal(object)
    wide = False  # takes both columns

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__()
        self.control = control
        self.themes = themes
        self.name = name
        self.editing = editing
        self.label = option_label(control.option)
        self.aside: QWidget | None = None  # stands at the end of the label's line
        self.below: QWidget | None = None  # stands below it over both columns, while it is shown
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)

    def show_value(self, value: str | int) -> None:
        """Show it."""
        raise NotImplementedError

    def say_for(self, title: str) -> None:
        """Name the model for whom it is, for who cannot see under which heading it stands."""
        for child in self.findChildren(QWidget):
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus:
                child.setAccessibleDescription(title)


class ChoiceField(ControlField):
    """One of a few values."""

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__(themes, control, name, editing=editing)
        self.select = FormSelect(themes, rows_of(control, editing=editing), name=name, label=self.label)
        self.select.chosen.connect(self.changed.emit)
        self.column.addWidget(self.select)

    def show_value(self, value: str | int) -> None:
        if self.select.value != value or not self.select.text():
            self.select.set_value(str(value))


class SizeField(ControlField):
    """A size of the list or, where the model takes any, one's own with its own two fields."""

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__(themes, control, name, editing=editing)
        rows = rows_of(control, editing=editing)
        if control.free:
            rows.append((_OWN, tr("Own size…")))
        self._own_chosen = False
        self.select = _SizeSelect(themes, rows, name=name, label=self.label)
        self.select.control = control
        self.select.editing = editing
        self.select.chosen.connect(self._choose)
        self.column.addWidget(self.select)
        self.own = OwnSize(themes, control, f"{name}.own")
        self.own.changed.connect(self.changed.emit)
        self.own.setVisible(False)
        self.below = self.own

    def show_value(self, value: str | int) -> None:
        value = str(value)
        listed = value in self.control.values or value in {"", "auto"}
        own = self.control.free and (self._own_chosen or not listed)
        self.select.set_value(_OWN if own else value)
        self.own.setVisible(own)
        if own:
            self.own.show_size(value)

    def _choose(self, value: str) -> None:
        self._own_chosen = value == _OWN
        if value != _OWN:
            self.changed.emit(value)
            return
        self.own.begin(self.own.size_words() or "1024x1024")
        self.own.setVisible(True)
        self.changed.emit(self.own.size_words())
        # After the popover gave the keyboard back.
        QTimer.singleShot(0, self.own, self.own.focus_start)


class _SizeSelect(FormSelect):
    """Its rows tell the proportions, it itself has no room for them."""

    control: Control | None = None
    editing = False

    def set_value(self, value: str) -> None:
        super().set_value(value)
        if self.control is not None and value != _OWN:
            self.setText(value_label(self.control, value, editing=self.editing))
            self.setAccessibleName(f"{self._label}: {self.text()}")


class OwnSize(QWidget):
    """Width times height; what is wrong stands below at once. Up and Down go in steps."""

    changed = Signal(str)

    def __init__(self, themes: ThemeController, control: Control, name: str) -> None:
        super().__init__()
        self._control = control
        self.setObjectName(name)
        self._width = _Pixels(themes, f"{name}.width", tr("Width in pixels"))
        self._height = _Pixels(themes, f"{name}.height", tr("Height in pixels"))
        self._problem = Label("", "meta", "danger", wrap=True)
        self._problem.setObjectName(f"{name}.problem")
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._width, 1)
        row.addWidget(Label("×", "body", "muted"))
        row.addWidget(self._height, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._problem)
        for field in (self._width, self._height):
            field.textChanged.connect(self._typed)
        self._quiet = False
        self._check()

    @property
    def problem(self) -> str:
        """The sentence shown."""
        return self._problem.text()

    def size_words(self) -> str:
        """As it is sent; empty while nothing is typed."""
        if not self._width.text() and not self._height.text():
            return ""
        return f"{self._width.text() or 0}x{self._height.text() or 0}"

    def begin(self, size: str) -> None:
        """Begin with this size."""
        self.show_size(size)

    def show_size(self, size: str) -> None:
        """Show a size, unless it is what stands there."""
        found = sides(size)
        if found is None or size == self.size_words():
            return
        self._quiet = True
        self._width.setText(str(found[0]))
        self._height.setText(str(found[1]))
        self._quiet = False
        self._check()

    def focus_start(self) -> None:
        """Put the keyboard into the first field."""
        self._width.setFocus(Qt.FocusReason.TabFocusReason)
        self._width.selectAll()

    def _typed(self) -> None:
        if not self._quiet:
            self._check()
            self.changed.emit(self.size_words())

    def _check(self) -> None:
        problem = value_problem(self._control, self.size_words())
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        for field in (self._width, self._height):
            field.set_invalid(bool(problem))
            field.setAccessibleDescription(problem)


class _Pixels(LineField):
    def __init__(self, themes: ThemeController, name: str, accessible_name: str) -> None:
        super().__init__(themes, name=name, accessible_name=accessible_name)
        self.setValidator(QIntValidator(0, 99_999, self))
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: SIZE_STEP, Qt.Key.Key_Down: -SIZE_STEP}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        now = int(self.text() or 0)
        # To the next whole step first, where it stands between two.
        upwards = now // SIZE_STEP * SIZE_STEP + SIZE_STEP
        self.setText(
            str(max(SIZE_STEP, upwards if step > 0 else -(-now // SIZE_STEP) * SIZE_STEP - SIZE_STEP))
        )


class NumberField(ControlField):
    """How many."""

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__(themes, control, name, editing=editing)
        self.stepper = Stepper(
            themes, name=name, accessible_name=self.label, least=control.least, most=control.most
        )
        self.stepper.valueChanged.connect(self.changed.emit)
        self.column.addWidget(self.stepper)

    def show_value(self, value: str | int) -> None:
        self.stepper.set_number(int(value))


class PercentField(ControlField):
    """A share of a hundred, with its figure beside the label."""

    wide = True

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__(themes, control, name, editing=editing)
        self.slider = Slider(themes, name=name, accessible_name=self.label)
        self.slider.setRange(control.least, control.most)
        self.slider.setPageStep(10)
        self._figure = Label("", "meta", "secondary", tabular=True)
        self.aside = self._figure
        self.slider.valueChanged.connect(self._moved)
        self.column.addWidget(self.slider)

    def show_value(self, value: str | int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(int(value))
        self.slider.blockSignals(False)
        self._figure.setText(tr("{percent} %", percent=value))

    def _moved(self, value: int) -> None:
        self._figure.setText(tr("{percent} %", percent=value))
        self.changed.emit(value)


class TextField(ControlField):
    """Text as it is sent: a size, or further fields as lines `name=value`."""

    def __init__(self, themes: ThemeController, control: Control, name: str, *, editing: bool) -> None:
        super().__init__(themes, control, name, editing=editing)
        self.wide = control.kind == "fields"
        self._problem = Label("", "meta", "danger", wrap=True)
        self._problem.setObjectName(f"{name}.problem")
        self._area: TextArea | None = None
        self._line: LineField | None = None
        if self.wide:
            self._area = TextArea(
                name=name, accessible_name=self.label, placeholder=tr("name=value, one a line"), lines=2
            )
            self._area.textChanged.connect(self._typed)
            self.column.addWidget(self._area)
        else:
            self._line = LineField(themes, name=name, placeholder="1024x1024", accessible_name=self.label)
            self._line.setMinimumWidth(40)
            self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._line.textEdited.connect(self._typed)
            self.column.addWidget(self._line)
        self.column.addWidget(self._problem)
        self._check()

    def show_value(self, value: str | int) -> None:
        if str(value) != self._text():
            if self._area is not None:
                self._area.blockSignals(True)
                self._area.set_text(str(value))
                self._area.blockSignals(False)
            elif self._line is not None:
                self._line.setText(str(value))
        self._check()

    def _text(self) -> str:
        if self._area is not None:
            return self._area.toPlainText()
        return "" if self._line is None else self._line.text()

    def _typed(self) -> None:
        self._check()
        self.changed.emit(self._text())

    def _check(self) -> None:
        problem = value_problem(self.control, self._text())
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
