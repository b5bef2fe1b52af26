"""OpenAI's Responses interface in bytes: a row of the parity matrix."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.providers.openai.provider import OFFICIAL, OpenAICompatibleProvider
from aiproxy_desktop.core.providers.openai.responses_answer import ResponsesDecoder
from tests.dialects.base import Call, Dialect, Piece, Sent, sse
from tests.dialects.openai import AUDIO_TYPES, OPENAI, read_data_url, read_format

# The items of an answer, in the order in which the pieces below may come together.
_REASONING, _MESSAGE, _IMAGE, _CALLS = 0, 1, 2, 3


def event(kind: str, **fields: Any) -> bytes:
    """One event of a response."""
    return sse({"type": kind, "sequence_number": 1, **fields}, kind)


def response(status: str, **more: Any) -> dict[str, Any]:
    """The response that the first and the last events carry."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "m",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        **more,
    }


def thought(text: str, encrypted: str) -> bytes:
    """A whole reasoning item, with what must come back of it."""
    item: dict[str, Any] = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": None}
    done = {**item, "summary": [{"type": "summary_text", "text": text}], "encrypted_content": encrypted}
    return (
        event("response.output_item.added", output_index=_REASONING, item=item)
        + _reasoning(text)
        + event("response.output_item.done", output_index=_REASONING, item=done)
    )


def _text(text: str) -> bytes:
    fields = {"item_id": "msg_1", "content_index": 0, "logprobs": []}
    return event("response.output_text.delta", output_index=_MESSAGE, delta=text, **fields)


def _reasoning(text: str) -> bytes:
    fields = {"item_id": "rs_1", "summary_index": 0}
    return event("response.reasoning_summary_text.delta", output_index=_REASONING, delta=text, **fields)


def _finish(reason: str) -> bytes:
    usage = {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 18,
    }
    if reason == "length":
        details = {"reason": "max_output_tokens"}
        ended = response("incomplete", incomplete_details=details, usage=usage)
        return event("response.incomplete", response=ended)
    return event("response.completed", response=response("completed", usage=usage))


def _tool_calls(calls: Sequence[Call]) -> bytes:
    frames: list[bytes] = []
    for number, call in enumerate(calls):
        item = {"id": f"fc_{number}", "type": "function_call", "call_id": call.id, "name": call.name}
        place = {"output_index": _CALLS + number, "item_id": item["id"]}
        added = {**item, "arguments": "", "status": "in_progress"}
        done = {**item, "arguments": call.arguments, "status": "completed"}
        frames.append(event("response.output_item.added", output_index=_CALLS + number, item=added))
        frames += [
            event("response.function_call_arguments.delta", **place, delta=call.arguments[start : start + 5])
            for start in range(0, len(call.arguments), 5)
        ]
        frames.append(event("response.function_call_arguments.done", **place, arguments=call.arguments))
        frames.append(event("response.output_item.done", output_index=_CALLS + number, item=done))
    return b"".join(frames)


def _image(mime: str, data: bytes) -> bytes:
    item = {"id": "ig_1", "type": "image_generation_call", "status": "in_progress", "result": None}
    result = base64.b64encode(data).decode()
    done = {**item, "status": "completed", "output_format": mime.rpartition("/")[2], "result": result}
    place = {"output_index": _IMAGE, "item_id": "ig_1"}
    return (
        event("response.output_item.added", output_index=_IMAGE, item=item)
        + event("response.image_generation_call.in_progress", **place)
        + event("response.image_generation_call.generating", **place)
        + event("response.image_generation_call.completed", **place)
        + event("response.output_item.done", output_index=_IMAGE, item=done)
    )


def _read_part(part: dict[str, Any]) -> Piece:
    kind = part["type"]
    if kind in {"input_text", "output_text"}:
        return ("text", part["text"])
    if kind == "input_image":
        return read_data_url("image", part["image_url"])
    if kind == "input_file":
        return read_data_url("document", part["file_data"])
    assert kind == "input_audio", kind
    sound = part["input_audio"]
    return ("audio", AUDIO_TYPES[sound["format"]], base64.b64decode(sound["data"], validate=True))


def _read_item(item: dict[str, Any]) -> tuple[str, list[Piece]] | None:
    if item["type"] == "function_call":
        return "assistant", [("call", item["call_id"], item["name"], json.loads(item["arguments"]))]
    if item["type"] == "function_call_output":
        return "tool", [("result", item["call_id"], item["output"])]
    if item["type"] == "reasoning":
        return None
    return item["role"], [_read_part(part) for part in item["content"]]


def _read(body: Any) -> Sent:
    assert body["store"] is False
    turns: list[tuple[str, list[Piece]]] = []
    for role, pieces in filter(None, map(_read_item, body["input"])):
        if turns and turns[-1][0] == role and role != "user":
            turns[-1][1].extend(pieces)
        else:
            turns.append((role, pieces))
    functions = [tool for tool in body.get("tools", ()) if tool["type"] == "function"]
    choice = body.get("tool_choice")
    return Sent(
        system=body.get("instructions", ""),
        turns=turns,
        tools=[(one["name"], one.get("description", ""), one["parameters"]) for one in functions],
        tool_choice=choice["name"] if isinstance(choice, dict) else choice,
        json=read_format(body.get("text", {}).get("format")),
        temperature=body.get("temperature"),
        max_tokens=body.get("max_output_tokens"),
    )


RESPONSES = Dialect(
    name="responses",
    path="/v1/responses",
    key_header="authorization",
    build=lambda http, url, key: OpenAICompatibleProvider(
        "responses",
        "OpenAI",
        f"{url}/v1",
        http,
        StaticCredentials({"responses": key} if key is not None else {}),
        dialect=replace(OFFICIAL, responses="always"),
    ),
    decoder=ResponsesDecoder,
    text=_text,
    reasoning=_reasoning,
    finish=_finish,
    error_body=OPENAI.error_body,
    error_frame=lambda message: event("error", code="server_error", message=message, param=None),
    blocked=(
        event(
            "response.incomplete",
            response=response("incomplete", incomplete_details={"reason": "content_filter"}),
        ),
    ),
    models=OPENAI.models,
    usage=Usage(11, 7, 4, 3),
    tool_calls=_tool_calls,
    image=_image,
    read=_read,
)
