"""One row of the providers page, drawn from a `Row` value."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.rows import Row, RowAction
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import TYPE, TypeName
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.dot import Dot
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.labels import Label, Tone
from aiproxy_desktop.ui.widgets.painting import margins

# Columns: dot 24, names stretch, key 168, test 56, actions 136; the card's edge adds 1 to the pads.
_PAD = 15
_DOT = 24
_KEY = 168
_TEST = 56
_ACTIONS = 136
_HEIGHT = 56
_QUIET_INSET = 10
_KEY_GAP = 12


class RowWidget(QFrame):
    """Emits `acted` with the row's id and the action pressed."""

    acted = Signal(str, str)

    def __init__(
        self, themes: ThemeController, row: Row, *, prefix: str, parent: QWidget | None = None
    ) -> None:
        """Draw `row`; its buttons are named `<prefix>.<row id>.<action>`."""
        super().__init__(parent)
        self._themes = themes
        self._row = row
        self._narrow = False
        self._name = f"{prefix}.{row.id}"
        self._buttons: dict[str, Button] = {}
        self.setObjectName(self._name)
        self.setProperty("edge", "bottom")
        self.setMinimumHeight(_HEIGHT)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(margins(_PAD, 0, 0, 0))
        outer.setSpacing(0)
        self._dot = Dot(themes)
        outer.addWidget(self._dot)
        outer.addSpacing(_DOT - 8)
        names, self._label, self._detail = _two_lines()
        outer.addLayout(names, 1)
        outer.addSpacing(8)
        self._key_box = QWidget(self)
        self._key_box.setFixedWidth(_KEY)
        keys, self._key_line, self._key_note = _two_lines("body", "secondary")
        self._key_box.setLayout(keys)
        outer.addWidget(self._key_box)
        self._test_box = _ButtonBox(self, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self._test_box)
        self._end_box = _ButtonBox(self, Qt.AlignmentFlag.AlignRight)
        outer.addWidget(self._end_box)
        self.show_row(row)

    @property
    def row(self) -> Row:
        """The value shown."""
        return self._row

    def tab_stops(self) -> list[QWidget]:
        """Its buttons, in the order in which they stand."""
        return list(self._buttons.values())

    def first_button(self) -> Button | None:
        """Where the focus lands when an editor below the row closes."""
        return next(iter(self._buttons.values()), None)

    def show_row(self, row: Row) -> None:
        """Show another value of the same row."""
        self._row = row
        self.setAccessibleName(f"{row.label}: {row.detail}")
        self._dot.set_state(row.dot)
        self._label.setText(row.label)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._detail.set_tone(row.tone)
        self._key_line.setText(row.key_line)
        self._key_line.setFont(_hint_font() if row.key_is_code else _fitting_font(row.key_line))
        self._key_line.setVisible(bool(row.key_line))
        self._key_note.setText(row.key_note)
        self._lay_out_keys()
        self._show_actions(row.actions)

    def set_narrow(self, narrow: bool) -> None:
        """Leave the key column out where there is no room for it."""
        self._narrow = narrow
        self._lay_out_keys()

    def _lay_out_keys(self) -> None:
        shown = bool(self._row.key_line or self._row.key_note)
        self._key_box.setVisible(shown and not self._narrow)

    def _show_actions(self, actions: tuple[RowAction, ...]) -> None:
        focused = focused_widget()
        had_focus = focused is not None and focused in self._buttons.values()
        by_keyboard = isinstance(focused, PaintedButton) and focused.keyboard_focus
        for action_id in set(self._buttons) - {action.id for action in actions}:
            gone = self._buttons.pop(action_id)
            gone.hide()
            gone.setParent(None)
            gone.deleteLater()
        # A button that stays is the same object: it keeps its focus and a press under way.
        self._buttons = {action.id: self._button(action) for action in actions}
        self._arrange(actions)
        if had_focus and focused not in self._buttons.values() and (first := self.first_button()) is not None:
            reason = Qt.FocusReason.TabFocusReason if by_keyboard else Qt.FocusReason.OtherFocusReason
            first.setFocus(reason)

    def _button(self, action: RowAction) -> Button:
        button = self._buttons.get(action.id)
        if button is None:
            button = Button(self._themes, action.label, name=f"{self._name}.{action.id}", kind=action.kind)
            button.clicked.connect(lambda: self.acted.emit(self._row.id, action.id))
        button.setText(action.label)
        button.setAccessibleName(action.accessible_name or action.label)
        button.updateGeometry()
        return button

    def _arrange(self, actions: tuple[RowAction, ...]) -> None:
        in_columns = bool(self._row.key_line or self._row.key_note)
        for box in (self._test_box, self._end_box):
            while box.line.count():
                box.line.takeAt(0)
        for action in actions:
            box = self._test_box if action.place == "test" and in_columns else self._end_box
            box.line.addWidget(self._buttons[action.id])
            self._buttons[action.id].show()
        quiet_end = bool(actions) and actions[-1].kind == "quiet"
        # A quiet button has no edge of its own: its text, not its box, lines up with the column.
        inset = _PAD - (_QUIET_INSET if quiet_end else 0)
        self._end_box.line.setContentsMargins(margins(0, 0, inset, 0))
        self._test_box.setVisible(in_columns)
        self._test_box.setMinimumWidth(_TEST)
        self._end_box.setMinimumWidth(_ACTIONS + _PAD if in_columns else 0)


class _ButtonBox(QWidget):
    def __init__(self, parent: QWidget, side: Qt.AlignmentFlag) -> None:
        super().__init__(parent)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(4)
        self.line.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)


def _hint_font() -> QFont:
    # A size below code: the hint stands beside interface text, which looks smaller at the same size.
    result = font("code")
    result.setPixelSize(TYPE["meta"].size)
    return result


def _fitting_font(text: str) -> QFont:
    """A size smaller for a name that would touch the next column."""
    body = font("body")
    return body if QFontMetrics(body).horizontalAdvance(text) <= _KEY - _KEY_GAP else font("meta")


def _two_lines(style: TypeName = "body_medium", tone: Tone = "text") -> tuple[QVBoxLayout, Label, Label]:
    column = QVBoxLayout()
    column.setContentsMargins(0, 9, 0, 9)
    column.setSpacing(0)
    upper = Label("", style, tone)
    lower = Label("", "meta", "muted", wrap=True)
    column.addStretch(1)
    column.addWidget(upper)
    column.addWidget(lower)
    column.addStretch(1)
    return column, upper, lower
