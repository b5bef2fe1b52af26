"""The last list of each provider: in memory, and in a file for the next start."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.provider_specs import ProviderSpec
from aiproxy_desktop.storage.known_models import KnownList, KnownModelsFile

# A list that is as it was is written again only so often, for its date.
_FRESH = timedelta(minutes=1)


class KnownLists:
    """Keyed by a provider's id and address: a list of one server is never shown for another."""

    def __init__(self, file: KnownModelsFile) -> None:
        """Wire up; nothing is read, and nothing kept, before `load`."""
        self._file = file
        self._lists: dict[tuple[str, str], KnownList] = {}
        self._loaded = False
        self._changed = False
        self._writing = False

    async def load(self) -> None:
        """Read the file, on a thread. One that is missing or damaged holds nothing."""
        for one in await on_thread(self._file.load, "known-models"):
            self._lists.setdefault((one.provider, one.base_url), one)
        self._loaded = True

    def of(self, spec: ProviderSpec) -> KnownList | None:
        """The last list of a provider at its address."""
        return self._lists.get((spec.id, spec.base_url))

    def note(self, spec: ProviderSpec, models: tuple[ModelInfo, ...], when: datetime) -> None:
        """Keep a list that just came. What is built in needs no network, and lists itself at every start."""
        if spec.kind == "builtin":
            return
        former = self._lists.get((spec.id, spec.base_url))
        if former is not None and former.models is models and when - former.listed_at < _FRESH:
            return
        self.drop(spec.id)
        self._lists[spec.id, spec.base_url] = KnownList(spec.id, spec.base_url, when, models)
        self._changed = True

    def drop(self, provider_id: str) -> None:
        """Forget a provider's lists: its key is gone, or not its own."""
        for key in [key for key in self._lists if key[0] == provider_id]:
            del self._lists[key]
            self._changed = True

    async def save(self) -> None:
        """Write what changed; while another call writes, that one sees to it."""
        if self._writing or not self._loaded:
            return
        self._writing = True
        try:
            while self._changed:
                self._changed = False
                await on_thread(partial(self._file.save, tuple(self._lists.values())), "known-models")
        finally:
            self._writing = False
