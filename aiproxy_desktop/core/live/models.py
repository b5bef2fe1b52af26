"""Which models hold live sessions, and what each takes, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveModelFacts:
    """What one live model takes. `input_rate` is in samples a second.

    `voices` are its voices by name, the first one is what it speaks with by itself; `languages` are BCP 47
    tags that can be asked for, empty where it only follows who speaks. `changes` names what can be changed in
    a session without another connection: `voice`, `language`, `instructions`, `mode`, `functions`.
    """

    id: str
    vendor: str
    input_rate: int
    voices: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    google_search: bool = False
    code_execution: bool = False
    functions: bool = True
    changes: frozenset[str] = frozenset()
    input_audio_price: float | None = None
    input_text_price: float | None = None
    output_audio_price: float | None = None
    output_text_price: float | None = None
    cached_price: float | None = None


LIVE_MODELS: tuple[LiveModelFacts, ...] = (
    LiveModelFacts("gemini-3.8-live", "gemini", 16_000, google_search=True),
    LiveModelFacts("gpt-realtime-2.1", "openai", 24_000),
)


def live_model_facts(model: str) -> LiveModelFacts | None:
    """The row of a model; None where it is in no table."""
    return next((facts for facts in LIVE_MODELS if facts.id == model), None)
