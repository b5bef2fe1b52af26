"""What a client asks of a live model's answers, in the words of Gemini, for either service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.core.live.values import Modality
from aiproxy_desktop.server.errors import Refusal

_LONGEST_NAME = 200
_NUMBERS = ("temperature", "topP", "topK", "maxOutputTokens", "seed")
_OTHERS = ("speechConfig", "thinkingConfig", "mediaResolution", "enableAffectiveDialog")


def modality_of(
    fields: Mapping[str, Any], generation: Mapping[str, Any], facts: LiveModelFacts | None
) -> tuple[bool, Modality]:
    """Whether the client wants to hear, and what the service is asked for.

    A service answers in one of both. Gemini's models of now answer in sound alone, and write down its words
    (ai.google.dev/gemini-api/docs/models/gemini-3.8-live), which serve who asked for text.

    Raises:
        Refusal: what it wants is no list of them.
    """
    names = ("response_modalities", "responseModalities")
    given = [where[name] for where in (generation, fields) for name in names if where.get(name) is not None]
    if not given:
        return True, "audio"
    wanted = {str(one).upper() for one in given[0]} if isinstance(given[0], list) else set()
    if not wanted or not wanted <= {"TEXT", "AUDIO"}:
        raise Refusal(
            400, "“response_modalities” has to be a list of TEXT and AUDIO.", param="response_modalities"
        )
    if "AUDIO" in wanted:
        return True, "audio"
    speaks_only = facts is not None and facts.vendor == "gemini"
    return False, "audio" if speaks_only else "text"


def for_gemini(generation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """More of the set-up, and the names of what has no place in it.

    Raises:
        Refusal: a number is none.
    """
    known: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in generation.items():
        wire = _camel(name)
        if wire in _NUMBERS:
            known[wire] = _number(name, value)
        elif wire in _OTHERS:
            known[wire] = value
        elif wire != "responseModalities":
            ignored.append(name[:_LONGEST_NAME])
    return ({"generationConfig": known} if known else {}), sorted(ignored)


def for_openai(generation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """As `for_gemini`. OpenAI Realtime takes a bound of tokens alone (`RealtimeSessionCreateRequest`).

    Raises:
        Refusal: it is no number.
    """
    raw: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in generation.items():
        wire = _camel(name)
        if wire == "maxOutputTokens":
            raw["max_output_tokens"] = _number(name, value)
        elif wire != "responseModalities":
            ignored.append(name[:_LONGEST_NAME])
    return raw, sorted(ignored)


def _number(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(400, f"“{name}” has to be a number.", param=name)
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
