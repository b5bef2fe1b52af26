"""How hard the model is asked to think, as a button with a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.ui.chat.options.limits import effort_word
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import ButtonKind
from aiproxy_desktop.ui.widgets.select import Select


class EffortSelect(Select):
    """Offers the efforts of a model, and to leave it to the model, whose value is empty.

    With `prefixed` it says what it is for, where no label stands beside it.
    """

    def __init__(
        self,
        themes: ThemeController,
        *,
        name: str,
        kind: ButtonKind = "secondary",
        large: bool = False,
        prefixed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            themes, tr("Effort"), [], name=name, kind=kind, large=large, shows_choice=False, parent=parent
        )
        self._words: dict[str, str] = {}
        self._prefixed = prefixed
        self.chosen.connect(self._name_choice)

    def show_efforts(self, efforts: Sequence[Effort], chosen: Effort | None) -> None:
        """Offer these, and name the one in force even where the model has no such one."""
        self._words = {"": tr("default")} | {effort: effort_word(effort) for effort in efforts}
        if chosen is not None:
            self._words.setdefault(chosen, effort_word(chosen))
        self.set_options([(value, word[:1].upper() + word[1:]) for value, word in self._words.items()])
        self.set_value(chosen or "")
        self._name_choice(chosen or "")

    def _name_choice(self, value: str) -> None:
        spoken = tr("Effort: {level}", level=self._words[value])
        word = self._words[value]
        self.setText(spoken if self._prefixed else word[:1].upper() + word[1:])
        self.setAccessibleName(spoken)
        self.updateGeometry()
