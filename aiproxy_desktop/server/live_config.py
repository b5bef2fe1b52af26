"""From a client's configuration of a live session to what the session is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.models import LiveModelFacts, live_model_facts
from aiproxy_desktop.core.live.services import OpenAIRealtimeService
from aiproxy_desktop.core.live.values import LiveOptions, Modality, TalkMode
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.live_messages import sample_rate
from aiproxy_desktop.server.live_tools import read_tools

# What the documentation of the seed says of sound that does not say its rate.
DEFAULT_RATE = 16_000

_LONGEST = 100_000
_LONGEST_NAME = 200
_NUMBERS = ("temperature", "topP", "topK", "maxOutputTokens", "seed")
_OBJECTS = ("speechConfig", "thinkingConfig", "mediaResolution", "enableAffectiveDialog")
_CLIENT = frozenset({"app", "client_id", "device", "user_id", "session_id", "request_id"})
_INSTRUCTIONS = ("system_instruction", "systemInstruction", "system_prompt", "instructions")
_SEARCH = ("google_search", "enable_google_search", "search")
_CODE = ("code_execution", "enable_code_execution")
_GENERATION = ("generation_config", "generationConfig")
_KNOWN = frozenset(
    {*_CLIENT, *_INSTRUCTIONS, *_SEARCH, *_CODE, *_GENERATION, "token", "model", "voice", "language"}
    | {"mode", "tools", "rate", "response_modalities"}
)


@dataclass(frozen=True, slots=True)
class Setup:
    """A session as a client wants it.

    Attributes:
        options: for the session.
        sound: whether the client wants to hear; else the words are enough.
        rate: samples a second of sound that does not say so.
        ignored: names of fields that this model, or anybody here, has no place for.
    """

    options: LiveOptions
    sound: bool = True
    rate: int = DEFAULT_RATE
    ignored: tuple[str, ...] = ()


def read_setup(fields: Mapping[str, Any], model: str, service: LiveService) -> Setup:
    """What a session is asked for.

    Args:
        fields: all that the client configured so far.
        model: as the service knows it.
        service: whom it will be held with.

    Raises:
        Refusal: a field is not what it has to be, or the model is known not to take it.
    """
    facts = live_model_facts(model)
    tools = read_tools(fields.get("tools"))
    search = _switch(fields, _SEARCH) or tools.google_search
    code = _switch(fields, _CODE) or tools.code_execution
    if search and facts is not None and not facts.google_search:
        raise Refusal(400, f"{model} cannot search the web. Leave google_search away.", param="google_search")
    if code and facts is not None and not facts.code_execution:
        raise Refusal(400, f"{model} cannot run programs. Leave code_execution away.", param="code_execution")
    generation = _mapping(fields, *_GENERATION)
    sound, modality = _modality(fields, generation, facts)
    openai = isinstance(service, OpenAIRealtimeService)
    raw, ignored = _raw_openai(generation) if openai else _raw_gemini(generation)
    rate = fields.get("rate")
    options = LiveOptions(
        model,
        mode=_mode(fields.get("mode")),
        voice=_one_of(_text(fields, "voice"), facts.voices if facts else (), f"{model} has no voice"),
        language=_one_of(
            _text(fields, "language"), facts.languages if facts else (), f"{model} does not take the language"
        ),
        instructions=_instructions(fields),
        functions=tools.functions,
        google_search=search,
        code_execution=code,
        modality=modality,
        raw=raw,
    )
    unknown = sorted(str(name)[:_LONGEST_NAME] for name in fields if name not in _KNOWN)
    return Setup(
        options,
        sound,
        DEFAULT_RATE if rate is None else sample_rate(rate),
        (
            *unknown,
            *(f"generation_config.{name}" for name in ignored),
            *(f"tools.{one}" for one in tools.unknown),
        ),
    )


def _modality(
    fields: Mapping[str, Any], generation: Mapping[str, Any], facts: LiveModelFacts | None
) -> tuple[bool, Modality]:
    """Whether the client wants to hear, and what the service is asked for.

    A service answers in one of both. Gemini's models of now answer in sound alone, and write down its words
    (ai.google.dev/gemini-api/docs/models/gemini-3.8-live), which serve who asked for text.
    """
    wanted = next(
        (
            where[name]
            for where in (generation, fields)
            for name in ("response_modalities", "responseModalities")
            if where.get(name) is not None
        ),
        None,
    )
    if wanted is None:
        return True, "audio"
    names = [str(one).upper() for one in wanted] if isinstance(wanted, list) else []
    if not names or not set(names) <= {"TEXT", "AUDIO"}:
        raise Refusal(
            400, "“response_modalities” has to be a list of TEXT and AUDIO.", param="response_modalities"
        )
    if "AUDIO" in names:
        return True, "audio"
    speaks_only = facts is not None and facts.vendor == "gemini"
    return False, "audio" if speaks_only else "text"


def _raw_gemini(generation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    known: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in generation.items():
        wire = _camel(name)
        if wire in _NUMBERS:
            known[wire] = _number(name, value)
        elif wire in _OBJECTS:
            known[wire] = value
        elif wire != "responseModalities":
            ignored.append(name)
    return ({"generationConfig": known} if known else {}), sorted(ignored)


def _raw_openai(generation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """OpenAI Realtime takes a bound of tokens and nothing else of this (`RealtimeSessionCreateRequest`)."""
    raw: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in generation.items():
        wire = _camel(name)
        if wire == "maxOutputTokens":
            raw["max_output_tokens"] = _number(name, value)
        elif wire != "responseModalities":
            ignored.append(name)
    return raw, sorted(ignored)


def _mode(given: Any) -> TalkMode:
    match given:
        case None | "hands_free":
            return "hands_free"
        case "push_to_talk":
            return "push_to_talk"
    raise Refusal(400, "“mode” has to be hands_free or push_to_talk.", param="mode")


def _instructions(fields: Mapping[str, Any]) -> str:
    given = next((fields[name] for name in _INSTRUCTIONS if fields.get(name) is not None), "")
    parts = given.get("parts", [given]) if isinstance(given, dict) else given
    if isinstance(parts, list):
        texts = [one.get("text") if isinstance(one, dict) else one for one in parts]
        given = "\n".join(texts) if all(isinstance(one, str) for one in texts) else None
    if not isinstance(given, str):
        raise Refusal(400, "“system_instruction” has to be text.", param="system_instruction")
    if len(given) > _LONGEST:
        raise Refusal(
            400, f"“system_instruction” is longer than {_LONGEST:,} characters.", param="system_instruction"
        )
    return given.strip()


def _one_of(wanted: str, known: Sequence[str], refusal: str) -> str:
    """What a client means of a known list; what it says itself where none is known."""
    if not wanted or not known:
        return wanted
    name = wanted.lower()
    for one in known:
        if name in {one.lower(), one.partition("-")[0].lower()}:  # `de` is enough for de-DE
            return one
    raise Refusal(400, f"{refusal} “{wanted}”. It has {', '.join(known)}.")


def _switch(fields: Mapping[str, Any], names: Sequence[str]) -> bool:
    given = next((fields[name] for name in names if fields.get(name) is not None), False)
    if not isinstance(given, bool):
        raise Refusal(400, f"“{names[0]}” has to be true or false.", param=names[0])
    return given


def _text(fields: Mapping[str, Any], name: str) -> str:
    given = fields.get(name)
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > _LONGEST_NAME:
        raise Refusal(400, f"“{name}” has to be a name.", param=name)
    return given.strip()


def _mapping(fields: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    given = next((fields[name] for name in names if fields.get(name) is not None), {})
    if not isinstance(given, dict):
        raise Refusal(400, f"“{names[0]}” has to be a JSON object.", param=names[0])
    return given


def _number(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(400, f"“{name[:_LONGEST_NAME]}” has to be a number.", param=name[:_LONGEST_NAME])
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
