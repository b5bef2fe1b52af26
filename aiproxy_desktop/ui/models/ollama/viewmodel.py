"""All of Ollama's part of the models tab under one owner. QtCore only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.ui.models.ollama.change_viewmodel import ChangeViewModel
from aiproxy_desktop.ui.models.ollama.create_viewmodel import CreateViewModel
from aiproxy_desktop.ui.models.ollama.host_viewmodel import HostViewModel
from aiproxy_desktop.ui.models.ollama.loaded_viewmodel import LoadedViewModel


class OllamaViewModel(QObject):
    """Owns the four: `loaded`, `creating`, `hosts`, `changes`. Await `close` at the end."""

    def __init__(
        self,
        ollama: OllamaService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up; nothing is asked before a widget shows it.

        Args:
            ollama: the servers.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._ollama = ollama
        self.loaded = LoadedViewModel(ollama, on_unexpected, parent=self)
        self.creating = CreateViewModel(ollama, on_unexpected, self)
        self.hosts = HostViewModel(ollama, on_unexpected, self)
        self.changes = ChangeViewModel(ollama, on_unexpected, self)

    def look_on(self, *, on: bool) -> None:
        """Whether the page is in sight: then changes of the lists are looked for more often."""
        self._ollama.watch_closely(on=on)

    async def close(self) -> None:
        """Stop all that runs."""
        self.look_on(on=False)
        for one in (self.loaded, self.creating, self.hosts, self.changes):
            await one.close()
