"""What is needed, to be ticked and chosen; in force at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.models.best.needs import (
    BUDGETS,
    CONTEXTS,
    ability_words,
    budget_words,
    where_words,
    wish_words,
)
from aiproxy_desktop.ui.models.best.viewmodel import BestViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.check_box import CheckBox
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import ROW, inset
from aiproxy_desktop.ui.widgets.select import Select

_ANY = ""


class NeedsForm(QWidget):
    """Shows the needs of a view-model and passes on what is changed. Made to be put `reaching` ROW."""

    def __init__(self, themes: ThemeController, view_model: BestViewModel, *, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._name = name
        self._abilities = self._boxes(ability_words(), "need")
        self._wishes = self._boxes(wish_words(), "wish")
        self._context = self._select("context", tr("Context at least"), _contexts())
        self._where = self._select("where", tr("Where it runs"), _places())
        self._budget = self._select("budget", tr("Price of a million tokens written"), _budgets())
        self._lay_out()
        self._follow()
        self.show_needs()

    def show_needs(self) -> None:
        """Show what holds now."""
        needs = self._vm.needs
        for ability, box in self._abilities.items():
            box.set_on(ability in needs.abilities)
        for wish, on in (("cheaper", needs.cheaper), ("faster", needs.faster), ("here", needs.here)):
            self._wishes[wish].set_on(on)
        self._context.set_value(str(needs.context or _ANY))
        self._where.set_value(needs.where)
        self._budget.set_value(_ANY if needs.budget is None else f"{needs.budget:g}")

    def _boxes(self, named: Mapping[str, str], kind: str) -> dict[str, CheckBox]:
        return {
            value: CheckBox(self._themes, text, name=f"{self._name}.{kind}.{value}")
            for value, text in named.items()
        }

    def _select(self, name: str, title: str, options: Sequence[tuple[str, str]]) -> Select:
        return Select(
            *(self._themes, options[0][1], options), name=f"{self._name}.{name}", accessible_name=title
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head, middle = inset(ROW), inset(ROW)
        head.addWidget(Label(tr("It must be able to"), "meta", "muted"))
        column.addLayout(head)
        column.addWidget(BoxColumns(list(self._abilities.values())))
        column.addSpacing(4)
        column.addLayout(middle)
        middle.setSpacing(4)
        for title, select in (
            (tr("Context at least"), self._context),
            (tr("Runs"), self._where),
            (tr("Price out"), self._budget),
        ):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Label(title, "body", "secondary", wrap=True), 1)
            row.addWidget(select)
            middle.addLayout(row)
        middle.addSpacing(8)
        middle.addWidget(Label(tr("Among those"), "meta", "muted"))
        column.addWidget(BoxColumns(list(self._wishes.values())))

    def _follow(self) -> None:
        vm = self._vm
        vm.needs_changed.connect(self.show_needs)
        for ability, box in self._abilities.items():
            box.toggled.connect(lambda on, ability=ability: vm.need_ability(ability, on))
        for wish, box in self._wishes.items():
            box.toggled.connect(lambda on, wish=wish: vm.need(**{wish: on}))
        self._context.chosen.connect(lambda value: vm.need(context=int(value or 0)))
        self._where.chosen.connect(lambda value: vm.need(where=value))
        self._budget.chosen.connect(lambda value: vm.need(budget=float(value) if value else None))


class BoxColumns(QWidget):
    """Check boxes in two columns, down the first and then the second; in one where that is too narrow."""

    def __init__(self, boxes: Sequence[CheckBox]) -> None:
        super().__init__()
        self._boxes = boxes
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._place(2)

    @property
    def columns(self) -> int:
        """How many there are now."""
        return self._columns

    def minimumSizeHint(self) -> QSize:
        widest = max(box.sizeHint().width() for box in self._boxes)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        half = (len(self._boxes) + 1) // 2
        columns = (self._boxes[:half], self._boxes[half:])
        wanted = sum(max((box.sizeHint().width() for box in column), default=0) for column in columns)
        self._place(2 if wanted <= event.size().width() else 1)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = -(-len(self._boxes) // columns)
        for place, box in enumerate(self._boxes):
            self._grid.addWidget(box, place % rows, place // rows)
        self.updateGeometry()


def _contexts() -> list[tuple[str, str]]:
    named = {0: tr("Any")} | {size: words.tokens(size) for size in CONTEXTS if size}
    return [(str(size or _ANY), text) for size, text in named.items()]


def _places() -> list[tuple[str, str]]:
    return [(_ANY, where_words("")), ("computer", where_words("computer")), ("cloud", where_words("cloud"))]


def _budgets() -> list[tuple[str, str]]:
    return [(_ANY if one is None else f"{one:g}", budget_words(one)) for one in BUDGETS]
