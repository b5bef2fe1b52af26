"""What a live session is asked for, and what of it is told again on another connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

# Push to talk: the person says when a turn begins and ends. Hands-free: the service hears it.
TalkMode: TypeAlias = Literal["push_to_talk", "hands_free"]

Modality: TypeAlias = Literal["audio", "text"]

# Samples a second of every answer's sound.
OUTPUT_RATE = 24_000


@dataclass(frozen=True, slots=True)
class LiveFunction:
    """A function that the model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How a session shall be.

    `voice` and `language` (BCP 47) are empty where the service may choose. `raw` is more of the service's own
    set-up, by its own names, laid over what the rest says.
    """

    model: str
    mode: TalkMode = "push_to_talk"
    voice: str = ""
    language: str = ""
    instructions: str = ""
    functions: tuple[LiveFunction, ...] = ()
    google_search: bool = False
    code_execution: bool = False
    modality: Modality = "audio"
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """One turn of what was said so far, as text: what a new connection is told where no handle is good."""

    role: Literal["user", "model"]
    text: str
