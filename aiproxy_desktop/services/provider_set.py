"""Specs become providers, and what they answer becomes states."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.errors import AIProxyError, AuthenticationError
from aiproxy_desktop.core.slices import in_slices
from aiproxy_desktop.services.known_lists import KnownLists
from aiproxy_desktop.services.provider_asking import ask
from aiproxy_desktop.services.provider_building import build_provider
from aiproxy_desktop.services.provider_specs import KEYED_KINDS, ProviderSpec
from aiproxy_desktop.services.provider_states import (
    ProviderCheck,
    ProviderState,
    checking_detail,
    failed_detail,
    failed_status,
    failed_until,
    ready_detail,
)
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.keys import KeyringCredentials, KnownKey

if TYPE_CHECKING:
    from aiproxy_desktop.core.offers import ProviderContext
    from aiproxy_desktop.core.provider import Provider
    from aiproxy_desktop.core.registry import Registry


class ProviderSet:
    """The providers of the current settings, in the registry, each with its state."""

    def __init__(
        self,
        credentials: KeyringCredentials,
        registry: Registry,
        context: ProviderContext,
        known: KnownLists | None = None,
        stand_ins: Iterable[Provider] = (),
    ) -> None:
        self._known = known
        self._stand_ins = {provider.id: provider for provider in stand_ins}
        self._credentials = credentials
        self._registry = registry
        self._context = context
        self._specs: dict[str, ProviderSpec] = {}
        self._states: dict[str, ProviderState] = {}
        self._rounds: dict[str, int] = {}
        self._unbuilt: dict[str, AIProxyError] = {}
        self._outdated: set[str] = set()
        self._asking: dict[str, int] = {}
        self._asked_at: dict[str, float] = {}
        self._applying = asyncio.Lock()
        self.changed: Subscribers[[]] = Subscribers()

    def ids(self) -> list[str]:
        """Ids of all providers, in order."""
        return list(self._specs)

    def spec(self, provider_id: str) -> ProviderSpec | None:
        """What one is built from."""
        return self._specs.get(provider_id)

    def states(self) -> tuple[ProviderState, ...]:
        """One state a provider, in order."""
        return tuple(self._states.values())

    def outdated(self) -> frozenset[str]:
        """Ids of those whose key, address or anything else changed since they were last asked."""
        return frozenset(self._outdated.intersection(self._specs))

    def asking(self) -> frozenset[str]:
        """Ids of those that are being asked now."""
        return frozenset(self._asking)

    def asked_at(self, provider_id: str) -> float | None:
        """When one was last asked, by `time.monotonic`."""
        return self._asked_at.get(provider_id)

    def mark(self, provider_id: str) -> None:
        """What is known of one is out of date."""
        if provider_id in self._specs:
            self._outdated.add(provider_id)
            self.changed()

    def drop_list(self, provider_id: str) -> None:
        """Forget what one offered, here and for the next start."""
        if self._known is not None:
            self._known.drop(provider_id)
        if provider_id in self._states:
            self._registry.put(provider_id, ())
            self._put(replace(self._states[provider_id], models=(), reported=(), listed_at=None))

    async def show_known(self) -> None:
        """Show the last known list of each that has none yet."""
        for spec in tuple(self._specs.values()):
            await self._show_known(spec)

    async def apply(self, specs: Sequence[ProviderSpec]) -> None:
        """Make registry and states agree with the specs, touching only what changed."""
        async with self._applying:
            former, self._specs = self._specs, {spec.id: spec for spec in specs}
            kept = {spec.id for spec in specs if former.get(spec.id) == spec}
            for changed in (former.keys() | self._specs.keys()) - kept:
                self._rounds[changed] = self._rounds.get(changed, 0) + 1
                self._outdated.add(changed)
            self._outdated &= self._specs.keys()
            self._states = {
                spec.id: self._states[spec.id] if spec.id in kept else _first_state(spec) for spec in specs
            }
            self.changed()
            for gone in former.keys() - self._specs.keys():
                await self._registry.remove(gone)
            for spec in specs:
                if spec.id not in kept:
                    await self._put_in_registry(spec)
                    await self._show_known(spec)
            self._offer_vendors()

    async def check(self, provider_id: str, *, quiet: bool = False) -> ProviderCheck:
        """Ask a provider for its models, and keep what became of it as its state.

        Args:
            provider_id: whom.
            quiet: leave the former state in sight meanwhile.
        """
        spec = self._specs.get(provider_id)
        if spec is None:
            return ProviderCheck(ok=False, status="error", sentence="This provider is gone", milliseconds=0)
        this_round = self._rounds[provider_id] = self._rounds.get(provider_id, 0) + 1
        former = self._states[provider_id]
        self._outdated.discard(provider_id)
        self._asked_at[provider_id] = time.monotonic()
        self._asking[provider_id] = self._asking.get(provider_id, 0) + 1
        if not quiet:
            self._put(replace(former, status="checking", detail=checking_detail(spec), advice=""))
        try:
            known = await self._key_of(spec)
            outcome = await ask(spec, self._provider(spec), known)
            if outcome.ok:
                outcome = await self._completed(spec, outcome)
        except asyncio.CancelledError:
            if self._rounds.get(provider_id) == this_round:
                self._outdated.add(provider_id)
                now = self._states[provider_id]
                self._put(replace(now, status=former.status, detail=former.detail, advice=former.advice))
            raise
        finally:
            self._asking[provider_id] -= 1
            if not self._asking[provider_id]:
                del self._asking[provider_id]
        # A later check, or a change of the settings, knows better.
        if self._rounds.get(provider_id) == this_round:
            self._keep(spec, known, outcome)
        if self._known is not None:
            await self._known.save()
        return outcome

    def note_failure(self, provider_id: str, error: AIProxyError) -> None:
        """An answer was refused: for a limit, or for the key, that is the provider's state as well."""
        spec, state = self._specs.get(provider_id), self._states.get(provider_id)
        if spec is None or state is None or state.status == "checking":
            return
        status = failed_status(error)
        if isinstance(error, AuthenticationError) and error.status != 401:
            return  # this key may not do this one thing
        if status == "unreachable" and state.status == "ready":
            self.mark(provider_id)  # one connection that broke may mean nothing: the list tells
        if status not in {"rate_limited", "rejected"}:
            return
        if status == "rejected":
            self._outdated.add(provider_id)  # asking for the list tells for sure
        self._put(
            replace(
                state,
                status=status,
                detail=failed_detail(spec, error),
                advice=error.advice,
                until=failed_until(error),
            )
        )

    def note_answer(self, provider_id: str) -> None:
        """It answered: it is limited, refused or away no more."""
        spec, state = self._specs.get(provider_id), self._states.get(provider_id)
        if spec is None or state is None or state.status not in {"rate_limited", "rejected", "unreachable"}:
            return
        if not state.models:
            self._outdated.add(provider_id)
        detail = ready_detail(spec, state.models)
        self._put(
            replace(
                state, status="ready", detail=detail, advice="", until=None, answered_at=datetime.now(UTC)
            )
        )

    async def show_key(self, provider_id: str) -> None:
        """Find out where a provider's key is, and show that."""
        known = await self.known_key(provider_id)
        if provider_id in self._states:
            self._put(self._with_key(self._states[provider_id], known))

    async def known_key(self, provider_id: str) -> KnownKey | None:
        """The key that a provider is asked with, if there is one."""
        spec = self._specs.get(provider_id)
        return None if spec is None else await self._key_of(spec)

    async def _key_of(self, spec: ProviderSpec) -> KnownKey | None:
        return await self._credentials_of(spec).lookup(spec.id) if spec.kind in KEYED_KINDS else None

    def _credentials_of(self, spec: ProviderSpec) -> KeyringCredentials:
        return self._credentials.without_environment() if spec.own_keys else self._credentials

    async def _completed(self, spec: ProviderSpec, outcome: ProviderCheck) -> ProviderCheck:
        """With what the catalogue adds. Most lists are as they were: then so are the values."""
        state = self._states.get(spec.id)
        if state is not None and state.reported and len(state.reported) == len(outcome.reported):
            pairs = zip(state.reported, outcome.reported, strict=True)
            if all(await in_slices(pairs, lambda pair: pair[0] == pair[1])):
                return replace(outcome, models=state.models, reported=state.reported)
        completed = await self._registry.completed(spec.id, outcome.reported)
        return replace(outcome, models=completed)

    def _keep(self, spec: ProviderSpec, known: KnownKey | None, outcome: ProviderCheck) -> None:
        """Make the outcome of a check the state."""
        state = replace(
            self._states[spec.id],
            status=outcome.status,
            detail=outcome.sentence,
            advice=outcome.advice,
            until=outcome.until,
        )
        now = datetime.now(UTC)
        if outcome.ok:
            self._registry.put(spec.id, outcome.models)
            state = replace(
                state,
                models=outcome.models,
                reported=outcome.reported,
                milliseconds=outcome.milliseconds,
                listed_at=now,
                answered_at=now,
            )
            if self._known is not None:
                self._known.note(spec, outcome.reported, now)
        elif outcome.status in {"no_key", "no_model", "rejected"}:
            # An unreachable provider may be back at any moment: what it offered stays in sight. This one
            # is closed to the person.
            self.drop_list(spec.id)
            state = replace(state, models=(), reported=(), listed_at=None)
        self._put(self._with_key(state, known))

    async def _show_known(self, spec: ProviderSpec) -> None:
        known = self._known.of(spec) if self._known is not None else None
        if known is None or self._states[spec.id].listed_at is not None:
            return
        completed = await self._registry.completed(spec.id, known.models)
        state = self._states.get(spec.id)
        # It may have answered meanwhile, or be another one.
        if state is None or state.listed_at is not None or self._specs.get(spec.id) != spec:
            return
        self._registry.put(spec.id, completed)
        self._put(replace(state, models=completed, reported=known.models, listed_at=known.listed_at))

    def _with_key(self, state: ProviderState, known: KnownKey | None) -> ProviderState:
        if known is None:
            return replace(state, key_source=None, key_hint="", key_variable="")
        variable = ""
        if known.source == "environment":
            names = KEY_VARIABLES.get(state.id, ())
            environ = self._context.environ
            variable = next((name for name in names if environ.get(name, "").strip()), "")
        return replace(state, key_source=known.source, key_hint=known.hint, key_variable=variable)

    def _provider(self, spec: ProviderSpec) -> Provider | AIProxyError:
        return (
            self._registry.get(spec.id) or self._unbuilt.get(spec.id) or AIProxyError("It is not there yet")
        )

    async def _put_in_registry(self, spec: ProviderSpec) -> None:
        self._unbuilt.pop(spec.id, None)
        try:
            if spec.problem is not None:
                raise spec.problem
            credentials = self._credentials_of(spec)
            former = self._registry.get(spec.id) if spec.kind == "builtin" else None
            provider = self._stand_ins.get(spec.id) or await build_provider(
                spec, self._context.http, credentials, former
            )
            await self._registry.replace(provider)
        except AIProxyError as error:
            self._unbuilt[spec.id] = error
            await self._registry.remove(spec.id)

    def _offer_vendors(self) -> None:
        """Those that are not shown are there for whoever names them."""
        from aiproxy_desktop.core.defaults import vendor_offers

        taken = {*self._registry.ids(), *self._specs}
        for offer in vendor_offers(self._context):
            if offer.id not in taken:
                self._registry.offer(offer)

    def _put(self, state: ProviderState) -> None:
        former = self._states.get(state.id)
        # Two lists of thousands of models are not compared one by one: another list is a change.
        same = former is not None and former.models is state.models and former.reported is state.reported
        if not same or former != state:
            self._states[state.id] = state
            self.changed()


def _first_state(spec: ProviderSpec) -> ProviderState:
    return ProviderState(
        id=spec.id,
        label=spec.label,
        kind=spec.kind,
        status="checking",
        detail=checking_detail(spec),
        base_url=spec.base_url,
        needs_key=spec.needs_key,
        vendor=spec.vendor,
    )
