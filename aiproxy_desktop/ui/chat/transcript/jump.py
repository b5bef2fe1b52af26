"""The way back to the end, for someone who has scrolled up."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button

_GAP: Final = 12


class JumpButton(Button):
    """Stands in the middle of its parent's lower edge; hidden until it is needed."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(
            themes,
            tr("Jump to latest"),
            name="chat.jumpToLatest",
            kind="secondary",
            icon="chev-down",
            parent=parent,
        )
        self._area = parent
        self.hide()

    def place(self) -> None:
        """Stand where it belongs in the parent's present size."""
        size = self.sizeHint()
        left = (self._area.width() - size.width()) // 2
        top = self._area.height() - _GAP - size.height()
        self.setGeometry(left, top, size.width(), size.height())
