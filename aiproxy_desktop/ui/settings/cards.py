"""A card of rows, with at most one inline editor among them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.forms import EditorForm
from aiproxy_desktop.ui.settings.row_widget import RowWidget
from aiproxy_desktop.ui.settings.rows import Row
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import set_property


class RowCard(QFrame):
    """Rows with hairlines between them. Emits `acted` with a row's id and the action pressed."""

    acted = Signal(str, str)

    def __init__(
        self, themes: ThemeController, *, prefix: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._prefix = prefix
        self._rows: dict[str, RowWidget] = {}
        self._editor: QWidget | None = None
        self._editor_after = ""
        self._footer: QWidget | None = None
        self._shown: list[QWidget] = []
        self._narrow = False
        self.setObjectName(name)
        self.setProperty("card", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)

    def row(self, row_id: str) -> RowWidget | None:
        """The widget of a row."""
        return self._rows.get(row_id)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. A row whose id stays keeps its widget, and so the focus."""
        for row_id in set(self._rows) - {row.id for row in rows}:
            gone = self._rows.pop(row_id)
            gone.hide()
            gone.deleteLater()
        widgets: dict[str, RowWidget] = {}
        for row in rows:
            widget = self._rows.get(row.id)
            if widget is None:
                widget = RowWidget(self._themes, row, prefix=self._prefix, parent=self)
                widget.acted.connect(self.acted)
                widget.set_narrow(self._narrow)
            else:
                widget.show_row(row)
            widgets[row.id] = widget
        self._rows = widgets
        self._arrange()

    def set_narrow(self, narrow: bool) -> None:
        """Whether there is no room for the key column."""
        self._narrow = narrow
        for widget in self._rows.values():
            widget.set_narrow(narrow)

    def set_editor(self, editor: QWidget | None, after: str = "") -> None:
        """Put an editor below a row, or with no row at the end; None takes it away."""
        if self._editor is not None and self._editor is not editor:
            self._editor.hide()
            self._editor.deleteLater()
        self._editor = editor
        self._editor_after = after
        self._arrange()

    def set_footer(self, footer: QWidget) -> None:
        """A last line, such as the button that adds a row. Its visibility is the caller's."""
        self._footer = footer
        self._arrange()

    def tab_stops(self) -> list[QWidget]:
        """What Tab reaches, from top to bottom."""
        stops: list[QWidget] = []
        for widget in self._order():
            if isinstance(widget, RowWidget | EditorForm):
                stops += widget.tab_stops()
            else:
                stops += widget.findChildren(Button)
        return stops

    def refresh_edges(self) -> None:
        """Draw hairlines between what is shown, none below the last."""
        shown = [widget for widget in self._order() if not widget.isHidden()]
        for index, widget in enumerate(shown):
            followed = index + 1 < len(shown)
            # A row and the editor that belongs to it are one thing.
            joined = followed and shown[index + 1] is self._editor and bool(self._editor_after)
            set_property(widget, "edge", "bottom" if followed and not joined else "none")

    def _order(self) -> list[QWidget]:
        order: list[QWidget] = []
        for row_id, widget in self._rows.items():
            order.append(widget)
            if self._editor is not None and self._editor_after == row_id:
                order.append(self._editor)
        if self._editor is not None and self._editor not in order:
            order.append(self._editor)
        if self._footer is not None:
            order.append(self._footer)
        return order

    def _arrange(self) -> None:
        order = self._order()
        if order != self._shown:
            self._shown = order
            while self._column.count():
                self._column.takeAt(0)
            for widget in order:
                self._column.addWidget(widget)
                if widget is not self._footer:
                    widget.show()
        self.refresh_edges()
