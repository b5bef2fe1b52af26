"""The panels of the models tab: each made when it is first asked for, its wishes carried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.models.panel import Panel
from aiproxy_desktop.ui.theme.controller import ThemeController

if TYPE_CHECKING:
    from aiproxy_desktop.ui.models.page import ModelsPage


class Panels:
    """By name: `details`, `local` and the others. Needs the page for what leads from one panel to another."""

    def __init__(self, page: ModelsPage, themes: ThemeController) -> None:
        self._page = page
        self._vm = page.view_model
        self._themes = themes
        self._made: dict[str, Panel] = {}
        self._makers: dict[str, Callable[[], Panel]] = {
            "details": self._details,
            "local": self._local,
        }

    def get(self, name: str) -> Panel:
        """A panel of this page; the same one each time."""
        if name not in self._made:
            panel = self._makers[name]()
            panel.closed.connect(self._page.close_panel)
            self._made[name] = panel
        return self._made[name]

    def __contains__(self, name: str) -> bool:
        return name in self._makers

    def _details(self) -> Panel:
        from aiproxy_desktop.ui.models.details.panel import DetailsPanel

        vm = self._vm
        panel = DetailsPanel(self._themes, vm.details)
        panel.chat_wanted.connect(vm.chat_wanted)
        panel.compare_wanted.connect(vm.compare_wanted)
        panel.default_wanted.connect(vm.make_default)
        panel.favourite_toggled.connect(lambda reference, _on: vm.table.toggle_favourite(reference))
        panel.hidden_toggled.connect(lambda reference, _on: vm.toggle_hidden(reference))
        return panel

    def _local(self) -> Panel:
        from aiproxy_desktop.ui.models.local.panel import LocalModelsPanel

        return LocalModelsPanel(self._themes, self._vm.local)
