"""What a voice conversation looks like from outside: its entries, its state, its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from aiproxy_desktop.audio.values import StreamStatus
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import LiveUsage, Source
from aiproxy_desktop.core.live.models import LiveModelFacts


@dataclass(frozen=True, slots=True)
class VoiceOffer:
    """One live model as it can be chosen. Where it is not `ready`, `why` is a sentence to act on.

    `keyless` is whether it is a key that is missing.
    """

    reference: str
    name: str
    provider: str
    provider_label: str
    facts: LiveModelFacts
    ready: bool = True
    why: str = ""
    keyless: bool = False

    @property
    def model(self) -> str:
        """The provider's own name for it."""
        return self.reference.partition(":")[2]


# live: it is being said; done: it is whole; cut: the person cut in; broken: it broke off and comes no more.
TurnStatus: TypeAlias = Literal["live", "done", "cut", "broken"]


@dataclass(frozen=True, slots=True)
class VoiceTurn:
    """What one side said or wrote. `at` and `cut_at` are seconds of the session.

    Of a turn that was cut, the first `heard` characters of `text` were heard, the rest was not played.
    `stopped`: the person wanted no more of it, without saying anything in its place.
    `typed` is whether the person wrote it. A spoken turn without words (yet, or at all) has an empty text;
    one of the person's is `wordless` when none are awaited any more.
    """

    id: str
    role: Literal["user", "model"]
    at: float
    text: str = ""
    status: TurnStatus = "live"
    typed: bool = False
    heard: int | None = None
    cut_at: float | None = None
    stopped: bool = False
    wordless: bool = False
    seconds: float = 0.0


# asking: the person has to allow it; waiting: someone has to answer it; running; done; failed; denied;
# cancelled: the model wants it no more.
CallStatus: TypeAlias = Literal["asking", "waiting", "running", "done", "failed", "denied", "cancelled"]


@dataclass(frozen=True, slots=True)
class VoiceCall:
    """A function call, a search or a program that ran at the service, and what came of it.

    `arguments` and `result` are JSON or plain text for a person; `seconds` is how long it took, None while it
    goes on or where that is not known.
    """

    id: str
    kind: Literal["function", "search", "code"]
    at: float
    name: str
    arguments: str = ""
    result: str = ""
    status: CallStatus = "done"
    seconds: float | None = None
    sources: tuple[Source, ...] = ()


# reconnected: nothing was lost; restarted: an answer came again; changed: voice or the like; ended: with a
# reason.
RemarkKind: TypeAlias = Literal["reconnected", "restarted", "changed", "trouble"]


@dataclass(frozen=True, slots=True)
class VoiceRemark:
    """A line between the turns: the connection was made anew, or something went wrong that is over."""

    id: str
    kind: RemarkKind
    at: float
    sentence: str = ""


VoiceEntry: TypeAlias = VoiceTurn | VoiceCall | VoiceRemark

# idle: no session; connecting; ready: it listens; reconnecting; ended: over, its entries stay.
Phase: TypeAlias = Literal["idle", "connecting", "ready", "reconnecting", "ended"]

_CLOSED = StreamStatus("closed")


@dataclass(frozen=True, slots=True)
class VoiceState:
    """How the session stands.

    `talking` is whether the person's sound is sent now; `answering` whether the model is being heard or
    awaited; `error` why it ended. `began` is when, `seconds` how long it runs (of one that ended: ran).
    `reconnected_at` is in seconds of the session, None where it never was.
    """

    phase: Phase = "idle"
    talking: bool = False
    muted: bool = False
    answering: bool = False
    sounding: bool = False
    error: AIProxyError | None = None
    microphone: StreamStatus = _CLOSED
    speaker: StreamStatus = _CLOSED
    began: datetime | None = None
    reconnected_at: float | None = None
    conversation_id: str | None = None
    title: str = ""
    recording: bool = False


@dataclass(frozen=True, slots=True)
class VoiceFigures:
    """Of the session so far: seconds each side spoke, tokens, US dollars (None: not known)."""

    seconds: float = 0.0
    you_spoke: float = 0.0
    model_spoke: float = 0.0
    tokens: int | None = None
    cost: float | None = None
    usage: LiveUsage = field(default_factory=LiveUsage)
