"""The providers there are, those that could be, and the models each was last seen to offer."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from aiproxy_desktop.core.closing import close_all
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import Offer
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.slices import in_slices

if TYPE_CHECKING:
    from aiproxy_desktop.core.catalog import Catalog

_log = logging.getLogger(__name__)


class Registry:
    """Owns its providers: what is removed, replaced or left at the end is closed.

    What they offer is remembered with what the catalogue adds to it; without a catalogue of its own, the
    bundled one, which is read when the first models are remembered.
    """

    def __init__(self, providers: Iterable[Provider] = (), *, catalog: Catalog | None = None) -> None:
        self._catalog = catalog
        self._entries: dict[str, Provider | Offer] = {}
        self._offers: dict[str, Offer] = {}
        self._models: dict[str, tuple[ModelInfo, ...]] = {}
        self._index: dict[str, dict[str, ModelInfo]] = {}
        self.notices: list[str] = []
        self.unusable: dict[str, AIProxyError] = {}  # by id, why an offer could not be built to be asked
        for provider in providers:
            self.add(provider)

    def add(self, provider: Provider) -> None:
        """Take in one more provider.

        Raises:
            ValueError: the id is taken, empty, or holds a colon or space.
        """
        self._check(provider.id)
        self._entries[provider.id] = provider

    def offer(self, offer: Offer) -> None:
        """Take in a provider that is built when someone asks for it.

        Raises:
            ValueError: as `add`.
        """
        self._check(offer.id)
        self._entries[offer.id] = self._offers[offer.id] = offer

    async def remove(self, provider_id: str) -> None:
        """Forget a provider and its models, and close it. An unknown id is no error."""
        provider = self._entries.pop(provider_id, None)
        self._offers.pop(provider_id, None)
        self._forget(provider_id)
        if provider is not None and not isinstance(provider, Offer):
            await provider.aclose()

    async def replace(self, provider: Provider) -> None:
        """Put a provider in the place of the one with its id, if there is one, and close that one."""
        former = self._entries.get(provider.id)
        if former is None:
            self.add(provider)
        elif former is not provider:
            self._entries[provider.id] = provider
            self._offers.pop(provider.id, None)
            self._forget(provider.id)
            if not isinstance(former, Offer):
                await former.aclose()

    @property
    def catalog(self) -> Catalog:
        """What completes the models remembered here."""
        if self._catalog is None:
            from aiproxy_desktop.core.catalog import bundled_catalog

            self._catalog = bundled_catalog()
        return self._catalog

    def get(self, provider_id: str) -> Provider | None:
        """The provider of that id, built now where it was only offered."""
        entry = self._entries.get(provider_id)
        return self._build(entry) if isinstance(entry, Offer) else entry

    def ids(self) -> tuple[str, ...]:
        """The ids of all, in the order they came; builds nothing."""
        return tuple(self._entries)

    def providers(self) -> tuple[Provider, ...]:
        """Those that are built, in the order they came."""
        return tuple(entry for entry in self._entries.values() if not isinstance(entry, Offer))

    async def could_answer(self, provider_id: str) -> bool:
        """Whether a provider is known to have what it needs (a key, say); one that was added has."""
        offer = self._offers.get(provider_id)
        if offer is None:
            return provider_id in self._entries
        return offer.answers is None or await offer.answers()

    async def answering(self) -> tuple[Provider, ...]:
        """Those that are built, and those offered that could answer now, built for it; in order.

        One that cannot be built (a key without an address, say) is left out; `unusable` tells why.
        """
        import asyncio

        offers = [entry for entry in self._entries.values() if isinstance(entry, Offer) and entry.answers]
        answers = await asyncio.gather(*(offer.answers() for offer in offers if offer.answers))
        for offer, answer in zip(offers, answers, strict=True):
            if answer:
                try:
                    self.get(offer.id)
                except AIProxyError as error:
                    self.unusable[offer.id] = error
        return self.providers()

    def vendor_of(self, provider_id: str) -> str:
        """Whose models a provider has, where its id does not say; else empty."""
        return str(getattr(self._entries.get(provider_id), "vendor", ""))

    def describe(self, provider_id: str, model: str) -> ModelInfo:
        """What is known of a model: as its provider listed it, else as the table has it."""
        known = self.known_model(provider_id, model)
        return known or self.catalog.describe(provider_id, model, self.vendor_of(provider_id))

    def remember(self, provider_id: str, models: Iterable[ModelInfo]) -> None:
        """Keep what a provider offers, completed; nothing happens when it has gone meanwhile."""
        vendor = self.vendor_of(provider_id)
        named = (replace(one, vendor=vendor) if vendor and not one.vendor else one for one in models)
        self.put(provider_id, tuple(self.catalog.complete(model) for model in named))

    async def learn(self, provider_id: str, models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
        """As `remember`, a few milliseconds at a time; the models completed."""
        completed = await self.completed(provider_id, models)
        self.put(provider_id, completed)
        return completed

    async def completed(self, provider_id: str, models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
        """A provider's models with what the catalogue adds, worked out a few milliseconds at a time."""
        vendor, complete = self.vendor_of(provider_id), self.catalog.complete

        def one(model: ModelInfo) -> ModelInfo:
            return complete(replace(model, vendor=vendor) if vendor and not model.vendor else model)

        return tuple(await in_slices(models, one))

    def put(self, provider_id: str, completed: tuple[ModelInfo, ...]) -> None:
        """As `remember`, for models that have been completed, piece by piece say."""
        if provider_id in self._entries:
            self._forget(provider_id)
            self._models[provider_id] = completed

    def known_model(self, provider_id: str, name: str) -> ModelInfo | None:
        """A model remembered under a provider's own name for it, in any form that the provider takes."""
        index = self._index.get(provider_id)
        if index is None:
            models = self._models.get(provider_id, ())
            index = {_short(one.id): one for one in reversed(models)}
            index |= {one.id: one for one in reversed(models)}
            self._index[provider_id] = index
        return index.get(name)

    def known_models(self, provider_id: str | None = None) -> tuple[ModelInfo, ...]:
        """The models remembered, of one provider or of all in their order."""
        if provider_id is not None:
            return self._models.get(provider_id, ())
        return tuple(model for name in self._entries for model in self._models.get(name, ()))

    async def aclose(self) -> None:
        """Close every provider; one that fails does not keep the others open."""
        built = self.providers()
        self._entries.clear()
        self._offers.clear()
        self._models.clear()
        self._index.clear()
        await close_all(reversed(built))

    def _forget(self, provider_id: str) -> None:
        self._models.pop(provider_id, None)
        self._index.pop(provider_id, None)
        self.unusable.pop(provider_id, None)

    def _check(self, name: str) -> None:
        if not name or ":" in name or any(char.isspace() for char in name):
            raise ValueError(f"{name!r} cannot be the id of a provider")
        if name in self._entries:
            raise ValueError(f"there is a provider {name!r} already")

    def _build(self, offer: Offer) -> Provider | None:
        """A broken plug-in is a notice, and gone; what is wrong with our own is for the caller to hear."""
        provider = None
        try:
            provider = offer.build()
        except Exception as error:  # whatever code of others raises while it is imported and built
            if not offer.plug_in:
                raise
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            self.notices.append(f"The plug-in “{offer.id}” could not be loaded ({reason}).")
            _log.info("the plug-in %s could not be loaded", offer.id, exc_info=error)
        self.unusable.pop(offer.id, None)
        if provider is None:
            del self._entries[offer.id]
        else:
            self._entries[offer.id] = provider
        return provider


def _short(model: str) -> str:
    """A name without what its own provider takes as said: Ollama's `:latest`, Gemini's `models/`."""
    return model.removesuffix(":latest").removeprefix("models/")
