"""What the dock says, and how its button stands. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.services.voice.values import VoiceOffer, VoiceState
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.words import speaker_name

# rest: press to talk; held: it listens; muted: hands-free, nothing is sent; open: hands-free, it listens;
# waiting: the connection is being made; struck: there is no microphone.
TalkLook: TypeAlias = Literal["rest", "held", "muted", "open", "waiting", "struck"]


@dataclass(frozen=True, slots=True)
class DockWords:
    """How the dock stands: the button's look, the line under it and what can be done.

    `quiet` is whether the line is not to be read out: what is
    read out while the microphone is open would be heard by it.
    """

    look: TalkLook
    line: str
    hint: str = ""
    quiet: bool = False


def dock_words(
    state: VoiceState,
    *,
    hands_free: bool,
    offer: VoiceOffer | None,
    problem: str = "",
    shortcut: str = "",
    asked: bool = False,
) -> DockWords:
    """What to show.

    Args:
        state: of the session.
        hands_free: whether the service hears by itself when the person speaks.
        offer: the model that is or would be talked with.
        problem: why there can be no sound at all; empty where there can.
        shortcut: the key that works in every window, as the desktop names it; empty where there is none.
        asked: whether a function waits for the person, and the model for it.
    """
    trouble = _trouble(state, offer, problem)
    if trouble is not None:
        return trouble
    who = speaker_name(offer)
    if hands_free:
        return _hands_free(state, who, asked=asked)
    if state.talking:
        return DockWords("held", tr("Listening. Release to send"), _how(shortcut), quiet=True)
    if state.phase == "connecting":
        return DockWords("waiting", tr("Connecting"), tr("Hold Space and speak: what you say is kept."))
    if state.phase == "reconnecting":
        return DockWords("waiting", tr("Reconnecting"), tr("What you say or type meanwhile is kept."))
    if state.sounding:
        line = tr("{name} is speaking. Hold to cut in", name=who)
        return DockWords("rest", line, _how(shortcut), quiet=True)
    if state.answering:
        return DockWords("rest", _awaited(who, asked=asked), _how(shortcut), quiet=True)
    if state.phase == "ready":
        return DockWords("rest", tr("Hold Space to talk"), _how(shortcut), quiet=True)
    return DockWords("rest", tr("Hold Space to talk"), _begins(state))


def _trouble(state: VoiceState, offer: VoiceOffer | None, problem: str) -> DockWords | None:
    if offer is not None and offer.keyless:
        return DockWords("struck", tr("No model to talk with yet"), tr("Add a key for one in Settings."))
    if offer is not None and not offer.ready:
        return DockWords("struck", tr("{name} cannot be talked with yet", name=offer.name), offer.why)
    if problem:
        # Why stands in the panel, and in the middle before anything was said.
        return DockWords(
            "struck", tr("No sound here"), tr("You can type; sound is used as soon as there is any.")
        )
    if state.microphone.state == "missing":
        advice = state.microphone.sentence or tr("Connect one; it is used as soon as it is there.")
        return DockWords("struck", tr("No microphone"), advice)
    return None


def _awaited(who: str, *, asked: bool) -> str:
    if asked:
        return tr("{name} waits for you: see the function above", name=who)
    return tr("{name} is about to answer", name=who)


def _hands_free(state: VoiceState, who: str, *, asked: bool) -> DockWords:
    if state.phase in {"idle", "ended"}:
        return DockWords("rest", tr("Press to begin"), _begins(state))
    if state.phase == "connecting":
        return DockWords("waiting", tr("Connecting"), tr("Speak once it listens."))
    if state.phase == "reconnecting":
        return DockWords("waiting", tr("Reconnecting"), tr("What you say or type meanwhile is kept."))
    if state.muted:
        hint = tr("Nothing you say is sent. Press M or the button to be heard.")
        return DockWords("muted", tr("Muted"), hint)
    hint = tr("Press M or the button to mute; talking over an answer stops it")
    if state.sounding:
        return DockWords("open", tr("{name} is speaking. Talk to cut in", name=who), hint, quiet=True)
    if state.answering:
        return DockWords("open", _awaited(who, asked=asked), hint, quiet=True)
    return DockWords("open", tr("Listening"), hint, quiet=True)


def _how(shortcut: str) -> str:
    if shortcut:
        return tr("Hold Space, this button or {key} to talk; talking over an answer stops it", key=shortcut)
    return tr("Hold Space or this button to talk; talking over an answer stops it")


def _begins(state: VoiceState) -> str:
    if state.error is not None:
        return f"{state.error.title}. {state.error.advice}".strip()
    if state.phase == "ended":
        return tr("This session is over; talking begins another one.")
    return tr("The session begins when you do.")
