"""Fields of Gemini's own request: where each belongs, in either spelling, and schemas as OpenAPI has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# generationConfig (google-genai 3.4.0, `types.GenerationConfig`).
_GENERATION = frozenset(
    {"temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed"}
    | {"presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "responseMimeType"}
    | {"responseSchema", "responseJsonSchema", "responseModalities", "mediaResolution", "speechConfig"}
    | {"thinkingConfig", "imageConfig", "audioTimestamp", "enableEnhancedCivicAnswers", "responseFormat"}
    | {"audioTranscriptionConfig", "translationConfig"}
)
# The rest of the request that has two spellings.
_TOP = frozenset(
    {"generationConfig", "safetySettings", "systemInstruction", "tools", "toolConfig", "cachedContent"}
    | {"serviceTier"}
)
# What the other dialects call them.
_OTHER_NAMES = {
    "stop": "stopSequences",
    "n": "candidateCount",
    "maxTokens": "maxOutputTokens",
    "maxCompletionTokens": "maxOutputTokens",
}
# Configurations whose own fields have two spellings too. Schemas must not be touched.
_NESTED = frozenset({"thinkingConfig", "imageConfig", "speechConfig", "toolConfig", "translationConfig"})
# Fields of imageConfig that may be given plainly, beside the rest.
IMAGE_SHAPE = frozenset({"aspectRatio", "imageSize"})
_LISTS = frozenset({"tools", "safetySettings"})  # added to, where the request has some already
_NEVER = frozenset({"contents", "model", "messages", "stream"})
SAMPLING = frozenset({"temperature", "topP", "topK"})

_OPENAPI = frozenset(
    {"type", "format", "title", "description", "nullable", "enum", "items", "maxItems", "minItems"}
    | {"properties", "required", "minimum", "maximum", "minLength", "maxLength", "pattern", "anyOf"}
    | {"propertyOrdering", "default", "example", "minProperties", "maxProperties"}
)
_MAX_SCHEMA_DEPTH = 24
# What a refusal says instead of the field's name, as in "Penalty is not enabled for models/…".
_SPOKEN = {
    "presencePenalty": "penalty",
    "frequencyPenalty": "penalty",
    "responseLogprobs": "logprobs",
    "candidateCount": "multiple candidates",
}


def camel(name: str) -> str:
    """A field's name as JSON has it: top_p to topP."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def camel_keys(value: Any) -> Any:
    """A value with every field's name in it as JSON has it."""
    if isinstance(value, Mapping):
        return {camel(name): camel_keys(item) for name, item in value.items()}
    return value


def own_name(name: str) -> str:
    """The field that a caller means, in Gemini's spelling; a name not known stays as it is."""
    wanted = _OTHER_NAMES.get(camel(name), camel(name))
    return wanted if wanted in _GENERATION or wanted in _TOP or wanted in IMAGE_SHAPE else name


def words_for(name: str) -> tuple[str, ...]:
    """What a refusal may call a field that a caller gave under this name."""
    own = own_name(name)
    return (own, _SPOKEN[own]) if own in _SPOKEN else (own,)


def add_extra(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Merge fields of Gemini's own request into the body, each where it belongs."""
    for given, value in extra.items():
        name = own_name(given)
        if name in _NEVER:
            continue
        if name == "generationConfig" and isinstance(value, Mapping):
            for field, setting in value.items():
                _set(body.setdefault("generationConfig", {}), own_name(field), setting)
        elif name in IMAGE_SHAPE:
            _set(body.setdefault("generationConfig", {}), "imageConfig", {name: value})
        elif name in _GENERATION:
            _set(body.setdefault("generationConfig", {}), name, value)
        else:
            _set(body, name, value)


def _set(target: dict[str, Any], name: str, value: Any) -> None:
    if name == "stopSequences" and isinstance(value, str):
        value = [value]
    if name in _NESTED:
        value = camel_keys(value)
    there = target.get(name)
    if name in _LISTS and isinstance(there, list) and isinstance(value, list):
        value = [*there, *value]
    target[name] = merged(there, value)


def merged(base: Any, over: Any) -> Any:
    """Two objects as one, what stands in `over` winning; anything else is `over`."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    return {**base, **{name: merged(base.get(name), value) for name, value in over.items()}}


def schema_of_openapi(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON schema in the words of OpenAPI that older interfaces read; what has no word there goes."""
    definitions = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    return _openapi(schema, definitions, 0)


def _openapi(schema: Any, definitions: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or depth > _MAX_SCHEMA_DEPTH:
        return {"type": "object"}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = definitions.get(reference.rpartition("/")[2])
        return _openapi(target, definitions, depth + 1)
    written = {name: value for name, value in schema.items() if name in _OPENAPI}
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"]
        written["type"] = kinds[0] if kinds else "string"
        written["nullable"] = "null" in schema["type"]
    if "const" in schema:
        written["enum"] = [schema["const"]]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list):
        written["anyOf"] = [_openapi(choice, definitions, depth + 1) for choice in choices]
    if "items" in written:
        written["items"] = _openapi(written["items"], definitions, depth + 1)
    if isinstance(written.get("properties"), Mapping):
        written["properties"] = {
            name: _openapi(value, definitions, depth + 1) for name, value in written["properties"].items()
        }
    return written
