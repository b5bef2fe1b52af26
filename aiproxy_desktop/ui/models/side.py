"""Where panels stand: beside the table, or over its end where the window is narrow. One at a time."""

from __future__ import annotations

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import set_property
from aiproxy_desktop.ui.widgets.panel import Panel

# Of the page, without the rail: below this a panel opens over the table.
_LEAST_BESIDE = 1036


class PanelSide(QWidget):
    """A main widget and at most one panel. Emits `changed` when another panel is there, or none."""

    changed = Signal()

    def __init__(self, main: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._main = main
        self._panel: Panel | None = None
        main.setParent(self)

    @property
    def panel(self) -> Panel | None:
        """The one that is shown."""
        return self._panel

    @property
    def has_room(self) -> bool:
        """Whether a panel stands beside the main widget, and not over it."""
        return self.width() >= _LEAST_BESIDE

    def show_panel(self, panel: Panel, *, take_focus: bool) -> None:
        """Show a panel instead of the one that is there."""
        former, self._panel = self._panel, panel
        if former is not panel:
            if former is not None:
                former.hide()
            panel.setParent(self)
            set_property(panel, "edge", "start")
            panel.show()
            panel.raise_()
            self._place()
            self.changed.emit()
        if take_focus:
            panel.focus_start()

    def close_panel(self) -> bool:
        """Put the panel away; whether it had the keyboard."""
        panel, self._panel = self._panel, None
        if panel is None:
            return False
        had_focus = has_focus_inside(panel)
        panel.hide()
        self._place()
        self.changed.emit()
        return had_focus

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        width, height, panel = self.width(), self.height(), self._panel
        beside = panel is not None and self.has_room
        room = LAYOUT.inspector if beside else 0
        area = self.rect()
        main = QRect(0, 0, width - room, height)
        self._main.setGeometry(QStyle.visualRect(self.layoutDirection(), area, main))
        if panel is not None:
            taken = min(LAYOUT.inspector, width)
            place = QRect(width - taken, 0, taken, height)
            panel.setGeometry(QStyle.visualRect(self.layoutDirection(), area, place))
            panel.raise_()
