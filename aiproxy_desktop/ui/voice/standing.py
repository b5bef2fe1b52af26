"""How a session stands, in a word. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiproxy_desktop.services.voice.values import VoiceState
from aiproxy_desktop.ui.translation import tr, tr_count

_MINUTE = 60.0
# After that a reconnection is no news; the transcript has it.
_NEWS_SECONDS = 5 * _MINUTE


@dataclass(frozen=True, slots=True)
class Standing:
    """The word, empty where there is nothing to say, the dot before it, and the whole sentence behind it."""

    word: str
    dot: Literal["ready", "off", "broken", "busy", "live"] = "off"
    whole: str = ""


def session_runs(state: VoiceState) -> bool:
    """Whether one is under way."""
    return state.phase in {"connecting", "ready", "reconnecting"}


def standing(state: VoiceState, seconds: float) -> Standing:
    """What to show of a session.

    Args:
        state: how it stands.
        seconds: how long it runs.
    """
    if state.phase == "connecting":
        return Standing(tr("Connecting…"), "busy")
    if state.phase == "reconnecting":
        return Standing(tr("Reconnecting…"), "busy", tr("What you say or type meanwhile is kept."))
    if state.phase == "ended":
        if state.error is not None:
            return Standing(state.error.title, "broken", f"{state.error}")
        return Standing(tr("Ended"), "off")
    if state.phase == "ready":
        if state.muted:
            return Standing(tr("Muted"), "off")
        since = None if state.reconnected_at is None else seconds - state.reconnected_at
        return Standing(_reconnected(since) or tr("Ready"), "ready")
    return Standing("")


def _reconnected(since: float | None) -> str:
    if since is None or not 0 <= since < _NEWS_SECONDS:
        return ""
    if since < _MINUTE:
        return tr("Reconnected just now")
    return tr_count("Reconnected {n} min ago", "Reconnected {n} min ago", int(since // _MINUTE))
