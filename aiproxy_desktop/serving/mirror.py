"""What the window knows, for the server: settings, keys, lists of models. The window keeps it all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.provider_states import closed
from aiproxy_desktop.serving.crossing import Crossing
from aiproxy_desktop.storage.keys import KeyStore, KnownKey
from aiproxy_desktop.storage.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The window's state at one moment: values that any thread may read.

    Attributes:
        settings: in use.
        lists: the models of each provider, completed.
        keyed: of each provider, where its key is and what it ends in, as far as that was looked up.
        closed: ids of the providers that answer nobody, for want of a key or for a wrong one.
    """

    settings: Settings
    lists: Mapping[str, tuple[ModelInfo, ...]]
    keyed: Mapping[str, tuple[str | None, str]]
    closed: frozenset[str]


def snapshot_of(window: Runtime) -> Snapshot:
    """How things are now; called on the loop of the window."""
    states = window.providers.states()
    return Snapshot(
        window.settings.current,
        {state.id: state.models for state in states},
        {state.id: (state.key_source, state.key_hint) for state in states},
        closed(states),
    )


class BorrowedKeys(KeyStore):
    """The keys of the window's store: asked for once, and again when something has changed over there.

    A request does not wait for the window each time, and nor does the keyring.
    """

    def __init__(self, redactor: Redactor, theirs: KeyStore, crossing: Crossing) -> None:
        super().__init__(redactor)
        self._theirs = theirs
        self._crossing = crossing
        self._known: dict[str, KnownKey | None] = {}

    async def lookup(self, provider: str) -> KnownKey | None:
        """The key of a provider and where it is kept, or None."""
        if provider not in self._known:
            self._known[provider] = await self._ask_window(provider)
        return self._known[provider]

    async def renew(self, changed: frozenset[str]) -> None:
        """Ask again for those that are known, and for those missed whose state has `changed`."""
        for provider, known in tuple(self._known.items()):
            if known is not None or provider in changed:
                self._known[provider] = await self._ask_window(provider)

    async def _ask_window(self, provider: str) -> KnownKey | None:
        return await self._crossing.run(lambda: self._theirs.lookup(provider))


class Follower:
    """Keeps a runtime of the server's loop as the window's is. Used on the server's loop."""

    def __init__(self, runtime: Runtime, keys: BorrowedKeys, first: Snapshot) -> None:
        self._runtime, self._keys = runtime, keys
        self._newest = first
        self._keyed: Mapping[str, tuple[str | None, str]] = {}
        self._news = asyncio.Event()

    @property
    def closed(self) -> frozenset[str]:
        """Ids of the providers that answer nobody, as the window knows."""
        return self._newest.closed

    def take(self, snapshot: Snapshot) -> None:
        """The window's state has changed."""
        self._newest = snapshot
        self._news.set()

    async def follow(self) -> None:
        """Take up each change, until it is cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.take_up()
            except Exception as error:  # noqa: BLE001 - one change that cannot be taken up must not be the last
                _log.error("a change of the window was not taken up", exc_info=error)

    async def take_up(self) -> None:
        """Be as the newest state says."""
        snapshot = self._newest
        runtime = self._runtime
        former, self._keyed = self._keyed, snapshot.keyed
        changed = {one for one in {*former, *snapshot.keyed} if former.get(one) != snapshot.keyed.get(one)}
        await self._keys.renew(frozenset(changed))
        runtime.settings.adopt(snapshot.settings)
        await runtime.providers.start()
        registry = runtime.registry
        for provider_id, models in snapshot.lists.items():
            if registry.known_models(provider_id) is not models:
                registry.put(provider_id, models)
