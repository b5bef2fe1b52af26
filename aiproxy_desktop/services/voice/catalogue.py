"""Which live models one can talk with now."""

from __future__ import annotations

from aiproxy_desktop.core.live.codec import LiveService, LiveTalker
from aiproxy_desktop.core.live.models import LIVE_MODELS, LiveModelFacts, live_model_facts
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.voice.values import VoiceOffer


class VoiceModels:
    """The live models of all providers, best first within each. Follows the providers until `close`."""

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
        self._all: tuple[VoiceOffer, ...] | None = None
        self.changed: Subscribers[[]] = Subscribers()
        self._unsubscribe = providers.subscribe(self._look_again)

    @property
    def all(self) -> tuple[VoiceOffer, ...]:
        """Every live model on offer, those that are not ready included; provider by provider."""
        if self._all is None:
            self._all = self._offers()
        return self._all

    def offer_for(self, reference: str) -> VoiceOffer | None:
        """A model by reference, one that no list names included; None where its provider has none."""
        for offer in self.all:
            if offer.reference == reference:
                return offer
        provider_id, colon, model = reference.partition(":")
        if not colon or not model:
            return None
        for state in self._providers.states():
            if state.id == provider_id and self._talker(provider_id) is not None:
                return _offer(state, model)
        return None

    @property
    def default(self) -> VoiceOffer | None:
        """The one last used, if it is still there; else the best that is ready; None where none is on offer.

        Where none is ready it is one that says why.
        """
        last = self.offer_for(self._settings.current.voice.model)
        if last is not None and last.ready:
            return last
        ready = [offer for offer in self.all if offer.ready]
        return min(ready, key=_rank, default=last or next(iter(self.all), None))

    def service_of(self, offer: VoiceOffer) -> LiveService | None:
        """Whom to talk with for an offer; None where its provider is gone."""
        talker = self._talker(offer.provider)
        return None if talker is None else talker.live_service()

    def close(self) -> None:
        """Follow the providers no more."""
        self._unsubscribe()

    def _talker(self, provider_id: str) -> LiveTalker | None:
        found: object = self._registry.get(provider_id) if provider_id in self._registry.ids() else None
        return found if isinstance(found, LiveTalker) else None

    def _offers(self) -> tuple[VoiceOffer, ...]:
        found: list[VoiceOffer] = []
        for state in self._providers.states():
            talker = self._talker(state.id)
            if talker is not None:
                found += sorted((_offer(state, model) for model in talker.live_models()), key=_rank)
        return tuple(found)

    def _look_again(self) -> None:
        former, self._all = self._all, None
        if former is not None and self.all != former:
            self.changed()


def _offer(state: ProviderState, model: str) -> VoiceOffer:
    facts = live_model_facts(model) or _unknown(state, model)
    listed = next((one.display_name for one in state.models if one.id == model), "")
    ready = state.status in {"ready", "checking"}
    who = "" if state.detail.startswith(state.label) else f"{state.label}: "
    why = "" if ready else " ".join(filter(None, (f"{who}{state.detail}.", state.advice)))
    keyless = state.status == "no_key"
    return VoiceOffer(
        f"{state.id}:{model}", listed or model, state.id, state.label, facts, ready, why, keyless
    )


def _unknown(state: ProviderState, model: str) -> LiveModelFacts:
    """Of a model that is in no table: what the best known one of its vendor takes, without its prices."""
    vendor = state.vendor or state.kind
    kin = next((facts for facts in LIVE_MODELS if facts.vendor == vendor), LIVE_MODELS[0])
    return LiveModelFacts(
        model,
        kin.vendor,
        kin.input_rate,
        voices=kin.voices,
        languages=kin.languages,
        google_search=kin.google_search,
        functions=kin.functions,
        changes=kin.changes,
    )


def _rank(offer: VoiceOffer) -> int:
    """The table's order, best first; what is not in it comes last."""
    places = (place for place, facts in enumerate(LIVE_MODELS) if facts.id == offer.model)
    return next(places, len(LIVE_MODELS))
