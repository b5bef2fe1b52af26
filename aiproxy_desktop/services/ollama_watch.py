"""Watches Ollama servers start and stop, and their models come and go, at next to no cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from aiproxy_desktop.core.endpoints import is_loopback
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.listening import listens
from aiproxy_desktop.services.provider_states import ProviderState

if TYPE_CHECKING:
    from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
    from aiproxy_desktop.services.providers import ProviderService


@dataclass(frozen=True, slots=True)
class Paces:
    """Seconds between two looks: at a server on this machine, at one elsewhere, at a list."""

    near: float = 2.0
    far: float = 15.0
    tags: float = 10.0


@dataclass(slots=True)
class _Seen:
    """What the last looks at a server found. `acted` is what was refreshed for and did not come true."""

    acted: bool | None = None
    tags: frozenset[tuple[str, str]] | None = None


class Watch:
    """One round after the other over all servers of one kind of place."""

    def __init__(
        self,
        providers: ProviderService,
        provider: Callable[[str], OllamaProvider | None],
        paces: Paces,
    ) -> None:
        """Watch nothing yet.

        Args:
            providers: asked for states, and to refresh.
            provider: gives the server of an id.
            paces: how often to look.
        """
        self._providers = providers
        self._provider = provider
        self._paces = paces
        self._seen: dict[str, _Seen] = {}
        self._closely = asyncio.Event()

    def closely(self, *, on: bool) -> None:
        """Whether a person looks on, so that changes of the lists are worth a question now and then."""
        if on:
            self._closely.set()
        else:
            self._closely.clear()

    async def watch_near(self) -> None:
        """Look at the servers on this machine, for ever: a connection, and nothing is sent."""
        await self._watch(near=True)

    async def watch_far(self) -> None:
        """Look at the servers elsewhere, for ever."""
        await self._watch(near=False)

    async def watch_lists(self) -> None:
        """Look whether lists changed, for ever, while a person looks on."""
        async with _Looks(self._look_at_list) as looks:
            while True:
                await self._closely.wait()
                looks.begin(self._hosts())
                await asyncio.sleep(self._paces.tags)

    async def _watch(self, *, near: bool) -> None:
        async with _Looks(self._look_at) as looks:
            while True:
                looks.begin(state for state in self._hosts() if is_near(state.base_url) is near)
                await asyncio.sleep(self._paces.near if near else self._paces.far)

    def _hosts(self) -> list[ProviderState]:
        hosts = [state for state in self._providers.states() if state.kind == "ollama"]
        self._seen = {state.id: self._seen.get(state.id, _Seen()) for state in hosts}
        return hosts

    async def _look_at(self, state: ProviderState) -> None:
        there = await self._is_there(state)
        seen = self._seen.get(state.id)
        now = next((one for one in self._providers.states() if one.id == state.id), None)
        # Meanwhile it may have gone, or someone asked it.
        if seen is None or now is None or now.status == "checking" or now.base_url != state.base_url:
            return
        if there is not (now.status == "unreachable"):
            seen.acted = None
        elif seen.acted is not there:
            # Once only: what listens may still not answer, and is not to be asked every two seconds.
            seen.acted = there
            seen.tags = None
            await self._providers.refresh(state.id, quiet=True)

    async def _is_there(self, state: ProviderState) -> bool:
        if is_near(state.base_url):
            parts = urlsplit(state.base_url)
            try:
                port = parts.port or (443 if parts.scheme == "https" else 80)
            except ValueError:  # an address that could not be read
                return False
            return await listens(parts.hostname or "", port)
        provider = self._provider(state.id)
        return provider is not None and await provider.detect()

    async def _look_at_list(self, state: ProviderState) -> None:
        provider, seen = self._provider(state.id), self._seen.get(state.id)
        if state.status != "ready" or provider is None or seen is None:
            return
        try:
            tags = frozenset((tag.name, tag.digest) for tag in await provider.tags())
        except AIProxyError:  # the other watch tells when it is gone
            return
        former, seen.tags = seen.tags, tags
        shown = {model.id for model in state.models}
        # The first look may find names that were never shown: of models that complete no text, or new ones.
        if tags != former and (former is not None or shown != {name for name, _ in tags}):
            await self._providers.refresh(state.id, quiet=True)


class _Looks:
    """Looks under way, at each server one at a time: one that hangs holds up no other. Leaving ends them."""

    def __init__(self, look: Callable[[ProviderState], Coroutine[Any, Any, None]]) -> None:
        self._look = look
        self._group = asyncio.TaskGroup()
        self._under_way: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._group.__aexit__(*error)

    def begin(self, states: Iterable[ProviderState]) -> None:
        """Look at those that are not being looked at."""
        for state in states:
            if state.id not in self._under_way:
                self._under_way.add(state.id)
                self._group.create_task(self._one(state), name=f"ollama:look at {state.id}")

    async def _one(self, state: ProviderState) -> None:
        try:
            await self._look(state)
        finally:
            self._under_way.discard(state.id)


def is_near(base_url: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return is_loopback(urlsplit(base_url).hostname or "")
    except ValueError:  # an address that could not be read
        return False
