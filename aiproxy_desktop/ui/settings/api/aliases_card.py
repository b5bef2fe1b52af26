"""Names that stand for models."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.model_field import ModelField
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.text_field import Field


class AliasesCard(QFrame):
    """A row for each, and a form that adds one."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._themes = themes
        self._rows: list[QFrame] = []
        self._shown: tuple[tuple[str, str], ...] = ()
        self.setObjectName("settings.api.aliases")
        self.setProperty("card", True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._column.addWidget(self._make_form())
        view_model.settings_changed.connect(self._show)
        self._show()

    def _make_form(self) -> QFrame:
        form = QFrame(self)
        themes = self._themes
        self._name = Field(themes, tr("Name"), name="settings.api.alias.name", placeholder="gpt-4o")
        self._model = ModelField(
            themes, self._view_model.offers, name="settings.api.alias.model", label=tr("Stands for")
        )
        add = self._add_it = Button(
            themes, tr("Add"), name="settings.api.alias.add", large=True, accessible_name=tr("Add the name")
        )
        row = QHBoxLayout(form)
        row.setContentsMargins(15, 11, 15, 12)
        row.setSpacing(12)
        row.addWidget(self._name, 2, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._model, 3, Qt.AlignmentFlag.AlignTop)
        beside = QVBoxLayout()
        beside.addSpacing(20)
        beside.addWidget(add)
        beside.addStretch(1)
        row.addLayout(beside)
        self._name.input.returnPressed.connect(self._add)
        add.clicked.connect(self._add)
        return form

    def _add(self) -> None:
        wrong = self._view_model.add_alias(self._name.text, self._model.reference)
        self._name.set_error(wrong.get("name", ""))
        self._model.set_error(wrong.get("model", ""))
        if "name" in wrong:
            self._name.input.setFocus(Qt.FocusReason.OtherFocusReason)
        if not wrong:
            self._name.set_text("")
            self._model.clear()
            self._name.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        aliases = self._view_model.aliases
        if aliases == self._shown:
            return
        self._shown = aliases
        had_focus = any(has_focus_inside(row) for row in self._rows)
        for gone in self._rows:
            gone.hide()
            gone.deleteLater()
        self._rows = [self._row(name, model) for name, model in aliases]
        for place, row in enumerate(self._rows):
            self._column.insertWidget(place, row)
            row.show()
        # Tab goes downwards, though the form was there before them.
        for row in self._rows[-1:]:
            (remove,) = row.findChildren(Button)
            for stop in (self._add_it, self._model.button, self._name.input):
                QWidget.setTabOrder(remove, stop)
        if had_focus:
            self._name.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def _row(self, name: str, model: str) -> QFrame:
        row = QFrame(self)
        row.setObjectName(f"settings.api.alias.{name}")
        row.setProperty("edge", "bottom")
        line = QHBoxLayout(row)
        line.setContentsMargins(margins(15, 8, 4, 8))
        line.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(ElidedLabel(name, "body_medium"))
        names.addWidget(ElidedLabel(model, "meta", "muted", mode=Qt.TextElideMode.ElideMiddle))
        line.addLayout(names, 1)
        remove = Button(
            self._themes,
            tr("Remove"),
            name=f"settings.api.alias.{name}.remove",
            kind="quiet",
            accessible_name=tr("Remove the name {name}", name=name),
        )
        remove.clicked.connect(_removing(self._view_model, name))
        line.addWidget(remove)
        return row


def _removing(view_model: ApiViewModel, name: str) -> Callable[[], None]:
    return lambda: view_model.remove_alias(name)
