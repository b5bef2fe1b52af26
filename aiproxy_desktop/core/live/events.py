"""What happens in a live session. One event means one thing on every service.

A turn of the model is: AnswerStarted, then sound, words, searches and calls as they come, GenerationDone
where all of it has arrived, and exactly one TurnDone. Where the person cuts in, Interrupted comes before that
TurnDone, and nothing of the answer after it. Transcripts of what the person said may come before, during or
after the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from aiproxy_desktop.core.errors import AIProxyError

# Why a connection is made anew.
ReconnectReason: TypeAlias = Literal["going_away", "closed", "refused_handle", "network", "changed"]


@dataclass(frozen=True, slots=True)
class SessionReady:
    """The service has accepted what was asked; it listens."""


@dataclass(frozen=True, slots=True)
class AnswerStarted:
    """The model begins to answer. `item` names the answer where the service does, for cutting it."""

    item: str = ""


# Fifty of these a second, so they are the kind of value that takes least time to make.
class AudioDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the answer's sound: PCM16 little-endian, mono, 24 kHz; whole samples, never empty."""

    data: bytes
    item: str = ""


class AnswerText(msgspec.Struct, frozen=True, gc=False):
    """More of an answer in writing; never empty."""

    text: str


class InputTranscript(msgspec.Struct, frozen=True, gc=False):
    """More of what the person said, in words: appended to what came before of the same turn.

    `finished` is whether no more of it comes; `text` may then be empty. `item` names the turn where the
    service does.
    """

    text: str
    finished: bool = False
    item: str = ""


class OutputTranscript(msgspec.Struct, frozen=True, gc=False):
    """More of what the model says, in words; as `InputTranscript`."""

    text: str
    finished: bool = False


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Hands-free: the service hears the person speak. Whatever still plays is to fall silent."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Hands-free: the service takes the person's turn to be over."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The answer was cut off: what is not yet played is not to be played."""


@dataclass(frozen=True, slots=True)
class GenerationDone:
    """All of the answer has arrived; it may still be playing."""


@dataclass(frozen=True, slots=True)
class TurnDone:
    """The model's turn is over. `reason` is the service's word where it ended early, else empty."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The model wants a function run. Answer each `id` once, unless it is taken back."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunctionCallsCancelled:
    """The model wants the answers of these no more."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer rests on."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SearchMade:
    """The service searched the web for the answer."""

    queries: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRun:
    """The service ran a program for the answer: the program, or what came of it (then `code` is empty)."""

    code: str = ""
    output: str = ""
    ok: bool = True


@dataclass(frozen=True, slots=True)
class LiveUsage:
    """Tokens of one turn as the service counted them. None where it did not say.

    `cached` is among the input, `thoughts` among the output.
    """

    input_text: int | None = None
    input_audio: int | None = None
    output_text: int | None = None
    output_audio: int | None = None
    cached: int | None = None
    thoughts: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The count of the turn under way; a later one of the same turn replaces it."""

    usage: LiveUsage


@dataclass(frozen=True, slots=True)
class GoingAway:
    """The service will close this connection in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HandleReceived:
    """With this handle the session can be taken up again on another connection; None: not just now."""

    handle: str | None


@dataclass(frozen=True, slots=True)
class ServiceFailed:
    """The service refused something; the connection stands."""

    error: AIProxyError


# What a codec reads from the wire.
WireEvent: TypeAlias = (
    SessionReady
    | AnswerStarted
    | AudioDelta
    | AnswerText
    | InputTranscript
    | OutputTranscript
    | SpeechStarted
    | SpeechStopped
    | Interrupted
    | GenerationDone
    | TurnDone
    | FunctionCall
    | FunctionCallsCancelled
    | SearchMade
    | CodeRun
    | UsageReported
    | GoingAway
    | HandleReceived
    | ServiceFailed
)


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection is being made anew; whatever is said or written meanwhile is kept."""

    reason: ReconnectReason


@dataclass(frozen=True, slots=True)
class Reconnected:
    """It stands again: taken up by its handle, else the conversation was told anew as text.

    `restarted` is whether an answer that had begun comes again from its beginning: what had come of it is
    void.
    """

    reason: ReconnectReason
    resumed: bool
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last event. `error` is why it ended, None where it was ended from here."""

    error: AIProxyError | None = None


LiveEvent: TypeAlias = WireEvent | Reconnecting | Reconnected | SessionEnded
