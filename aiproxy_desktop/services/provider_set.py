"""Specs become providers, and what they answer becomes states."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.errors import AIProxyError, MissingKeyError, ProviderTimeoutError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.plug_ins import reason_of
from aiproxy_desktop.services.provider_building import build_provider
from aiproxy_desktop.services.provider_specs import KEYED_KINDS, ProviderSpec
from aiproxy_desktop.services.provider_states import (
    ProviderCheck,
    ProviderState,
    checking_detail,
    failed_detail,
    failed_status,
    ready_detail,
)
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.keys import KeyringCredentials, KnownKey

if TYPE_CHECKING:
    from aiproxy_desktop.core.offers import ProviderContext
    from aiproxy_desktop.core.provider import Provider
    from aiproxy_desktop.core.registry import Registry

# Seconds for a provider to name its models.
LIST_TIMEOUT = 15.0

_log = logging.getLogger(__name__)


class ProviderSet:
    """The providers of the current settings, in the registry, each with its state."""

    def __init__(
        self,
        credentials: KeyringCredentials,
        registry: Registry,
        context: ProviderContext,
    ) -> None:
        self._credentials = credentials
        self._registry = registry
        self._context = context
        self._specs: dict[str, ProviderSpec] = {}
        self._states: dict[str, ProviderState] = {}
        self._rounds: dict[str, int] = {}
        self._unbuilt: dict[str, AIProxyError] = {}
        self._applying = asyncio.Lock()
        self.changed: Subscribers[[]] = Subscribers()

    def ids(self) -> list[str]:
        """Ids of all providers, in order."""
        return list(self._specs)

    def states(self) -> tuple[ProviderState, ...]:
        """One state a provider, in order."""
        return tuple(self._states.values())

    async def apply(self, specs: Sequence[ProviderSpec]) -> None:
        """Make registry and states agree with the specs, touching only what changed."""
        async with self._applying:
            former, self._specs = self._specs, {spec.id: spec for spec in specs}
            kept = {spec.id for spec in specs if former.get(spec.id) == spec}
            for changed in (former.keys() | self._specs.keys()) - kept:
                self._rounds[changed] = self._rounds.get(changed, 0) + 1
            self._states = {
                spec.id: self._states[spec.id] if spec.id in kept else _first_state(spec) for spec in specs
            }
            self.changed()
            for gone in former.keys() - self._specs.keys():
                await self._registry.remove(gone)
            for spec in specs:
                if spec.id not in kept:
                    await self._put_in_registry(spec)
            self._offer_vendors()

    async def check(self, provider_id: str) -> ProviderCheck:
        """Ask a provider for its models, and keep what became of it as its state."""
        spec = self._specs.get(provider_id)
        if spec is None:
            return ProviderCheck(ok=False, status="error", sentence="This provider is gone", milliseconds=0)
        this_round = self._rounds[provider_id] = self._rounds.get(provider_id, 0) + 1
        former = self._states[provider_id]
        self._put(replace(former, status="checking", detail=checking_detail(spec), advice=""))
        try:
            known = await self._key_of(spec)
            outcome = await ask(spec, self._provider(spec), known)
            if outcome.ok or outcome.status in {"no_key", "rejected"}:
                outcome = self._completed(spec, outcome, this_round)
        except asyncio.CancelledError:
            if self._rounds.get(provider_id) == this_round:
                self._put(former)
            raise
        # A later check, or a change of the settings, knows better.
        if self._rounds.get(provider_id) == this_round:
            self._put(self._after(former, known, outcome))
        return outcome

    async def show_key(self, provider_id: str) -> None:
        """Find out where a provider's key is, and show that."""
        spec = self._specs.get(provider_id)
        known = None if spec is None else await self._key_of(spec)
        if provider_id in self._states:
            self._put(self._with_key(self._states[provider_id], known))

    async def _key_of(self, spec: ProviderSpec) -> KnownKey | None:
        return await self._credentials_of(spec).lookup(spec.id) if spec.kind in KEYED_KINDS else None

    def _credentials_of(self, spec: ProviderSpec) -> KeyringCredentials:
        return self._credentials.without_environment() if spec.own_keys else self._credentials

    def _completed(self, spec: ProviderSpec, outcome: ProviderCheck, this_round: int) -> ProviderCheck:
        """With all that is known of the models, not only what the provider tells."""
        if self._rounds.get(spec.id) != this_round:
            return outcome
        self._registry.remember(spec.id, outcome.models)
        known = self._registry.known_models(spec.id)
        return replace(outcome, models=known) if known else outcome

    def _after(self, former: ProviderState, known: KnownKey | None, outcome: ProviderCheck) -> ProviderState:
        state = replace(former, status=outcome.status, detail=outcome.sentence, advice=outcome.advice)
        # An unreachable provider may be back at any moment: what it offered stays in sight.
        if outcome.ok or outcome.status in {"no_key", "rejected"}:
            state = replace(state, models=outcome.models)
        return self._with_key(state, known)

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
            provider = await build_provider(spec, self._context.http, credentials, former)
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
        if self._states.get(state.id) != state:
            self._states[state.id] = state
            self.changed()


async def ask(spec: ProviderSpec, provider: Provider | AIProxyError, known: KnownKey | None) -> ProviderCheck:
    """Ask a provider for its models, and wait at most LIST_TIMEOUT seconds.

    Args:
        spec: says how to speak of it.
        provider: whom to ask, or why it cannot be asked.
        known: its key, when there is one.
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(LIST_TIMEOUT):
            models = await _models(spec, provider, known)
    except TimeoutError:
        slow = f"{spec.label} did not answer within {LIST_TIMEOUT:g} s"
        return _failed(spec, ProviderTimeoutError(slow, "Try again.", provider=spec.id), began)
    except AIProxyError as error:
        return _failed(spec, error, began)
    except Exception as error:  # noqa: BLE001 - a fault in one provider must not take the others down with it
        if spec.kind == "plugin":
            _log.info("%s could not be asked for its models", spec.id, exc_info=error)
            return _failed(spec, AIProxyError("The plug-in failed", reason_of(error)), began)
        _log.exception("%s could not be asked for its models", spec.id)
        fault = AIProxyError("Something in the application went wrong", "The log has the details.")
        return _failed(spec, fault, began)
    return ProviderCheck(
        ok=True,
        status="ready",
        sentence=ready_detail(spec, models),
        milliseconds=_since(began),
        models=models,
    )


async def _models(
    spec: ProviderSpec, provider: Provider | AIProxyError, known: KnownKey | None
) -> tuple[ModelInfo, ...]:
    if isinstance(provider, AIProxyError):
        raise provider
    if spec.needs_key and known is None:
        raise MissingKeyError(f"There is no key for {spec.label}", "Add one.", provider=spec.id)
    return tuple(await provider.list_models())


def _failed(spec: ProviderSpec, error: AIProxyError, began: float) -> ProviderCheck:
    return ProviderCheck(
        ok=False,
        status=failed_status(error),
        sentence=failed_detail(spec, error),
        milliseconds=_since(began),
        advice=error.advice,
    )


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _first_state(spec: ProviderSpec) -> ProviderState:
    return ProviderState(
        id=spec.id,
        label=spec.label,
        kind=spec.kind,
        status="checking",
        detail=checking_detail(spec),
        base_url=spec.base_url,
        needs_key=spec.needs_key,
    )
