"""A row of buttons for actions, which goes on in a second row where the first is full."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.settings.rows import RowAction
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.painting import mirrored

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
            gone.hide()
            gone.deleteLater()
        self._buttons = {action.id: self._button(action) for action in actions}
        for before, after in zip(self.buttons, self.buttons[1:], strict=False):
            QWidget.setTabOrder(before, after)
        self.setVisible(bool(actions))
        self.updateGeometry()
        self._arrange()
        still = self.buttons
        if focused is not None and focused not in still and focused.parentWidget() is self and still:
            still[0].setFocus()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[1]

    def sizeHint(self) -> QSize:
        width = sum(button.sizeHint().width() + _GAP for button in self.buttons)
        return QSize(width, self._places(max(self.width(), 200))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._places(max(self.width(), 200))[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()

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

    def _places(self, width: int) -> tuple[list[QRect], int]:
        """Where each stands, and the height of all."""
        places: list[QRect] = []
        left = top = height = 0
        for button in self.buttons:
            size = button.sizeHint()
            if left and left + size.width() > width:
                left, top = 0, top + height + _GAP
            places.append(QRect(left, top, size.width(), size.height()))
            left, height = left + size.width() + _GAP, size.height()
        return places, top + height

    def _arrange(self) -> None:
        for button, place in zip(self.buttons, self._places(self.width())[0], strict=True):
            button.setGeometry(mirrored(self, place))
