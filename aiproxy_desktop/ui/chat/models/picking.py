"""Choosing a model on the chat page: the picker in its popover, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.popover import Popover

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.models.picker import ModelPicker


class Picking(QObject):
    """Opens the picker beside a widget; `key_wanted` says that a key is to be added first."""

    key_wanted = Signal()

    def __init__(self, models: ModelChoice, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._models = models
        self._themes = themes
        self._popover: Popover | None = None
        self._picker: ModelPicker | None = None

    def open(self, beside: QWidget, picked: Callable[[str], None]) -> None:
        """Let the person choose; `picked` is told the model's reference."""
        from aiproxy_desktop.ui.chat.models.picker import ModelPicker

        if self._popover is not None:
            return
        choice = self._models.choice
        self._picker = ModelPicker(
            self._themes, self._models.rows, None if choice is None else choice.reference
        )
        self._popover = Popover(self._themes, beside, self._picker, name="chat.modelPicker.popover")

        def choose(reference: str) -> None:
            self._close()
            picked(reference)

        self._picker.picked.connect(choose)
        self._picker.key_wanted.connect(self._add_key)
        self._picker.resized.connect(self._popover.refit)
        self._popover.closed.connect(self._closed)
        self._popover.open("above")

    def refresh(self) -> None:
        """Read the rows again, as when a provider was found meanwhile."""
        if self._picker is not None:
            self._picker.refresh()

    def _add_key(self, _provider: str) -> None:
        self._close()
        self.key_wanted.emit()

    def _close(self) -> None:
        if self._popover is not None:
            self._popover.close_popover()

    def _closed(self) -> None:
        self._popover = self._picker = None
