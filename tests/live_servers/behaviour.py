"""How a live service behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DEFAULT_ANSWER = "Hello from loopback"


@dataclass(frozen=True, slots=True)
class Call:
    """A function that the model wants run."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    id: str = "call-1"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour; times are in seconds.

    An answer says `answer` (`{n}` is the turn's number, `{text}` what was said), in `length` seconds of tone;
    or, with `echo`, in the speech it got. It comes in pieces of `piece` seconds: all at once, or with
    `pace` so many times as fast as it plays, each piece up to `jitter` late; `delay` passes before. With
    `written` it comes in writing.

    `heard` is what the service understood of speech; `{first}` is its first sample. `transcripts` come
    "before", "between" or "after" the sound, "late" (after the turn is over) or "none".

    `calls` are asked for before an answer, which waits for them; without `calls_wait` Gemini's turn is over
    at once, and the answer comes with their results, as that of models from 3.8 on. `search` and `program`
    are told with it. With `handles` Gemini sends a handle after each answer; `refuse_handles` closes
    whoever comes with one (1007). With `go_away_every` so many turns are answered on a connection, then it
    is announced to end, and ends after `go_away`. OpenAI has none of `no_transcribers`.

    `fault` concerns the next `times` turns (None: all), or connections for those that come before any turn:
    "key" 401, "rights" 403, "busy" 503, "never_ready" accepts and says nothing, "model" closes (1008);
    "silent" no answer; "close" closes (1011) in place of an answer; "drop" breaks the connection off amid an
    answer; "half" sends sound in pieces of odd length; "garbage" is no JSON; "huge" one message of 32 MB;
    "flood" 20,000 pieces at once; "quiet" sound that is silence; "failed" the answer fails; "cut_short" ends
    early for its length; "refused" an error in place of an answer.
    """

    answer: str = DEFAULT_ANSWER
    heard: str = "Good morning"
    echo: bool = False
    length: float = 0.2
    piece: float = 0.04
    pace: float = 0.0
    jitter: float = 0.0
    delay: float = 0.0
    written: bool = False
    transcripts: Literal["before", "between", "after", "late", "none"] = "between"
    calls: tuple[Call, ...] = ()
    calls_wait: bool = True
    search: bool = False
    program: bool = False
    handles: bool = True
    refuse_handles: bool = False
    no_transcribers: tuple[str, ...] = ()
    go_away_every: int = 0
    go_away: float = 0.3
    fault: str = ""
    times: int | None = None
