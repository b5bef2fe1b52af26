"""A row of buttons for actions, which goes on in a second row where the first is full."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.settings.rows import RowAction
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.flow_layout import FlowLayout
from aiproxy_desktop.ui.widgets.focus import focused_widget

_GAP = 4


class ActionButtons(QWidget):
    """Emits `acted` with an action's id. A button that stays is the same object, and keeps its focus."""

    acted = Signal(str)

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        """Show nothing yet; a button is named `<name>.<action>`."""
        super().__init__()
        self._themes = themes
        self._name = name
        self._buttons: dict[str, Button] = {}
        self._flow = FlowLayout(self, gap=_GAP)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    @property
    def buttons(self) -> list[Button]:
        """The buttons, in order."""
        return list(self._buttons.values())

    def show_actions(self, actions: Sequence[RowAction]) -> None:
        """Show a button for each; without any, take no room."""
        focused = focused_widget()
        for action_id in self._buttons.keys() - {action.id for action in actions}:
            gone = self._buttons.pop(action_id)
            self._flow.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self._buttons = {action.id: self._button(action) for action in actions}
        while self._flow.takeAt(0) is not None:
            pass
        for button in self.buttons:
            self._flow.addWidget(button)
        for before, after in zip(self.buttons, self.buttons[1:], strict=False):
            QWidget.setTabOrder(before, after)
        self.setVisible(bool(actions))
        self.updateGeometry()
        still = self.buttons
        if focused is not None and focused not in still and focused.parentWidget() is self and still:
            still[0].setFocus()

    def _button(self, action: RowAction) -> Button:
        button = self._buttons.get(action.id)
        if button is None:
            name = f"{self._name}.{action.id}"
            button = Button(self._themes, action.label, name=name, kind=action.kind, parent=self)
            button.clicked.connect(lambda: self.acted.emit(action.id))
            button.show()
        button.setText(action.label)
        button.setAccessibleName(action.accessible_name or action.label)
        return button
