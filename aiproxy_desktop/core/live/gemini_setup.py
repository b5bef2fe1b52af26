"""Gemini Live's set-up message from options, with Google's own configuration laid over it.

The places of Google's `LiveConnectConfig` fields on the wire are those of google-genai 3.6.1
(`_live_converters._LiveConnectConfig_to_mldev`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.live.models import live_model_facts
from aiproxy_desktop.core.live.values import LiveFunction, LiveOptions

# Fields of LiveConnectConfig that stand in the set-up's generationConfig.
_GENERATION = frozenset(
    {
        "responseModalities",
        "temperature",
        "topP",
        "topK",
        "maxOutputTokens",
        "mediaResolution",
        "seed",
        "speechConfig",
        "thinkingConfig",
        "enableAffectiveDialog",
        "translationConfig",
    }
)
# Fields that say how to connect, not what to ask for.
_ELSEWHERE = frozenset({"httpOptions"})
# What is under these names is the caller's own JSON.
_OPAQUE = frozenset(
    {"parametersJsonSchema", "responseJsonSchema", "labels", "args", "response", "enum", "required"}
)
# The names under these are the caller's own, what they stand for is not.
_NAMED = frozenset({"properties", "defs", "$defs"})
_SNAKE = re.compile(r"_([a-z0-9])")


def setup_body(options: LiveOptions, handle: str | None, history: bool) -> dict[str, Any]:
    """The `setup` object."""
    body: dict[str, Any] = {
        "model": _model(options.model),
        "generationConfig": _generation(options),
        "realtimeInputConfig": _activity(options),
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "sessionResumption": {"handle": handle} if handle else {},
        "contextWindowCompression": {"slidingWindow": {}},
    }
    if options.instructions:
        body["systemInstruction"] = _content(options.instructions)
    tools = tools_of(options)
    if tools:
        body["tools"] = tools
    if history:
        body["historyConfig"] = {"initialHistoryInClientContent": True}
    lay_over(body, options.raw)
    if handle:  # whatever the raw configuration says of an earlier one
        resumption = body.get("sessionResumption")
        body["sessionResumption"] = {**(resumption if isinstance(resumption, dict) else {}), "handle": handle}
    return body


def context_update(before: LiveOptions, after: LiveOptions) -> dict[str, Any] | None:
    """What to send to change a session under way; None where that needs another connection."""
    if _unchanging(before) != _unchanging(after):
        return None
    changed: dict[str, Any] = {}
    if before.instructions != after.instructions:
        if not after.instructions:
            return None  # an update cannot take them away
        changed["systemInstruction"] = _content(after.instructions)
    if tools_of(before) != tools_of(after):
        own: dict[str, Any] = {"tools": tools_of(after)}
        lay_over(own, {name: value for name, value in after.raw.items() if camel(name) == "tools"})
        changed["tools"] = {"tools": own["tools"]}
    return changed


def tools_of(options: LiveOptions) -> list[dict[str, Any]]:
    """The tools asked for. A model that is known not to take one is not asked for it."""
    facts = live_model_facts(options.model)
    tools: list[dict[str, Any]] = []
    if options.functions:
        tools.append({"functionDeclarations": [_declaration(one) for one in options.functions]})
    if options.google_search and (facts is None or facts.google_search):
        tools.append({"googleSearch": {}})
    if options.code_execution and (facts is None or facts.code_execution):
        tools.append({"codeExecution": {}})
    return tools


def lay_over(body: dict[str, Any], raw: Mapping[str, Any]) -> None:
    """Put Google's own fields, by either of their spellings, where they belong; tools are added to ours."""
    for key, given in raw.items():
        name = camel(key)
        value = _camelled(given, name)
        if name in _ELSEWHERE:
            continue
        if name == "systemInstruction" and isinstance(value, str):
            value = _content(value)
        if name == "tools":
            body["tools"] = [*body.get("tools", []), *(value or [])]
        elif name in _GENERATION:
            _merge(body.setdefault("generationConfig", {}), name, value)
        else:
            _merge(body, name, value)


def camel(name: str) -> str:
    """`system_instruction` as `systemInstruction`."""
    return _SNAKE.sub(lambda found: found[1].upper(), name)


def _merge(body: dict[str, Any], name: str, value: Any) -> None:
    """Objects are laid over objects; None takes a field away."""
    if value is None:
        body.pop(name, None)
    elif isinstance(value, dict) and isinstance(body.get(name), dict):
        for key, item in value.items():
            _merge(body[name], key, item)
    else:
        body[name] = value


def _camelled(value: Any, under: str) -> Any:
    if under in _OPAQUE:
        return value
    if isinstance(value, Mapping):
        if under in _NAMED:
            return {key: _camelled(item, "") for key, item in value.items()}
        return {camel(key): _camelled(item, camel(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_camelled(item, "") for item in value]
    return value


def _unchanging(options: LiveOptions) -> LiveOptions:
    return replace(options, instructions="", functions=(), google_search=False, code_execution=False)


def _model(name: str) -> str:
    return name if name.startswith(("models/", "tunedModels/")) else f"models/{name}"


def _content(text: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": text}]}


def _generation(options: LiveOptions) -> dict[str, Any]:
    speech: dict[str, Any] = {}
    if options.voice:
        speech["voiceConfig"] = {"prebuiltVoiceConfig": {"voiceName": options.voice}}
    if options.language:
        speech["languageCode"] = options.language
    generation: dict[str, Any] = {"responseModalities": [options.modality.upper()]}
    if speech:
        generation["speechConfig"] = speech
    return generation


def _activity(options: LiveOptions) -> dict[str, Any]:
    if options.mode == "push_to_talk":
        return {
            "automaticActivityDetection": {"disabled": True},
            "activityHandling": "START_OF_ACTIVITY_INTERRUPTS",
            "turnCoverage": "TURN_INCLUDES_ONLY_ACTIVITY",
        }
    return {
        "automaticActivityDetection": {"disabled": False},
        "activityHandling": "START_OF_ACTIVITY_INTERRUPTS",
    }


def _declaration(function: LiveFunction) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": function.name}
    if function.description:
        declared["description"] = function.description
    if function.parameters:
        declared["parametersJsonSchema"] = dict(function.parameters)
    return declared
