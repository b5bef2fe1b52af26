"""Which model answers, of all that are detected, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.provider_states import chats
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.keys import KeyringStatus, KeyStore
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.models.rows import (
    Choice,
    ModelRow,
    choose,
    display_name,
    find_model,
    model_rows,
    nothing_usable,
)
from aiproxy_desktop.ui.chat.welcome import InfoRow, info_rows, welcome_line


class ModelChoice(QObject):
    """The choice for the conversation on the page; a choice made anywhere is the default from then on."""

    changed = Signal()  # providers, the choice, or both
    failed = Signal(object)  # AIProxyError

    def __init__(
        self,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._providers = providers
        self._settings = settings
        self._keys = keys
        self._scope = scope
        self._keyring: KeyringStatus | None = None
        self._conversation: Conversation | None = None
        self._picked: dict[str | None, str] = {}
        self._loading: str | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Follow the providers."""
        self._unsubscribe = self._providers.subscribe(self.changed.emit)
        self._scope.start(self._name_keyring(), "keyring")
        self.changed.emit()

    def stop(self) -> None:
        """Follow them no longer."""
        self._unsubscribe()

    @property
    def states(self) -> tuple[ProviderState, ...]:
        """Every provider, as detected; one that loads its model is not ready before that is done."""
        return tuple(
            replace(state, status="checking")
            if state.id == self._loading and state.status == "ready"
            else state
            for state in self._providers.states()
        )

    @property
    def choice(self) -> Choice | None:
        """The model that answers next: picked here, else used here last, else the default."""
        conversation = self._conversation
        wanted = self._picked.get(None if conversation is None else conversation.id)
        if wanted is None and conversation is not None:
            wanted = conversation.model
        return choose(self.states, wanted or self._settings.current.model, self._providers.default_model())

    @property
    def info(self) -> ModelInfo | None:
        """What is known of the model that answers next."""
        choice = self.choice
        return None if choice is None else find_model(self.states, choice.reference)

    def known(self, reference: str) -> ModelInfo | None:
        """What is known of any model."""
        return find_model(self.states, reference)

    @property
    def nothing_usable(self) -> bool:
        """Whether there is no model at all that could answer."""
        return nothing_usable(self.states)

    @property
    def comparable(self) -> bool:
        """Whether there are two models that could answer side by side."""
        able = (chats(model) for state in self.states if state.status == "ready" for model in state.models)
        return sum(able) > 1

    @property
    def welcome_line(self) -> str:
        """Who answers, for the page before the first word."""
        return welcome_line(self.choice, self.states, nothing_usable=self.nothing_usable)

    @property
    def info_rows(self) -> list[InfoRow]:
        """What a newcomer should know about."""
        return info_rows(self.states, self._keyring)

    def rows(self, query: str) -> list[ModelRow]:
        """The rows of the picker for a search text."""
        current = self._settings.current
        chosen = self.choice
        hidden = {*current.hidden_models} - {chosen.reference if chosen is not None else ""}
        return model_rows(self.states, query, favourites=current.favourite_models, hidden=hidden)

    def name(self, reference: str | None) -> str:
        """A model's name as a person knows it."""
        return display_name(self.states, reference)

    def provider(self, reference: str | None) -> str:
        """The provider of a model as a person knows it; its id when it is not there."""
        provider_id = (reference or "").partition(":")[0]
        return next((state.label for state in self.states if state.id == provider_id), provider_id)

    def set_conversation(self, conversation: Conversation | None) -> None:
        """Another conversation is on the page."""
        self._conversation = conversation
        self.changed.emit()

    def pick(self, reference: str, *, remember: bool = True) -> None:
        """Answer here with this model, and where it is remembered from now on in new conversations."""
        self._picked[None if self._conversation is None else self._conversation.id] = reference
        self.changed.emit()
        if remember:
            self._scope.start(self._remember(reference), "model")

    def used(self, conversation_id: str | None) -> None:
        """Something was asked there: the conversation itself knows its model now."""
        self._picked.pop(conversation_id, None)

    def set_loading(self, provider: str | None) -> None:
        """Say that this provider loads its model into memory now, or with None that it has done so."""
        self._loading = provider
        self.changed.emit()

    def look_again(self, provider: str) -> None:
        """Ask whether a provider is there."""
        self._scope.start(self._providers.refresh(provider), "refresh")

    async def _remember(self, reference: str) -> None:
        try:
            await self._settings.update(model=reference)
        except AIProxyError as error:
            self.failed.emit(error)

    async def _name_keyring(self) -> None:
        self._keyring = await self._keys.status()
        self.changed.emit()
