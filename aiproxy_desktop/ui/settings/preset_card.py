"""A card that lists prompts or personas, with at most one editor among the rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.presets_viewmodel import PresetRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label, set_property
from aiproxy_desktop.ui.widgets.painting import margins

_HEIGHT = 56


class _RowWidget(QFrame):
    """Name and beginning; Edit and Delete."""

    def __init__(self, themes: ThemeController, row: PresetRow, prefix: str) -> None:
        super().__init__()
        self.setObjectName(f"{prefix}.{row.id}")
        self.setFixedHeight(_HEIGHT)
        self._name = ElidedLabel("", "body_medium")
        self._detail = ElidedLabel("", "meta", "muted")
        self.edit = Button(themes, tr("Edit"), name=f"{prefix}.{row.id}.edit", kind="quiet")
        self.delete = Button(themes, tr("Delete"), name=f"{prefix}.{row.id}.delete", kind="quiet")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._detail)
        words.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(margins(16, 0, 6, 0))
        line.setSpacing(4)
        line.addLayout(words, 1)
        line.addWidget(self.edit)
        line.addWidget(self.delete)
        self.show_row(row)

    def show_row(self, row: PresetRow) -> None:
        self._name.setText(row.name)
        self._detail.setText(row.detail)
        self.setAccessibleName(f"{row.name}: {row.detail}")
        self.edit.setAccessibleName(tr("Edit {name}", name=row.name))
        self.delete.setAccessibleName(tr("Delete {name}", name=row.name))


class PresetCard(QFrame):
    """Rows with hairlines between them, and a button that adds one."""

    add_pressed = Signal()
    edit_pressed = Signal(str)
    delete_pressed = Signal(str)

    def __init__(self, themes: ThemeController, title: str, add: str, empty: str, *, name: str) -> None:
        """Make it empty.

        Args:
            themes: to paint with.
            title: what a screen reader calls the list.
            add: the words of the button that adds one.
            empty: said while there is none.
            name: the objectName, and the prefix of those inside.
        """
        super().__init__()
        self._themes = themes
        self._rows: dict[str, _RowWidget] = {}
        self._editor: QWidget | None = None
        self._editor_after = ""
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("card", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self.add_button = Button(themes, add, name=f"{name}.add", kind="quiet", icon="plus")
        self.add_button.clicked.connect(self.add_pressed)
        self._empty = Label(empty, "meta", "muted")
        self._footer = QFrame()
        line = QHBoxLayout(self._footer)
        line.setContentsMargins(margins(6, 8, 16, 8))
        line.addWidget(self.add_button)
        line.addStretch(1)
        line.addWidget(self._empty)
        self._arrange()

    def show_rows(self, rows: Sequence[PresetRow]) -> None:
        """Show these; a row that stays keeps its widget, and so the focus."""
        kept = {row.id for row in rows}
        for row_id in [row_id for row_id in self._rows if row_id not in kept]:
            gone = self._rows.pop(row_id)
            if has_focus_inside(gone):
                self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
            gone.hide()
            gone.deleteLater()
        widgets = {row.id: self._widget(row) for row in rows}
        self._rows = widgets
        self._empty.setVisible(not rows)
        self._arrange()

    def show_editor(self, editor: QWidget | None, after: str = "") -> None:
        """Put an editor in the place of a row, or with none at the end; None takes it away."""
        if self._editor is not None and self._editor is not editor:
            self._editor.hide()
            self._editor.deleteLater()
        self._editor, self._editor_after = editor, after
        self._arrange()

    def edit_button(self, row_id: str) -> QWidget:
        """Where the keys go when the editor of a row closes."""
        row = self._rows.get(row_id)
        return self.add_button if row is None else row.edit

    def _widget(self, row: PresetRow) -> _RowWidget:
        widget = self._rows.get(row.id)
        if widget is None:
            widget = _RowWidget(self._themes, row, self.objectName())
            widget.edit.clicked.connect(lambda: self.edit_pressed.emit(row.id))
            widget.delete.clicked.connect(lambda: self.delete_pressed.emit(row.id))
        widget.show_row(row)
        return widget

    def _arrange(self) -> None:
        while self._column.count():
            self._column.takeAt(0)
        shown: list[QWidget] = []
        for row_id, widget in self._rows.items():
            edited = self._editor is not None and row_id == self._editor_after
            widget.setVisible(not edited)
            self._column.addWidget(widget)
            if edited and self._editor is not None:
                self._column.addWidget(self._editor)
                shown.append(self._editor)
            elif not edited:
                shown.append(widget)
        if self._editor is not None and self._editor not in shown:
            self._column.addWidget(self._editor)
            shown.append(self._editor)
        self._column.addWidget(self._footer)
        if self._editor is not None:
            self._editor.show()
        for one in shown:
            set_property(one, "edge", "bottom")
