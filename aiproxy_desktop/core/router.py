"""Which provider serves a model name. Facts first, then a bundled table; never a guess."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from aiproxy_desktop.core.errors import UnknownModelError
from aiproxy_desktop.core.name_rules import FETCHED_BY, provider_by_look, provider_by_vendor
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.registry import Registry

BUILTIN = "builtin"
_LONGEST_NAME = 300
_REFRESH_SECONDS = 5.0
_GRACE_SECONDS = 0.5


class Router:
    """Resolves names over a registry.

    In order: an explicit provider; `provider:model` where the left side is a known provider, unless that one
    has no such model, or no key, and another provider has a model of just this name; one exact match among
    the known models; the names that are a vendor's own; what the local servers and those not yet asked
    report when asked now; the bundled table; where a name belongs by its look.
    """

    def __init__(self, registry: Registry, refresh_seconds: float = _REFRESH_SECONDS) -> None:
        self._registry = registry
        self._refresh_seconds = refresh_seconds

    @property
    def registry(self) -> Registry:
        """The providers that names are resolved over."""
        return self._registry

    async def resolve(
        self, model: str | None = None, provider: str | None = None, *, fetch: bool = False
    ) -> tuple[Provider, str]:
        """The provider and the name that it knows the model by. Without a model, the default one.

        With `fetch` a name that nobody serves belongs to whoever could fetch it.

        Raises:
            UnknownModelError: nothing serves it, or several do; `near` holds what may be meant.
        """
        name = (model or "").strip()
        if provider is not None:
            return await self._explicit(name, provider.strip())
        if not name:
            return await self._default()
        if len(name) > _LONGEST_NAME:
            raise await self._unknown(name)
        left, colon, right = name.partition(":")
        owner = self._registry.get(left) if colon else None
        if owner is not None:
            if not right:
                raise await self._unknown(name)
            return await self._of_that_very_name(name, left, right) or (owner, self._native(left, right))
        found = self._known(name) or self._served_by(provider_by_vendor(name), name)
        if found is None and name == BUILTIN and self._registry.get(BUILTIN) is not None:
            return await self._explicit("", BUILTIN)
        if found is None:
            await self._refresh(name)
            found = self._known(name) or await self._in_table(name)
        if found is None:
            self._refuse_a_slip(left, right)
            found = self._served_by(provider_by_look(name) or (FETCHED_BY if fetch else None), name)
        if found is None:
            raise await self._unknown(name)
        return found

    def _refuse_a_slip(self, left: str, right: str) -> None:
        """`opnai:gpt-5.5` reads like a name and a tag of Ollama's, and is none.

        Raises:
            UnknownModelError: the left side looks like a provider that has the model on the right.
        """
        for provider_id in difflib.get_close_matches(left, self._registry.ids(), cutoff=0.75):
            listed = self._registry.known_model(provider_id, right) is not None
            if listed or right in self._registry.catalog.names(provider_id):
                raise UnknownModelError(_shown(f"{left}:{right}"), (f"{provider_id}:{right}",))

    async def _of_that_very_name(self, name: str, left: str, right: str) -> tuple[Provider, str] | None:
        """A model whose own name reads like a reference to a provider: Ollama's `mistral:7b`."""
        if provider_by_look(name) in {left, None} or self._registry.known_model(left, right) is not None:
            return None
        if self._registry.known_models(left):
            return self._known(name)
        if await self._registry.could_answer(left):
            return None
        found = self._known(name)
        if found is None:
            await self._refresh(name)
            found = self._known(name)
        return found

    async def _explicit(self, name: str, provider_id: str) -> tuple[Provider, str]:
        provider = self._registry.get(provider_id)
        if provider is None:
            near = difflib.get_close_matches(provider_id[:_LONGEST_NAME], self._registry.ids())
            raise UnknownModelError(
                _shown(f"{provider_id}:{name}"), tuple(near), provider=_shown(provider_id)
            )
        name = name.removeprefix(f"{provider_id}:")
        if name:
            return provider, self._native(provider_id, name)
        models = self._registry.known_models(provider_id)
        if not models:
            await self._ask((provider,))
            models = self._registry.known_models(provider_id)
        if not models:
            raise UnknownModelError(_shown(f"{provider_id}:"), provider=provider_id)
        return provider, models[0].id

    async def _default(self) -> tuple[Provider, str]:
        """The built-in model; else the first model of the first provider that has any."""
        if self._registry.get(BUILTIN) is not None:
            return await self._explicit("", BUILTIN)
        if not self._registry.known_models():
            await self._ask(await self._registry.answering())
        for model in self._registry.known_models():
            owner = self._registry.get(model.provider)
            if owner is not None:
                return owner, model.id
        raise await self._unknown("")

    def _is_known(self, name: str) -> bool:
        return any(self._registry.known_model(provider_id, name) for provider_id in self._registry.ids())

    def _known(self, name: str) -> tuple[Provider, str] | None:
        """The one known model of that name. Of several, the one that the bundled table names."""
        found = (self._registry.known_model(provider_id, name) for provider_id in self._registry.ids())
        matches = [model for model in found if model is not None]
        if len(matches) > 1:
            preferred = provider_by_vendor(name)
            matches = [model for model in matches if model.provider == preferred] or matches
        if len(matches) > 1:
            raise UnknownModelError(_shown(name), tuple(dict.fromkeys(model.reference for model in matches)))
        for model in matches:
            owner = self._registry.get(model.provider)
            if owner is not None:
                return owner, model.id
        return None

    async def _in_table(self, name: str) -> tuple[Provider, str] | None:
        """Whose name the bundled table has it for: of several, the one that could answer now."""
        listed = self._registry.catalog.providers_of(name)
        owners = [provider_id for provider_id in self._registry.ids() if provider_id in listed]
        if len(owners) > 1:
            ready = {provider.id for provider in await self._registry.answering()}
            owners = [provider_id for provider_id in owners if provider_id in ready] or owners
        if len(owners) > 1:
            raise UnknownModelError(_shown(name), tuple(f"{owner}:{name}" for owner in owners))
        return self._served_by(owners[0], name) if owners else None

    def _served_by(self, provider_id: str | None, name: str) -> tuple[Provider, str] | None:
        provider = self._registry.get(provider_id) if provider_id is not None else None
        return (provider, self._native(provider.id, name)) if provider is not None else None

    def _native(self, provider_id: str, name: str) -> str:
        """A provider's own name for a model: as its list has it, where the list has it."""
        model = self._registry.known_model(provider_id, name)
        return model.id if model is not None else name

    async def _refresh(self, name: str) -> None:
        """Ask for a name again where models come and go by hand, and where there is nothing yet."""
        known = self._registry.known_models
        await self._ask(
            [
                provider
                for provider in await self._registry.answering()
                if not known(provider.id) or any(model.local for model in known(provider.id))
            ],
            name,
        )

    async def _ask(self, providers: Iterable[Provider], name: str = "") -> None:
        """Ask all at once. One that fails, or takes too long, just stays unknown.

        Once somebody has a model of this name, the others are not waited for much longer.
        """
        import asyncio

        async def one(provider: Provider) -> None:
            try:
                async with asyncio.timeout(self._refresh_seconds):
                    models = await provider.list_models()
            except Exception:  # noqa: BLE001  # a plug-in may raise anything, and must not end the others
                return
            await self._registry.learn(provider.id, models)

        waiting = {asyncio.create_task(one(provider)) for provider in providers}
        try:
            while waiting:
                found = bool(name) and self._is_known(name)
                done, waiting = await asyncio.wait(
                    waiting,
                    timeout=_GRACE_SECONDS if found else None,
                    return_when=asyncio.ALL_COMPLETED if found else asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    task.result()
                if found:
                    break
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _unknown(self, name: str) -> UnknownModelError:
        from aiproxy_desktop.core.threads import on_thread

        registry = self._registry
        known = [(model.provider, model.id) for model in registry.known_models()]
        # A vendor that has not listed anything yet is taken to have its own models that the table knows.
        known += (
            (provider_id, model)
            for provider_id in registry.ids()
            if not registry.known_models(provider_id)
            for model in registry.catalog.names(provider_id)
            if provider_by_vendor(model) == provider_id
        )
        # Seconds for the ten thousand names that some vendors list.
        return UnknownModelError(_shown(name), await on_thread(lambda: _near(name, known), "near-names"))


def _near(name: str, known: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """References of at most three models (provider, id) whose names look like this one."""
    names: dict[str, str] = {}
    for provider, model in known:
        reference = f"{provider}:{model}"
        names[reference] = reference
        names.setdefault(model, reference)  # of several who have it, the first
    close = difflib.get_close_matches(name[:_LONGEST_NAME], names, n=6, cutoff=0.6)
    return tuple(dict.fromkeys(names[alias] for alias in close))[:3]


def _shown(name: str) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in name)
    return clean if len(clean) <= 80 else clean[:79] + "…"
