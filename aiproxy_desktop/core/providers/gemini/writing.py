"""Requests in Gemini's words: messages to contents, tools to declarations, the rest to its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    NativeTool,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers._base import split_system
from aiproxy_desktop.core.providers.gemini.config import add_extra, camel, camel_keys, schema_of_openapi
from aiproxy_desktop.core.providers.gemini.rules import MIME_NAMES, NO_SIGNATURE, GeminiRules
from aiproxy_desktop.core.text_documents import is_text_document, titled_text
from aiproxy_desktop.core.wire_json import sound_json, sound_text

PROVIDER = "gemini"
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
# What other interfaces call the same tools, where a tool is written with a `type`.
_TOOL_TYPES = {"web_search": "googleSearch", "code_interpreter": "codeExecution"}


class Opaque(msgspec.Struct, rename="camel", omit_defaults=True):
    """What stands in an OpaquePart: the signature of the part before it, or a whole part of Gemini's own."""

    thought_signature: str = ""
    part: msgspec.Raw = msgspec.Raw()


_opaque_decoder = msgspec.json.Decoder(Opaque)
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def completion_body(request: CompletionRequest, rules: GeminiRules, thoughts: bool) -> dict[str, Any]:
    """The JSON body of generateContent: the system text apart, then user and model turns in order.

    Args:
        request: already adapted to its model.
        rules: what the model takes.
        thoughts: whether to ask for its thoughts.

    Raises:
        InvalidRequestError: tool arguments that are no JSON object, or a result without its call.
        UnsupportedError: a document that Gemini cannot read.
    """
    system, turns = split_system(request.messages)
    body: dict[str, Any] = {"contents": contents_of(turns, rules)}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if request.tools:
        body |= _tools(request, rules)
    if request.safety_settings:
        body["safetySettings"] = [
            {"category": setting.category, "threshold": setting.threshold}
            for setting in request.safety_settings
        ]
    config = _generation_config(request, rules, thoughts)
    if config:
        body["generationConfig"] = config
    add_extra(body, request.extra)
    return body


def contents_of(turns: Sequence[Message], rules: GeminiRules) -> list[dict[str, Any]]:
    """Turns as contents.

    A model's neighbouring turns, and neighbouring tool results, become one content: a call must come right
    after a user's turn, and its results all at once.
    """
    names = {call.id: call.name for turn in turns for call in turn.tool_calls}
    contents: list[dict[str, Any]] = []
    last = ""
    for turn in turns:
        parts = _model_parts(turn.parts) if turn.role == "assistant" else _user_parts(turn.parts, names)
        if not parts:
            continue
        if turn.role == last and last in {"assistant", "tool"}:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": "model" if turn.role == "assistant" else "user", "parts": parts})
        last = turn.role
    if rules.signatures:
        for content in contents:
            _sign(content["parts"])
    return contents


def is_text(part: MediaPart) -> bool:
    """Whether a document is sent as text; to Gemini, RTF is that too."""
    return is_text_document(part) or (part.kind == "document" and mime_name(part.mime) == "application/rtf")


def mime_name(mime: str) -> str:
    """A type as Gemini names it, without its parameters."""
    plain = mime.partition(";")[0].strip().lower()
    return MIME_NAMES.get(plain, plain)


def _model_parts(parts: Sequence[Part]) -> list[Any]:
    """Parts of a model's turn, each with the signature that came behind it."""
    written: list[Any] = []
    before: dict[str, Any] | None = None  # the part that a signature would belong to
    for part in parts:
        if isinstance(part, OpaquePart):
            opaque = _own(part)
            if opaque is not None and opaque.part:
                written.append(opaque.part)
            elif opaque is not None and before is not None:
                before["thoughtSignature"] = opaque.thought_signature
                if before.get("thought"):
                    written.append(before)
            before = None if opaque is not None else before
        elif isinstance(part, ReasoningPart):
            before = {"text": part.text, "thought": True}  # sent only if it was signed
        elif not isinstance(part, TextPart) or part.text:
            before = _part(part, {})
            written.append(before)
    return written


def _user_parts(parts: Sequence[Part], names: Mapping[str, str]) -> list[Any]:
    return [
        _part(part, names)
        for part in parts
        if not isinstance(part, OpaquePart | ReasoningPart)
        and not (isinstance(part, TextPart) and not part.text)
    ]


def _part(part: Part, names: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"text": part.text}
    if isinstance(part, MediaPart):
        return _media(part)
    if isinstance(part, HostedMediaPart):
        typed = {"mimeType": mime_name(part.mime)} if part.mime else {}
        return {"fileData": {**typed, "fileUri": part.uri}}
    if isinstance(part, ToolCallPart):
        named = {"id": part.id} if part.id else {}
        return {"functionCall": {**named, "name": part.name, "args": _arguments(part)}}
    assert isinstance(part, ToolResultPart)
    return {"functionResponse": _result(part, names)}


