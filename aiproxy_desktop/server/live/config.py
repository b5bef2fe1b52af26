"""From a client's configuration of a live session to what the session is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.models import live_model_facts
from aiproxy_desktop.core.live.services import OpenAIRealtimeService
from aiproxy_desktop.core.live.values import LiveOptions, TalkMode
from aiproxy_desktop.server.clients import CLIENT_FIELDS
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.live.generation import for_gemini, for_openai, modality_of
from aiproxy_desktop.server.live.pcm import sample_rate
from aiproxy_desktop.server.live.tools import Tools, read_tools

# What the documentation of the seed says of sound that does not say its rate.
DEFAULT_RATE = 16_000

_LONGEST = 100_000
_LONGEST_NAME = 200
_MOST_NAMED = 20
_INSTRUCTIONS = ("system_instruction", "systemInstruction", "system_prompt", "instructions")
_SEARCH = ("google_search", "enable_google_search", "search")
_CODE = ("code_execution", "enable_code_execution")
_RATE = ("rate", "sample_rate", "sampleRate")
_GENERATION = ("generation_config", "generationConfig")
_KNOWN = frozenset(
    {*CLIENT_FIELDS, *_INSTRUCTIONS, *_SEARCH, *_CODE, *_GENERATION, "token", "model", "voice", "language"}
    | {"mode", "tools", *_RATE, "response_modalities"}
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
    search, code = _built_in(fields, tools, model)
    generation = _mapping(fields, _GENERATION)
    sound, modality = modality_of(fields, generation, facts)
    openai = isinstance(service, OpenAIRealtimeService)
    raw, ignored = for_openai(generation) if openai else for_gemini(generation)
    voices, languages = (facts.voices, facts.languages) if facts is not None else ((), ())
    options = LiveOptions(
        model,
        mode=_mode(fields.get("mode")),
        voice=_one_of(_name(fields, "voice"), voices, f"{model} has no voice"),
        language=_one_of(_name(fields, "language"), languages, f"{model} does not take the language"),
        instructions=_instructions(fields),
        functions=tools.functions,
        google_search=search,
        code_execution=code,
        modality=modality,
        raw=raw,
    )
    unknown = sorted(str(name)[:_LONGEST_NAME] for name in fields if name not in _KNOWN)
    named = (f"generation_config.{name}" for name in ignored)
    useless = (*unknown, *named, *(f"tools.{one}" for one in tools.unknown))
    rate = _first(fields, _RATE)
    return Setup(options, sound, DEFAULT_RATE if rate is None else sample_rate(rate), useless[:_MOST_NAMED])


def _built_in(fields: Mapping[str, Any], tools: Tools, model: str) -> tuple[bool, bool]:
    """Whether the service shall search, and run programs."""
    facts = live_model_facts(model)
    search = _switch(fields, _SEARCH) or tools.google_search
    code = _switch(fields, _CODE) or tools.code_execution
    if search and facts is not None and not facts.google_search:
        raise Refusal(400, f"{model} cannot search the web. Leave google_search away.", param="google_search")
    if code and facts is not None and not facts.code_execution:
        raise Refusal(400, f"{model} cannot run programs. Leave code_execution away.", param="code_execution")
    return search, code


def _mode(given: Any) -> TalkMode:
    match given:
        case None | "hands_free":
            return "hands_free"
        case "push_to_talk":
            return "push_to_talk"
    raise Refusal(400, "“mode” has to be hands_free or push_to_talk.", param="mode")


def _instructions(fields: Mapping[str, Any]) -> str:
    given = _first(fields, _INSTRUCTIONS)
    parts = given.get("parts", [given]) if isinstance(given, dict) else given
    if isinstance(parts, list):
        texts = [one.get("text") if isinstance(one, dict) else one for one in parts]
        words = [one for one in texts if isinstance(one, str)]
        given = "\n".join(words) if len(words) == len(texts) else 0
    if given is None:
        return ""
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
    given = _first(fields, names)
    if given is not None and not isinstance(given, bool):
        raise Refusal(400, f"“{names[0]}” has to be true or false.", param=names[0])
    return given is True


def _name(fields: Mapping[str, Any], name: str) -> str:
    given = fields.get(name)
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > _LONGEST_NAME:
        raise Refusal(400, f"“{name}” has to be a name.", param=name)
    return given.strip()


def _mapping(fields: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    given = _first(fields, names)
    if given is not None and not isinstance(given, dict):
        raise Refusal(400, f"“{names[0]}” has to be a JSON object.", param=names[0])
    return given or {}


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)
