"""The providers there are, and the models each was last seen to offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Provider

if TYPE_CHECKING:
    from aiproxy_desktop.core.catalog import Catalog


class Registry:
    """Owns its providers: what is removed, replaced or left at the end is closed.

    What they offer is remembered with what the catalogue adds to it; without a catalogue of its own, the
    bundled one, which is read when the first models are remembered.
    """

    def __init__(self, providers: Iterable[Provider] = (), *, catalog: Catalog | None = None) -> None:
        self._catalog = catalog
        self._providers: dict[str, Provider] = {}
        self._models: dict[str, tuple[ModelInfo, ...]] = {}
        for provider in providers:
            self.add(provider)

    def add(self, provider: Provider) -> None:
        """Take in one more provider.

        Raises:
            ValueError: the id is taken, empty, or holds a colon or space.
        """
        name = provider.id
        if not name or ":" in name or any(char.isspace() for char in name):
            raise ValueError(f"{name!r} cannot be the id of a provider")
        if name in self._providers:
            raise ValueError(f"there is a provider {name!r} already")
        self._providers[name] = provider

    async def remove(self, provider_id: str) -> None:
        """Forget a provider and its models, and close it. An unknown id is no error."""
        provider = self._providers.pop(provider_id, None)
        self._models.pop(provider_id, None)
        if provider is not None:
            await provider.aclose()

    async def replace(self, provider: Provider) -> None:
        """Put a provider in the place of the one with its id, if there is one, and close that one."""
        former = self._providers.get(provider.id)
        if former is None:
            self.add(provider)
        elif former is not provider:
            self._providers[provider.id] = provider
            self._models.pop(provider.id, None)
            await former.aclose()

    @property
    def catalog(self) -> Catalog:
        """What completes the models remembered here."""
        if self._catalog is None:
            from aiproxy_desktop.core.catalog import bundled_catalog

            self._catalog = bundled_catalog()
        return self._catalog

    def get(self, provider_id: str) -> Provider | None:
        """The provider of that id."""
        return self._providers.get(provider_id)

    def providers(self) -> tuple[Provider, ...]:
        """All of them, in the order they came."""
        return tuple(self._providers.values())

    def remember(self, provider_id: str, models: Iterable[ModelInfo]) -> None:
        """Keep what a provider offers, completed; nothing happens when it has gone meanwhile."""
        if provider_id in self._providers:
            complete = self.catalog.complete
            self._models[provider_id] = tuple(complete(model) for model in models)

    def known_models(self, provider_id: str | None = None) -> tuple[ModelInfo, ...]:
        """The models remembered, of one provider or of all in their order."""
        if provider_id is not None:
            return self._models.get(provider_id, ())
        return tuple(model for name in self._providers for model in self._models.get(name, ()))

    async def aclose(self) -> None:
        """Close every provider; one that fails does not keep the others open."""
        failures: list[Exception] = []
        while self._providers:
            _, provider = self._providers.popitem()
            try:
                await provider.aclose()
            except Exception as error:  # noqa: BLE001  # the others must be closed first
                failures.append(error)
        self._models.clear()
        if failures:
            raise failures[0]