def _media(part: MediaPart) -> dict[str, Any]:
    if is_text(part):
        return {"text": titled_text(part)}
    mime = mime_name(part.mime)
    if part.kind == "document" and mime != "application/pdf":
        shown = f"“{part.name}”" if part.name else "this document"
        raise UnsupportedError(
            f"Gemini cannot read {shown} ({mime or 'unknown type'})",
            "Save it as PDF or as plain text, then send that.",
            part="document",
            provider=PROVIDER,
        )
    return {"inlineData": {"mimeType": mime, "data": part.data}}


def _arguments(call: ToolCallPart) -> msgspec.Raw:
    """The arguments as they are: a number of any length stays what it was."""
    text = sound_json(sound_text(call.arguments.strip() or "{}").encode())
    try:
        _object_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequestError(
            f"The arguments of the call to “{call.name}” are not a JSON object",
            "NaN, Infinity and unfinished text cannot be sent; mend them or leave the call out.",
            provider=PROVIDER,
        ) from None
    return msgspec.Raw(text)


def _result(part: ToolResultPart, names: Mapping[str, str]) -> dict[str, Any]:
    name = part.name or names.get(part.call_id, "")
    if not name:
        raise InvalidRequestError(
            f"The tool result “{part.call_id}” belongs to no call",
            "Give the tool's name with it, or send the call before it.",
            provider=PROVIDER,
        )
    named = {"id": part.call_id} if part.call_id else {}
    return {**named, "name": name, "response": _response(part)}


def _response(part: ToolResultPart) -> Any:
    """An object as it is; anything else under the name that Gemini gives outputs and errors."""
    if part.failed:
        return {"error": part.content}
    text = sound_json(sound_text(part.content).encode())
    try:
        _object_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"output": part.content}
    return msgspec.Raw(text)


def _own(part: OpaquePart) -> Opaque | None:
    """What Gemini wrote there; what another did, or what cannot be read, is not for it."""
    if part.provider != PROVIDER:
        return None
    try:
        return _opaque_decoder.decode(part.data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _sign(parts: list[Any]) -> None:
    """Give the first call of a turn a stand-in where none of its calls is signed: another model made them."""
    calls = [part for part in parts if isinstance(part, dict) and "functionCall" in part]
    if calls and not any("thoughtSignature" in call for call in calls):
        calls[0]["thoughtSignature"] = NO_SIGNATURE


def _tools(request: CompletionRequest, rules: GeminiRules) -> dict[str, Any]:
    declared = [_declaration(tool, rules) for tool in request.tools if isinstance(tool, Tool)]
    native = [_native(tool.spec) for tool in request.tools if isinstance(tool, NativeTool)]
    written: dict[str, Any] = {
        "tools": [*([{"functionDeclarations": declared}] if declared else []), *native]
    }
    config: dict[str, Any] = {}
    if declared and request.tool_choice is not None:
        config["functionCallingConfig"] = _calling(request.tool_choice)
    if declared and native and rules.mixed_tools:
        config["includeServerSideToolInvocations"] = True
    if config:
        written["toolConfig"] = config
    return written


def _declaration(tool: Tool, rules: GeminiRules) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    if tool.parameters and rules.schema_names:
        written["parametersJsonSchema"] = tool.parameters
    elif tool.parameters and tool.parameters.get("properties"):  # OpenAPI's may not be empty
        written["parameters"] = schema_of_openapi(tool.parameters)
    return written


def _native(spec: Mapping[str, Any]) -> dict[str, Any]:
    kind = spec.get("type")
    if isinstance(kind, str):
        rest = {name: value for name, value in spec.items() if name != "type"}
        return {_TOOL_TYPES.get(kind, camel(kind)): camel_keys(rest)}
    return {camel(name): value for name, value in spec.items()}


def _calling(choice: ToolChoice) -> dict[str, Any]:
    if choice.name:
        return {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    return {"mode": _MODES[choice.mode]}


def _generation_config(request: CompletionRequest, rules: GeminiRules, thoughts: bool) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.temperature is not None:
        config["temperature"] = request.temperature
    if request.max_tokens is not None:
        config["maxOutputTokens"] = request.max_tokens
    if request.response_format is not None:
        config["responseMimeType"] = "application/json"
        if request.response_format.schema is not None:
            schema = request.response_format.schema
            named = "responseJsonSchema" if rules.schema_names else "responseSchema"
            config[named] = schema if rules.schema_names else schema_of_openapi(schema)
    if request.images:
        config["responseModalities"] = ["TEXT", "IMAGE"]
    thinking = _thinking(request, rules, thoughts)
    if thinking:
        config["thinkingConfig"] = thinking
    return config


def _thinking(request: CompletionRequest, rules: GeminiRules, thoughts: bool) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.effort is not None and rules.levels:
        config["thinkingLevel"] = rules.level(request.effort)
    elif request.effort is not None and rules.budget is not None:
        config["thinkingBudget"] = rules.tokens(request.effort)
    if thoughts and config.get("thinkingBudget") != 0:
        config["includeThoughts"] = True
    return config
