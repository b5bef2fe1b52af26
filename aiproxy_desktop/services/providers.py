"""The providers in use: built from the settings, asked for their models, watched by whoever subscribes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from aiproxy_desktop.core.credentials import StaticCredentials, checked_key
from aiproxy_desktop.core.defaults import VENDOR_IDS
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.services.known_lists import KnownLists
from aiproxy_desktop.services.plug_ins import find_plug_ins
from aiproxy_desktop.services.provider_asking import ask
from aiproxy_desktop.services.provider_building import build_provider
from aiproxy_desktop.services.provider_presets import Preset, label_of, presets
from aiproxy_desktop.services.provider_set import ProviderSet
from aiproxy_desktop.services.provider_specs import (
    OWN_DIALECTS,
    ProviderKind,
    ProviderSpec,
    endpoint_address,
    endpoint_id,
    endpoint_spec,
    provider_specs,
)
from aiproxy_desktop.services.provider_states import ProviderCheck, ProviderState, ProviderStatus, chats
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyPlace, KeyringCredentials, KeyStore, KnownKey
from aiproxy_desktop.storage.known_models import KnownModelsFile
from aiproxy_desktop.storage.model_settings import ModelFileOptions, OllamaHost
from aiproxy_desktop.storage.settings import Endpoint

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.provider import Provider
    from aiproxy_desktop.core.registry import Registry

__all__ = ["ProviderCheck", "ProviderKind", "ProviderService", "ProviderState", "ProviderStatus"]


class ProviderService:
    """Every provider the person can use. `start` builds them, `refresh` asks them."""

    def __init__(
        self,
        settings: SettingsService,
        keys: KeyStore,
        credentials: KeyringCredentials,
        registry: Registry,
        http: HttpClient,
        environ: Mapping[str, str],
        known: KnownModelsFile | None = None,
        *,
        stand_ins: Iterable[Provider] = (),
    ) -> None:
        """Wire up; nothing is built or asked yet.

        Args:
            settings: loaded; endpoints, Ollama host and model files are kept there.
            keys: where keys the person gives go.
            credentials: what the providers ask for keys; over `keys` and the environment.
            registry: where the providers are put; its owner closes it.
            http: shared by all providers.
            environ: base URLs and the names of key variables.
            known: where the last lists are kept for the next start; None keeps none.
            stand_ins: used, by their ids, in place of providers that would be built.
        """
        self._settings = settings
        self._keys = keys
        self._credentials = credentials
        self._http = http
        self._environ = environ
        self._context = ProviderContext(http, credentials, environ)
        self._known = KnownLists(known) if known is not None else None
        self._providers = ProviderSet(credentials, registry, self._context, self._known, stand_ins)
        self._keyed: frozenset[str] = frozenset()
        self._plug_ins: dict[str, ProviderSpec] = {}
        self._adding: set[str] = set()

    # What is known

    def states(self) -> tuple[ProviderState, ...]:
        """Every provider, in the order in which they are shown."""
        return self._providers.states()

    def taken_ids(self) -> frozenset[str]:
        """Ids that no other provider can have: of those there are, and of those just being added."""
        settings = self._settings.current
        endpoints = [one.id for one in settings.endpoints]
        hosts = [one.id for one in settings.ollama_hosts]
        return frozenset((*self._providers.ids(), *endpoints, *hosts, *self._adding))

    def default_model(self) -> ModelInfo | None:
        """The model for a new chat: the person's choice if it is there, else built in, else any."""
        known = [model for state in self.states() for model in state.models]
        wanted = self._settings.current.model
        for model in known:
            if model.reference == wanted:
                return model
        known = [model for model in known if chats(model)]
        known.sort(key=lambda model: model.provider != "builtin")
        return known[0] if known else None

    def presets(self) -> tuple[Preset, ...]:
        """What can be added: further accounts of vendors, local servers, and any other server."""
        return presets()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call after every change of `states()`; the answer unsubscribes."""
        return self._providers.changed.add(callback)

    # Asking

    async def start(self) -> None:
        """Build the providers that the settings name; once more where others changed those. Asks nobody."""
        await self._apply_settings()

    async def load_known(self) -> None:
        """Show the lists of the last run, until the providers were asked. Reads one file, on a thread."""
        if self._known is not None:
            await self._known.load()
            await self._providers.show_known()

    async def refresh(self, provider_id: str | None = None, *, quiet: bool = False) -> None:
        """Ask one provider for its models, or all of them at once. Failures become states.

        Args:
            provider_id: which one; None for all.
            quiet: leave the former states in sight until the answers are there.
        """
        if provider_id is not None:
            await self._providers.check(provider_id, quiet=quiet)
            return
        known = self._providers.ids()

        async def ask_new_vendors() -> None:
            await self._find_vendors()
            await self._check([name for name in self._providers.ids() if name not in known], quiet=quiet)

        await asyncio.gather(self._check(known, quiet=quiet), ask_new_vendors())

    def outdated(self) -> frozenset[str]:
        """Ids of those whose key or address changed since they were last asked, and that nobody asks now."""
        return self._providers.outdated() - self._providers.asking()

    def asking(self) -> frozenset[str]:
        """Ids of those that are being asked now."""
        return self._providers.asking()

    def asked_at(self, provider_id: str) -> float | None:
        """When one was last asked, by `time.monotonic`; None before the first time."""
        return self._providers.asked_at(provider_id)

    def note_outcome(self, provider_id: str, error: AIProxyError | None) -> None:
        """What became of a completion: None where it answered, else what it was refused with.

        A rate limit and a refused key become the provider's state, and an answer ends that.
        """
        if error is None:
            self._providers.note_answer(provider_id)
        else:
            self._providers.note_failure(provider_id, error)

    async def find_plug_ins(self, path: Iterable[str] | None = None) -> tuple[str, ...]:
        """Look for providers that other packages bring; asks none of them.

        Args:
            path: where packages lie, by default `sys.path`.

        Returns:
            the ids of those that are new.
        """
        former = dict(self._plug_ins)
        taken = {*self._providers.ids(), *VENDOR_IDS} - former.keys()
        self._plug_ins = await find_plug_ins(self._context, taken, former, path)
        await self._apply_settings()
        return tuple(name for name, spec in self._plug_ins.items() if former.get(name) != spec)

    async def look_up_keys(self) -> tuple[ProviderState, ...]:
        """Learn where each provider's key is, without asking any provider."""
        await self._find_vendors()
        for name in self._providers.ids():
            await self._providers.show_key(name)
        return self.states()

    async def test(self, provider_id: str) -> ProviderCheck:
        """Ask one provider for its models and say how that went. A broken plug-in is loaded once more."""
        plug_in = self._plug_ins.get(provider_id)
        if plug_in is not None and plug_in.provider is None:
            await self.find_plug_ins()
        return await self._providers.check(provider_id)

    async def test_endpoint(
        self, name: str, base_url: str, key: str = "", vendor: str = "", *, kept: str = ""
    ) -> ProviderCheck:
        """Ask an endpoint that is not in the settings for its models.

        Args:
            name: what the person calls it.
            base_url: where it is.
            key: as it was typed.
            vendor: whose dialect it speaks.
            kept: the id under which the key is kept that goes there where none was typed.

        Raises:
            InvalidEndpointError, InvalidKeyError: nothing could be sent.
        """
        url, speaks = endpoint_address(base_url, vendor)
        if not key and kept:
            key = await self._keys.get(kept) or ""
        tried = Endpoint(
            id="endpoint",
            name=name or OWN_DIALECTS.get(speaks) or base_url,
            base_url=url,
            needs_key=bool(key),
            vendor=speaks,
        )
        spec = endpoint_spec(tried)
        if spec.problem is not None:
            raise spec.problem
        keys = {"endpoint": checked_key(key)} if key else {}
        known = KnownKey(keys["endpoint"], "session") if keys else None
        provider = await build_provider(spec, self._http, StaticCredentials(keys))
        try:
            return await ask(spec, provider, known)
        finally:
            await provider.aclose()

    async def test_key(self, provider_id: str, key: str) -> ProviderCheck:
        """Ask a provider for its models with another key, which is kept nowhere.

        Raises:
            InvalidKeyError, InvalidEndpointError: nothing could be sent.
        """
        spec = self._providers.spec(provider_id)
        if spec is None or spec.provider is not None:
            return await self._providers.check(provider_id)
        known = KnownKey(checked_key(key, provider=provider_id), "session")
        provider = await build_provider(spec, self._http, StaticCredentials({provider_id: known.key}))
        try:
            return await ask(spec, provider, known)
        finally:
            await provider.aclose()

    # Keys

    async def set_key(self, provider_id: str, key: str) -> KeyPlace:
        """Keep a key. Whether the provider takes it is for `refresh` or `test` to find out.

        Returns:
            "keyring", or "session" where it could be kept for this run only.

        Raises:
            InvalidKeyError: it cannot be sent; nothing was kept.
            StorageError: the settings could not be written; the key is kept.
        """
        place = await self._keys.set(provider_id, checked_key(key, provider=provider_id))
        if provider_id in VENDOR_IDS:
            self._keyed |= {provider_id}
        await self._change_endpoint(provider_id, needs_key=True)
        await self._providers.show_key(provider_id)
        self._providers.mark(provider_id)
        return place

    async def store_key(self, provider_id: str) -> KeyPlace | None:
        """Put the key in use, from the environment or this run, into the keyring; None if there is none."""
        # Not any key of that name: the environment's may be a vendor's, and the address another one.
        known = await self._providers.known_key(provider_id)
        return None if known is None else await self.set_key(provider_id, known.key)

    async def remove_key(self, provider_id: str) -> None:
        """Forget a key. One from the environment comes to light again.

        Raises:
            StorageError: the keyring did not answer, so the key may still be in it.
        """
        try:
            await self._keys.remove(provider_id)
        finally:
            self._keyed -= {provider_id}
            await self._change_endpoint(provider_id, needs_key=False)
            await self._providers.show_key(provider_id)
            await self._forget_list(provider_id)
            self._providers.mark(provider_id)

    # Endpoints, hosts, files

    async def add_endpoint(self, name: str, base_url: str, key: str = "", vendor: str = "") -> Endpoint:
        """Add an OpenAI-compatible server, or one more account of a vendor (see `presets`).

        Args:
            name: what the person calls it.
            base_url: where it is; one of a vendor's own host speaks that vendor's dialect. Empty for the
                own address of `vendor`.
            key: its key, if it has one.
            vendor: id of the vendor whose dialect it speaks elsewhere, as a cluster's vLLM does; "openai",
                "gemini" and "anthropic" have dialects of their own.

        Raises:
            InvalidEndpointError, InvalidKeyError: nothing was added.
            StorageError: it holds for this run, but could not be written.
        """
        url, speaks = endpoint_address(base_url, vendor)
        checked = checked_key(key) if key.strip() else ""
        shown = name.strip() or url.partition("://")[2] or label_of(speaks)
        tried: set[str] = set()
        try:
            while True:
                own_id = endpoint_id(shown, self.taken_ids(), speaks)
                tried.add(own_id)
                self._adding.add(own_id)
                # A key kept under the same name, for another data folder say, must not go to this address.
                if checked or await self._keys.get(own_id) is None:
                    break
            endpoint = Endpoint(id=own_id, name=shown, base_url=url, needs_key=bool(checked), vendor=vendor)
            if checked:
                await self._keys.set(endpoint.id, checked)
            await self._change(endpoints=(*self._settings.current.endpoints, endpoint))
        finally:
            self._adding -= tried
        return endpoint

    async def update_endpoint(
        self,
        provider_id: str,
        *,
        name: str | None = None,
        base_url: str | None = None,
        key: str | None = None,
        vendor: str | None = None,
    ) -> None:
        """Change an endpoint; None leaves a thing as it is.

        Raises:
            InvalidEndpointError, InvalidKeyError: nothing was changed.
            StorageError: it holds for this run, but could not be written.
        """
        changes: dict[str, object] = {}
        if vendor is not None:
            changes["vendor"] = vendor
        if base_url is not None:
            former = next((one for one in self._settings.current.endpoints if one.id == provider_id), None)
            kept = former.vendor if former is not None else ""
            changes["base_url"], _ = endpoint_address(base_url, kept if vendor is None else vendor)
        if name is not None and name.strip():
            changes["name"] = name.strip()
        if key is not None:
            await self._keys.set(provider_id, checked_key(key, provider=provider_id))
            changes["needs_key"] = True
        await self._change_endpoint(provider_id, **changes)
        self._providers.mark(provider_id)

    async def remove_endpoint(self, provider_id: str) -> None:
        """Remove an endpoint and its key.

        Raises:
            StorageError: the settings could not be written, or the key may still be in the keyring.
        """
        rest = tuple(item for item in self._settings.current.endpoints if item.id != provider_id)
        self._keyed -= {provider_id}
        try:
            await self._change(endpoints=rest)
            await self._forget_list(provider_id)
        finally:
            await self._keys.remove(provider_id)

    async def set_ollama_host(self, host: str) -> None:
        """Look for Ollama elsewhere; an empty text means OLLAMA_HOST or the default.

        Raises:
            InvalidEndpointError: nothing was changed.
            StorageError: it holds for this run, but could not be written.
        """
        from aiproxy_desktop.core.providers.ollama.provider import parse_ollama_host

        if host.strip():
            parse_ollama_host(host)
        await self._change(ollama_host=host.strip())

    async def set_ollama_hosts(self, hosts: tuple[OllamaHost, ...]) -> None:
        """Have these Ollama servers besides the usual one; `OllamaService` looks after them.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        gone = {one.id for one in self._settings.current.ollama_hosts} - {one.id for one in hosts}
        await self._change(ollama_hosts=hosts)
        for provider_id in gone:
            await self._forget_list(provider_id)

    async def set_model_files(
        self, files: tuple[str, ...], options: tuple[ModelFileOptions, ...] | None = None
    ) -> None:
        """Offer these files as built-in models, and list them anew. Answers under way go on.

        Args:
            files: their paths.
            options: how they are run; None leaves that as it is.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        known = self._settings.current.model_options
        try:
            await self._change(model_files=files, model_options=known if options is None else options)
        finally:
            await self.refresh("builtin")

    # Inside

    async def _forget_list(self, provider_id: str) -> None:
        self._providers.drop_list(provider_id)
        if self._known is not None:
            await self._known.save()

    async def _change_endpoint(self, provider_id: str, **changes: object) -> None:
        endpoints = tuple(
            msgspec.structs.replace(item, **changes) if item.id == provider_id else item
            for item in self._settings.current.endpoints
        )
        await self._change(endpoints=endpoints)

    async def _change(self, **changes: object) -> None:
        try:
            await self._settings.update(**changes)
        finally:
            await self._apply_settings()

    async def _apply_settings(self) -> None:
        plug_ins = tuple(self._plug_ins.values())
        specs = provider_specs(self._settings.current, self._environ, self._keyed, plug_ins)
        await self._providers.apply(specs)

    async def _check(self, names: Iterable[str], *, quiet: bool) -> None:
        await asyncio.gather(*(self._providers.check(name, quiet=quiet) for name in names))

    async def _find_vendors(self) -> None:
        """Vendors for which a key lies in the keyring become providers; those whose key is gone go."""
        former = self._keyed
        for name in VENDOR_IDS:
            has_key = await self._keys.lookup(name) is not None
            self._keyed = self._keyed | {name} if has_key else self._keyed - {name}
        if self._keyed != former:
            await self._apply_settings()
