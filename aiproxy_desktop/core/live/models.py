"""Which models hold live sessions, and what each takes, as data.

Sources, as of 2026-11-26:

- prices: litellm 1.110.2 (`model_prices_and_context_window_backup.json`) and genai-prices 0.2.3, which agree.
  Google names no price for cached tokens of live models;
- Gemini's tools: ai.google.dev/gemini-api/docs/models/gemini-3.8-live and -extended-thinking (search and
  functions, no code execution); what changes in a session: `LiveClientContextUpdate` of google-genai 3.6.1;
- Gemini's voices and languages: Google Cloud's "Configure language and voice" for the Live API;
- OpenAI's models and voices: openai-python 3.57.0 (`RealtimeSessionCreateRequest`,
  `RealtimeAudioConfigOutput`, which recommends marin and cedar; `gpt-realtime` and `gpt-realtime-mini` end on
  2027-01-20 and are left out).
"""

from __future__ import annotations

from dataclasses import dataclass

from aiproxy_desktop.core.model_rules import holds_word


@dataclass(frozen=True, slots=True)
class LiveModelFacts:
    """What one live model takes. `input_rate` is in samples a second.

    `voices` are its voices by name, those first that are recommended; which one it speaks with by itself is
    not documented. `languages` are BCP 47 tags that can be asked for, empty where it only follows who speaks.
    `changes` names what can be changed in a session without another connection: `voice`, `language`,
    `instructions`, `mode`, `functions`.

    Prices are US dollars for a million tokens; None is unknown. `cached_price` is for any kind of input.
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


_GEMINI_VOICES = (
    *("Zephyr", "Kore", "Orus", "Autonoe", "Umbriel", "Erinome", "Laomedeia", "Schedar", "Achird"),
    *("Sadachbia", "Puck", "Fenrir", "Aoede", "Enceladus", "Algieba", "Algenib", "Achernar", "Gacrux"),
    *("Zubenelgenubi", "Sadaltager", "Charon", "Leda", "Callirrhoe", "Iapetus", "Despina", "Rasalgethi"),
    *("Alnilam", "Pulcherrima", "Vindemiatrix", "Sulafat"),
)
_GEMINI_LANGUAGES = (
    *("ar-EG", "bn-BD", "de-DE", "en-IN", "en-US", "es-US", "fr-FR", "hi-IN", "id-ID", "it-IT", "ja-JP"),
    *("ko-KR", "mr-IN", "nl-NL", "pl-PL", "pt-BR", "ro-RO", "ru-RU", "ta-IN", "te-IN", "th-TH", "tr-TR"),
    *("uk-UA", "vi-VN"),
)
_OPENAI_VOICES = ("marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")


def _gemini(name: str) -> LiveModelFacts:
    return LiveModelFacts(
        name,
        "gemini",
        16_000,
        _GEMINI_VOICES,
        _GEMINI_LANGUAGES,
        google_search=True,
        changes=frozenset({"instructions", "functions"}),
        input_audio_price=3.0,
        input_text_price=0.75,
        output_audio_price=12.0,
        output_text_price=4.5,
    )


def _openai(name: str, output_text: float, *, mini: bool = False) -> LiveModelFacts:
    return LiveModelFacts(
        name,
        "openai",
        24_000,
        _OPENAI_VOICES,
        changes=frozenset({"instructions", "functions", "mode", "language"}),
        input_audio_price=10.0 if mini else 32.0,
        input_text_price=0.6 if mini else 4.0,
        output_audio_price=20.0 if mini else 64.0,
        output_text_price=output_text,
        # The small one's cached text costs 0.06, its cached sound 0.3: never say too little.
        cached_price=0.3 if mini else 0.4,
    )


LIVE_MODELS: tuple[LiveModelFacts, ...] = (
    _gemini("gemini-3.8-live"),
    _gemini("gemini-3.8-live-extended-thinking"),
    _openai("gpt-realtime-2.1", 24.0),
    _openai("gpt-realtime-2.1-mini", 2.4, mini=True),
    _openai("gpt-realtime-2", 24.0),
    _openai("gpt-realtime-1.5", 16.0),
)

# Words in the names of models that listen and write down, translate or make music over the same interfaces.
_NO_CONVERSATION = ("transcribe", "translate", "whisper", "lyria", "tts")


def live_model_facts(model: str) -> LiveModelFacts | None:
    """The row of a model, by its id with or without `models/`; None where it is in no table."""
    name = model.removeprefix("models/")
    return next((facts for facts in LIVE_MODELS if facts.id == name), None)


def live_facts_for(vendor: str, model: str) -> LiveModelFacts:
    """The row of a model; of one in no table what its vendor's best takes, without prices."""
    facts = live_model_facts(model)
    if facts is not None:
        return facts
    kin = next((one for one in LIVE_MODELS if one.vendor == vendor), LIVE_MODELS[0])
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


def known_live_models(vendor: str) -> tuple[str, ...]:
    """Ids of a vendor's models, best first."""
    return tuple(facts.id for facts in LIVE_MODELS if facts.vendor == vendor)


def holds_conversations(model: str) -> bool:
    """Whether a model of a live interface talks with people, by its name."""
    return not holds_word(model, _NO_CONVERSATION)
