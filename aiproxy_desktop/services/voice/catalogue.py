"""Which live models one can talk with now."""

from __future__ import annotations

from aiproxy_desktop.core.live.codec import LiveService, LiveTalker
from aiproxy_desktop.core.live.models import LIVE_MODELS, live_facts_for
from aiproxy_desktop.services.model_offers import ModelOffers
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.services.voice.values import VoiceOffer


class VoiceModels(ModelOffers[VoiceOffer, LiveTalker]):
    """The live models of all providers, best first within each. Follows the providers until `close`."""

    @property
    def default(self) -> VoiceOffer | None:
        """The one last used, if it is still there; else the best that is ready; None where none is on offer.

        Where none is ready it is one that says why.
        """
        last = self.offer_for(self._settings.current.voice.model)
        if last is not None and last.ready:
            return last
        ready = [offer for offer in self.all if offer.ready]
        return min(ready, key=self._rank, default=last or next(iter(self.all), None))

    def service_of(self, offer: VoiceOffer) -> LiveService | None:
        """Whom to talk with for an offer; None where its provider is gone."""
        talker = self._maker(offer.provider)
        return None if talker is None else talker.live_service()

    def _maker(self, provider_id: str) -> LiveTalker | None:
        found = self._provider(provider_id)
        return found if isinstance(found, LiveTalker) else None

    def _listed(self, state: ProviderState, maker: LiveTalker) -> list[VoiceOffer]:
        return [_offer(state, model) for model in maker.live_models()]

    def _unlisted(self, state: ProviderState, model: str) -> VoiceOffer:
        return _offer(state, model)

    @staticmethod
    def _rank(offer: VoiceOffer) -> int:
        """The table's order; what is not in it comes last."""
        places = (place for place, facts in enumerate(LIVE_MODELS) if facts.id == offer.model)
        return next(places, len(LIVE_MODELS))


def _offer(state: ProviderState, model: str) -> VoiceOffer:
    facts = live_facts_for(state.vendor or state.kind, model)
    listed = next((one.display_name for one in state.models if one.id == model), "")
    ready = state.status in {"ready", "checking"}
    who = "" if state.detail.startswith(state.label) else f"{state.label}: "
    why = "" if ready else " ".join(filter(None, (f"{who}{state.detail}.", state.advice)))
    keyless = state.status == "no_key"
    return VoiceOffer(
        f"{state.id}:{model}", listed or model, state.id, state.label, facts, ready, why, keyless
    )
