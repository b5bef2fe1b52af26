"""What a filter offers, in a popover: several to tick, or one of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.check_box import CheckBox
from aiproxy_desktop.ui.widgets.choice import Choice
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.select import RowList

_LEAST_WIDTH = 180
_MOST_HEIGHT = 360


class Ticks(QScrollArea):
    """Boxes below one another; arrows move between them. Emits `ticked` with a value, on or off."""

    ticked = Signal(str, bool)

    def __init__(
        self, themes: ThemeController, choices: Sequence[Choice], *, name: str, accessible_name: str
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("layer", "raised")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._boxes: list[CheckBox] = []
        for choice in choices:
            box = CheckBox(themes, choice.words, name=f"{name}.{choice.value}", on=choice.chosen)
            box.toggled.connect(lambda on, value=choice.value: self.ticked.emit(value, on))
            column.addWidget(box)
            self._boxes.append(box)
        if not choices:
            column.addWidget(Label(tr("Nothing to choose from yet"), "body", "muted"))
        column.addStretch(1)
        self._inner = inner
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        wanted = self._inner.sizeHint()
        return QSize(max(wanted.width() + 16, _LEAST_WIDTH), min(wanted.height(), _MOST_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        focused = focused_widget()
        if step is None or not isinstance(focused, CheckBox) or focused not in self._boxes:
            event.ignore()
            return
        target = self._boxes[(self._boxes.index(focused) + step) % len(self._boxes)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(target, 0, 8)


def ticks_for(
    themes: ThemeController,
    choices: Sequence[Choice],
    change: Callable[[str, bool], None],
    *,
    name: str,
    accessible_name: str,
) -> Ticks:
    """Boxes that tell `change` what was ticked."""
    made = Ticks(themes, choices, name=name, accessible_name=accessible_name)
    made.ticked.connect(change)
    return made


def rows_for(
    themes: ThemeController,
    choices: Sequence[Choice],
    take: Callable[[str], None],
    *,
    name: str,
    accessible_name: str,
) -> RowList:
    """Rows of which one is taken: `take` is told its value."""
    words = [choice.words for choice in choices]
    rows = RowList(themes, words, name=name, accessible_name=accessible_name)
    chosen = next((place for place, choice in enumerate(choices) if choice.chosen), 0)
    rows.setCurrentIndex(rows.model().index(chosen, 0))
    rows.picked.connect(lambda place: take(choices[place].value))
    return rows
