"""What the settings page shows and does. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Signal

from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.storage.settings import ThemeMode
from aiproxy_desktop.ui.settings.editing_viewmodel import EditingViewModel
from aiproxy_desktop.ui.settings.editor import Editor
from aiproxy_desktop.ui.settings.rows import (
    Row,
    RowContext,
    endpoint_row,
    keys_sentence,
    provider_row,
)

_NOTHING: Mapping[str, str] = MappingProxyType({})


class SettingsViewModel(EditingViewModel):
    """State and actions of the settings page.

    Every action returns at once; what it led to comes as a signal. Await `close` at the end.
    """

    page_wanted = Signal(str)  # what is looked after elsewhere: a page, such as `models.local`

    # What is shown

    @property
    def providers(self) -> tuple[Row, ...]:
        """The first card: the providers."""
        return tuple(
            provider_row(state, self._context(state)) for state in self._states() if state.kind != "endpoint"
        )

    @property
    def endpoints(self) -> tuple[Row, ...]:
        """The second card."""
        return tuple(
            endpoint_row(state, self._context(state)) for state in self._states() if state.kind == "endpoint"
        )

    @property
    def keys_sentence(self) -> str:
        """Where keys are kept, for the line below the title."""
        return keys_sentence(self._keyring)

    @property
    def theme(self) -> ThemeMode:
        """The theme chosen."""
        return self._settings.current.theme

    @property
    def auto_titles(self) -> bool:
        """Whether models name new conversations."""
        return self._settings.current.auto_titles

    @property
    def enter_sends(self) -> bool:
        """Whether Enter sends a message; else Ctrl+Enter does."""
        return self._settings.current.enter_sends

    # Actions

    def act(self, row_id: str, action: str) -> None:
        """Do what a row's button says."""
        actions: Mapping[str, Callable[[str], None]] = {
            "test": self._test,
            "addKey": self._edit_key,
            "storeKey": self._store_key,
            "removeKey": self._confirm,
            "keepKey": self._keep,
            "confirmRemoveKey": self._remove_key,
            "changeHost": self._edit_host,
            "addModelFile": lambda _id: self.page_wanted.emit("models.local"),
            "edit": self.edit_endpoint,
            "remove": self._confirm,
            "keep": self._keep,
            "confirmRemove": self._remove_endpoint,
        }
        actions[action](row_id)

    def submit_host(self, text: str) -> None:
        """Use another Ollama host; an empty text is the default one."""
        if self._editor is None or self._editor.kind != "host" or self._editor.busy:
            return
        self._busy()
        self._run(self._set_host(text.strip()), "set host")

    def set_theme(self, mode: ThemeMode) -> None:
        """Remember the theme."""
        self._run(self._save(theme=mode), "theme")

    def set_auto_titles(self, *, on: bool) -> None:
        """Let models name new conversations, or not."""
        self._run(self._save(auto_titles=on), "titles")

    def set_enter_sends(self, *, on: bool) -> None:
        """Let Enter send a message, or make a line."""
        self._run(self._save(enter_sends=on), "enter")

    # How they go

    def _edit_host(self, provider_id: str) -> None:
        values = {"host": self._settings.current.ollama_host}
        self._open(Editor("host", provider_id, self._label(provider_id), MappingProxyType(values)))

    async def _set_host(self, host: str) -> None:
        try:
            await self._providers.set_ollama_host(host)
        except InvalidEndpointError as error:
            self._refuse(host=error.advice or error.title)
            return
        self._close_editor("host", "ollama")
        await self._providers.refresh("ollama")

    async def _save(self, **changes: Any) -> None:
        await self._settings.update(**changes)

    def _context(self, state: ProviderState) -> RowContext:
        editor = self._editor
        return RowContext(
            keyring=self._keyring or KeyringStatus(available=False),
            confirming=self._confirming == state.id,
            tested=self._tested.get(state.id, ""),
            editing=editor is not None and editor.target == state.id,
        )
