"""Words that several parts of the voice tab share. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.services.voice.values import VoiceOffer, VoiceState
from aiproxy_desktop.ui.chat.conversation.facts import money
from aiproxy_desktop.ui.translation import tr


def session_time(seconds: float) -> str:
    """A moment of the session: `0:09`, `12:40`, `1:02:03`."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def speaker_name(offer: VoiceOffer | None) -> str:
    """What the model is called where it speaks: its provider, else its own name."""
    if offer is None:
        return tr("The model")
    return offer.provider_label or offer.name or tr("The model")


def can_talk(state: VoiceState, offer: VoiceOffer | None, problem: str = "") -> bool:
    """Whether holding something would send sound; `problem` is why there can be no sound at all."""
    return (offer is None or offer.ready) and state.microphone.state != "missing" and not problem


def cost_words(dollars: float | None) -> str:
    """What the session cost so far: `$0.021`, `Free`, `Unknown`."""
    return tr("Unknown") if dollars is None else money(dollars)
