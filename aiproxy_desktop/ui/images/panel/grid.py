"""The controls of the chosen models, two beside one another; made anew only where they are others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.panel.controls import Control, Section
from aiproxy_desktop.ui.images.panel.fields import (
    ChoiceField,
    ControlField,
    NumberField,
    PercentField,
    SizeField,
    TextField,
)
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.images.panel.words import option_label
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.labels import ElidedLabel

_GAP = 12

_KINDS: dict[str, type[ControlField]] = {
    "choice": ChoiceField,
    "size": SizeField,
    "number": NumberField,
    "percent": PercentField,
    "text": TextField,
    "fields": TextField,
}


class ControlsGrid(QWidget):
    """Follows the view-model. `rebuilt`: other fields stand there now."""

    rebuilt = Signal()

    def __init__(self, themes: ThemeController, view_model: RequestViewModel, *, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._name = name
        self._shown: tuple[object, ...] = ()
        self._fields: list[tuple[Section, Control, ControlField]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._inner: QWidget | None = None
        view_model.controls_changed.connect(self.show_controls)
        self.show_controls()

    @property
    def fields(self) -> list[tuple[Section, Control, ControlField]]:
        """What stands there, in order."""
        return self._fields

    def show_controls(self) -> None:
        """Show the controls and values that are in force."""
        editing = self._vm.pictures.base is not None
        shown = [(section, self._vm.shown(section)) for section in self._vm.sections]
        wanted = (editing, *shown)
        if wanted != self._shown:
            self._shown = wanted
            self._rebuild([(section, controls) for section, controls in shown if controls], editing)
        for section, control, field in self._fields:
            field.show_value(self._vm.value(section, control))

    def _rebuild(self, shown: Sequence[tuple[Section, Sequence[Control]]], editing: bool) -> None:
        focused = focused_widget()
        had = focused.objectName() if focused is not None and self.isAncestorOf(focused) else ""
        former, self._fields = self._inner, []
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for place, (section, controls) in enumerate(shown):
            if section.title:
                title = ElidedLabel(section.title, "body_strong", mode=Qt.TextElideMode.ElideMiddle)
                title.setContentsMargins(0, 4, 0, 0)
                column.addWidget(title)
            column.addLayout(self._grid(section, controls, place, editing))
        self._inner = inner
        self._column.addWidget(inner)
        inner.show()  # at once: the keyboard can be given to what is shown alone
        if former is not None:
            self._column.removeWidget(former)
            former.hide()
            former.setParent(None)  # nobody shall find what stood there before
            former.deleteLater()
        if had:
            again = inner.findChild(QWidget, had)
            if isinstance(again, QWidget):
                again.setFocus(Qt.FocusReason.OtherFocusReason)
        self.rebuilt.emit()

    def _grid(self, section: Section, controls: Sequence[Control], place: int, editing: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(12)
        # Sizes stand in the first one, and are the longest words.
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 4)
        row = column = 0
        below: QWidget | None = None
        for last, control in enumerate(controls, 1 - len(controls)):
            name = f"{self._name}.{control.option}" + (f".{place}" if section.reference else "")
            field = _KINDS[control.kind](self._themes, control, name, editing=editing)
            field.changed.connect(
                lambda value, section=section, control=control: self._vm.set_value(
                    section, control.option, value
                )
            )
            if section.title:
                field.say_for(section.title)
            self._fields.append((section, control, field))
            if field.wide and column:
                row, column = row + 1, 0
            grid.addWidget(_labelled(control, field), row, column, 1, 2 if field.wide else 1)
            below = field.below or below
            row, column = (row + 1, 0) if field.wide or column else (row, 1)
            if below is not None and (column == 0 or last == 0):
                grid.addWidget(below, row + column, 0, 1, 2)
                row, column, below = row + column + 1, 0, None
        return grid


def _labelled(control: Control, field: ControlField) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    head = QHBoxLayout()
    head.setSpacing(8)
    label = ElidedLabel(option_label(control.option), "meta", "secondary")
    head.addWidget(label, 1)
    if field.aside is not None:
        head.addWidget(field.aside)
    column.addLayout(head)
    column.addWidget(field)
    column.addStretch(1)
    return cell
