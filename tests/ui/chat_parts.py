"""The chat tab over real parts: services, SQLite in a folder, and providers that play a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PySide6.QtWidgets import QApplication

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.errors import AIProxyError, LocalModelError
from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.chat.backend import ChatBackend
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.imaging.preparing import QtImageTool
from aiproxy_desktop.ui.theme.controller import ThemeController

MODEL = "builtin:smollm2-135m"


def answer(*pieces: str, tokens: int = 3) -> tuple[StreamEvent, ...]:
    """The events of a whole answer in these pieces."""
    return (
        Started("builtin", "smollm2-135m"),
        *(TextDelta(piece) for piece in pieces),
        UsageReported(Usage(10, tokens)),
        Finished("stop"),
    )


class LocalScript(ScriptedProvider):
    """Stands where the built-in model stands, and plays a script."""

    def __init__(self, events: Sequence[StreamEvent | AIProxyError], delay: float = 0.0) -> None:
        super().__init__(events, delay, id="builtin", label="Built in")
        self.breaks = False
        self.gone = False

    def play(self, *events: StreamEvent | AIProxyError, delay: float = 0.0) -> None:
        """Another script, from the next request on."""
        self._events, self._delay = events, delay

    def _script(self, request: CompletionRequest) -> Sequence[StreamEvent | AIProxyError]:
        if self.breaks:
            raise ZeroDivisionError("division by zero")
        return super()._script(request)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """One model, as the built-in one presents itself."""
        if self.gone:
            raise LocalModelError("There is no built-in model", "Add a model file.")
        return (ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", size_bytes=105_000_000, local=True),)


@dataclass
class ChatParts:
    """Everything under the chat tab."""

    store: ConversationStore
    database: Database
    chat: ChatService
    providers: ProviderService
    settings: SettingsService
    registry: Registry
    model: LocalScript
    view_model: ChatViewModel
    unexpected: list[Exception] = field(default_factory=list)


@asynccontextmanager
async def chat_parts(
    folder: Path, *, environ: dict[str, str] | None = None, ready: bool = True
) -> AsyncIterator[ChatParts]:
    """Wire the chat tab up as the application does, and take it down again.

    Args:
        folder: for the database and the settings; it exists.
        environ: what the providers see; by default OLLAMA_HOST points nowhere.
        ready: ask all providers for their models before returning.
    """
    environ = {"OLLAMA_HOST": "127.0.0.1:1"} | (environ or {})
    database = await Database.open(folder / "history.sqlite")
    store = ConversationStore(database)
    await store.recover()
    redactor = Redactor()
    registry, http, keys = Registry(), HttpClient(), KeyStore(redactor)
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
    settings = SettingsService(SettingsStore(folder / "settings.json"))
    await settings.load()
    providers = ProviderService(settings, keys, credentials, registry, http, environ)
    model = LocalScript(answer("Good ", "day"))
    await providers.start()
    await registry.replace(model)
    if ready:
        await providers.refresh()
    behind = ChatBackend.build(
        database,
        BlobStore(folder / "attachments"),
        QtImageTool(),
        CompletionClient(registry),
        registry,
        providers,
        settings,
        keys,
    )
    chat = behind.chat
    unexpected: list[Exception] = []
    view_model = ChatViewModel(behind, unexpected.append)
    parts = ChatParts(store, database, chat, providers, settings, registry, model, view_model, unexpected)
    try:
        yield parts
    finally:
        await view_model.close()
        view_model.deleteLater()
        await chat.drain()
        await registry.aclose()
        await http.aclose()
        await database.close()
    assert not unexpected, unexpected


@cache
def themes() -> ThemeController:
    """The look, on the application of the test session."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return ThemeController(application)
