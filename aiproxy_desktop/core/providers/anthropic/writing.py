"""A request in Anthropic's words: turns, blocks, tools, thinking."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import InvalidRequestError, RequestError, UnsupportedError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Effort,
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
from aiproxy_desktop.core.providers.anthropic.models import ModelRules
from aiproxy_desktop.core.providers.anthropic.thoughts import PROVIDER, thought_block
from aiproxy_desktop.core.text_documents import is_text_document, text_in
from aiproxy_desktop.core.wire_json import sound_json, sound_text

Block = dict[str, Any]

# The service wants a bound for every answer. Thoughts count towards it, so that an answer that was asked
# to think long gets more room.
_ROOM = 16_000
_ROOM_TO_THINK = 32_000
_ROOM_UNKNOWN = 8_192
_LONG_EFFORTS = frozenset({"high", "xhigh", "max"})
# Tokens to think in, for models that take a budget; theirs is at least 1,024 and below the bound.
_BUDGETS: dict[Effort, int] = {
    "minimal": 1_024,
    "low": 2_048,
    "medium": 8_192,
    "high": 16_384,
    "xhigh": 24_576,
    "max": 32_768,
}
_LEAST_BUDGET = 1_024

_IMAGES = {
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/png": "image/png",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
}
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}
_FIXED_FIELDS = frozenset({"model", "messages", "stream"})
_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def message_body(
    request: CompletionRequest, rules: ModelRules, refused_thoughts: Container[str] = ()
) -> dict[str, Any]:
    """The JSON body of a request that was adapted to its model.

    Raises:
        InvalidRequestError: arguments of a tool call that are no JSON object.
        UnsupportedError: a part that the dialect has no block for.
        RequestError: nothing is left to send.
    """
    system, turns = split_system(request.messages)
    limit = answer_limit(request, rules)
    body: dict[str, Any] = {"model": request.model, "max_tokens": limit}
    if system:
        body["system"] = system
    body["messages"] = _write_turns(turns, request.model, refused_thoughts)
    body["stream"] = True
    if request.temperature is not None:
        body["temperature"] = request.temperature
    thinking = thinking_of(request, rules, limit)
    if thinking is not None:
        body["thinking"] = thinking
    output = _output_config(request, rules)
    if output:
        body["output_config"] = output
    if request.tools:
        body["tools"] = [_write_tool(tool, rules) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _write_choice(request.tool_choice)
    _merge_extra(body, request.extra)
    return body


def answer_limit(request: CompletionRequest, rules: ModelRules) -> int:
    """`max_tokens`: what was asked for, else room for an answer of the usual length."""
    if request.max_tokens is not None:
        return request.max_tokens
    if rules.output_limit is None:
        return _ROOM_UNKNOWN
    room = _ROOM_TO_THINK if request.effort in _LONG_EFFORTS else _ROOM
    if rules.thinking == "budget" and request.effort is not None:
        room = _ROOM + _BUDGETS.get(request.effort, 0)
    return min(room, rules.output_limit)


def thinking_of(request: CompletionRequest, rules: ModelRules, limit: int) -> dict[str, Any] | None:
    """The `thinking` field, or None to leave it out."""
    if rules.thinking == "none":
        return None
    if request.effort == "none":
        return {"type": rules.off} if rules.off else None
    if rules.thinking == "budget":
        budget = thinking_budget(request.effort, limit)
        return {"type": "enabled", "budget_tokens": budget} if budget else None
    if request.effort is None and rules.off == "":
        return None
    # The newest models leave the text of their thoughts out unless it is asked for.
    return {"type": "adaptive", "display": "summarized"}


def thinking_budget(effort: Effort | None, limit: int) -> int:
    """Tokens to think in within an answer of at most `limit`; 0 where there is no room, or no wish to."""
    if effort is None or effort == "none":
        return 0
    budget = min(_BUDGETS[effort], limit * 3 // 4)
    return budget if budget >= _LEAST_BUDGET else 0


def _output_config(request: CompletionRequest, rules: ModelRules) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.effort in rules.efforts:
        config["effort"] = request.effort
    wanted = request.response_format
    if wanted is not None and wanted.kind == "json_schema" and wanted.schema is not None:
        config["format"] = {"type": "json_schema", "schema": wanted.schema}
    return config


def _write_turns(turns: Sequence[Message], model: str, refused: Container[str]) -> list[dict[str, Any]]:
    """User and assistant turns, neighbours of one role merged."""
    written: list[tuple[str, list[Block]]] = []
    # No block shows an assistant's image; the turn after it does instead.
    made: list[Block] = []
    for turn in turns:
        if turn.role == "assistant":
            blocks = _assistant_blocks(turn, model, refused)
            made += [_media_block(part, model) for part in turn.parts if isinstance(part, MediaPart)]
        else:
            blocks = made + [_user_block(part, model) for part in turn.parts if _is_sent(part)]
            made = []
        role = "assistant" if turn.role == "assistant" else "user"
        if written and written[-1][0] == role:
            written[-1][1].extend(blocks)
        elif blocks:
            written.append((role, blocks))
    if not written:
        raise RequestError("There is nothing to send", "Write a message first.", provider=PROVIDER)
    _trim_prefill(written)
    return [{"role": role, "content": _results_first(blocks)} for role, blocks in written]


def _assistant_blocks(turn: Message, model: str, refused: Container[str]) -> list[Block]:
    blocks: list[Block] = []
    thinking = ""
    for part in turn.parts:
        if isinstance(part, ReasoningPart):
            thinking = part.text
            continue
        if isinstance(part, OpaquePart):
            block = thought_block(part, thinking, model, refused)
            if block is not None:
                blocks.append(block)
        elif isinstance(part, ToolCallPart):
            blocks.append(_call_block(part))
        elif isinstance(part, TextPart) and _is_sent(part):
            blocks.append({"type": "text", "text": part.text})
        thinking = ""
    return blocks


def _is_sent(part: Part) -> bool:
    """The service refuses text of nothing but space."""
    if isinstance(part, TextPart):
        return bool(part.text.strip())
    return not isinstance(part, ReasoningPart | OpaquePart)


def _user_block(part: Part, model: str) -> Block:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ToolResultPart):
        block: Block = {"type": "tool_result", "tool_use_id": _tool_id(part.call_id, part.name)}
        if part.content:
            block["content"] = part.content
        if part.failed:
            block["is_error"] = True
        return block
    return _media_block(part, model)


def _media_block(part: Part, model: str) -> Block:
    kind = part.kind if isinstance(part, MediaPart | HostedMediaPart) else "tool call"
    if kind in {"image", "document"} and isinstance(part, HostedMediaPart):
        return {"type": kind, "source": {"type": "file", "file_id": part.uri}}
    if kind == "image" and isinstance(part, MediaPart) and part.mime in _IMAGES:
        return {"type": "image", "source": _base64(_IMAGES[part.mime], part.data)}
    if kind == "document" and isinstance(part, MediaPart):
        if part.mime == "application/pdf":
            return _titled({"type": "document", "source": _base64(part.mime, part.data)}, part.name)
        if is_text_document(part):
            source = {"type": "text", "media_type": "text/plain", "data": text_in(part.data)}
            return _titled({"type": "document", "source": source}, part.name)
    mime = part.mime if isinstance(part, MediaPart | HostedMediaPart) else ""
    raise _unsupported(kind, mime, model)


def _unsupported(kind: str, mime: str, model: str) -> UnsupportedError:
    named = f"{kind} ({mime[:60]})" if mime else kind
    advice = {
        "image": "It takes images as JPEG, PNG, GIF or WebP.",
        "document": "It takes PDF and plain text.",
    }.get(kind, "Leave it out, or pick a model that takes it.")
    return UnsupportedError(
        f"{model[:80]} does not take this {named}",
        advice,
        part=kind,
        model=f"{PROVIDER}:{model}",
        provider=PROVIDER,
    )


def _base64(mime: str, data: bytes) -> Block:
    return {"type": "base64", "media_type": mime, "data": b2a_base64(data, newline=False).decode("ascii")}


def _titled(block: Block, title: str) -> Block:
    return {**block, "title": title} if title else block


def _call_block(part: ToolCallPart) -> Block:
    text = sound_json(sound_text(part.arguments.strip() or "{}").encode())
    try:
        _object_decoder.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestError(
            f"The arguments of the tool call “{part.name[:80]}” are not a JSON object",
            "Leave the call out of the conversation, or mend its arguments.",
            provider=PROVIDER,
        ) from None
    # As it was written: numbers of any length and precision pass unchanged.
    arguments = msgspec.Raw(text)
    return {"type": "tool_use", "id": _tool_id(part.id, part.name), "name": part.name, "input": arguments}


def _tool_id(call_id: str, name: str) -> str:
    """An id with the letters that this service takes; other providers use others, or none at all."""
    return _NOT_IN_AN_ID.sub("_", call_id or name) or "call"


def _results_first(blocks: list[Block]) -> list[Block]:
    """Results of tools stand before what else a turn says, or the service does not find them."""
    return sorted(blocks, key=lambda block: block["type"] != "tool_result")


def _trim_prefill(written: list[tuple[str, list[Block]]]) -> None:
    """An answer to be continued must not end in space."""
    role, blocks = written[-1]
    if role == "assistant" and blocks and blocks[-1]["type"] == "text":
        blocks[-1]["text"] = blocks[-1]["text"].rstrip()


def _write_tool(tool: Tool | NativeTool, rules: ModelRules) -> Mapping[str, Any]:
    if isinstance(tool, NativeTool):
        return tool.spec
    written: dict[str, Any] = {"name": tool.name, "input_schema": tool.parameters or _NO_PARAMETERS}
    if tool.description:
        written["description"] = tool.description
    if tool.strict and rules.schemas:
        written["strict"] = True
    return written


def _write_choice(choice: ToolChoice) -> dict[str, Any]:
    if choice.name:
        return {"type": "tool", "name": choice.name}
    return {"type": _CHOICES[choice.mode]}


def one_at_a_time(choice: ToolChoice | None) -> dict[str, Any]:
    """The choice among tools where at most one call is wanted."""
    written = _write_choice(choice or ToolChoice("auto"))
    return written if written["type"] == "none" else {**written, "disable_parallel_tool_use": True}


def _merge_extra(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """The caller's own fields, as they are; objects that are there already are added to."""
    for name, value in extra.items():
        if name in _FIXED_FIELDS or name == "betas":
            continue
        there = body.get(name)
        if isinstance(there, dict) and isinstance(value, Mapping) and name == "output_config":
            body[name] = {**there, **value}
        else:
            body[name] = value


def beta_features(request: CompletionRequest) -> Iterable[str]:
    """Names for the `anthropic-beta` header: the caller's own, and what files by id need."""
    named = request.extra.get("betas")
    features = [str(name) for name in named] if isinstance(named, list | tuple) else []
    parts = (part for message in request.messages for part in message.parts)
    if any(isinstance(part, HostedMediaPart) for part in parts):
        features.append("files-api-2025-04-14")
    return dict.fromkeys(features)
