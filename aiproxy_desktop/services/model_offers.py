"""What is on offer of one kind (models that draw, models one can talk with) over all providers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers


class Offered(Protocol):
    """A model that can be chosen by its reference (`provider:id`)."""

    @property
    def reference(self) -> str:
        """Provider and id."""
        ...


Offer = TypeVar("Offer", bound=Offered)
Maker = TypeVar("Maker")


class ModelOffers(ABC, Generic[Offer, Maker]):
    """The models of a kind, best first within each provider. Follows the providers until `close`."""

    def __init__(self, providers: ProviderService, registry: Registry, settings: SettingsService) -> None:
        """Wire up.

        Args:
            providers: whose states tell who can be asked.
            registry: where the providers are.
            settings: where the last used model is kept.
        """
        self._providers = providers
        self._registry = registry
        self._settings = settings
        self._all: tuple[Offer, ...] | None = None
        self.changed: Subscribers[[]] = Subscribers()
        self._unsubscribe = providers.subscribe(self._look_again)

    @property
    def all(self) -> tuple[Offer, ...]:
        """Every model on offer, those that are not ready included; provider by provider."""
        if self._all is None:
            states = ((state, self._maker(state.id)) for state in self._providers.states())
            self._all = tuple(
                offer
                for state, maker in states
                if maker is not None
                for offer in sorted(self._listed(state, maker), key=self._rank)
            )
        return self._all

    def offer_for(self, reference: str) -> Offer | None:
        """A model by reference, one that no list names included; None where its provider has none."""
        for offer in self.all:
            if offer.reference == reference:
                return offer
        provider_id, colon, model = reference.partition(":")
        if not colon or not model:
            return None
        for state in self._providers.states():
            if state.id == provider_id and self._maker(provider_id) is not None:
                return self._unlisted(state, model)
        return None

    def close(self) -> None:
        """Follow the providers no more."""
        self._unsubscribe()

    def _provider(self, provider_id: str) -> object:
        return self._registry.get(provider_id) if provider_id in self._registry.ids() else None

    @abstractmethod
    def _maker(self, provider_id: str) -> Maker | None:
        """The provider as one that has such models."""

    @abstractmethod
    def _listed(self, state: ProviderState, maker: Maker) -> list[Offer]:
        """A provider's models."""

    @abstractmethod
    def _unlisted(self, state: ProviderState, model: str) -> Offer:
        """A provider's model of which only the id is known."""

    @staticmethod
    @abstractmethod
    def _rank(offer: Offer) -> int:
        """The best have the least."""

    def _look_again(self) -> None:
        former, self._all = self._all, None
        if former is not None and self.all != former:
            self.changed()
