"""The types of OpenAI's own client read what our fakes send: the fakes speak the real wire."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_type_hints

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import TypeAdapter

from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.openai.chat import ChatWriter
from aiproxy_desktop.core.providers.openai.dialect import OFFICIAL
from aiproxy_desktop.core.providers.openai.responses import ResponsesWriter
from tests.dialects import OPENAI, RESPONSES, Call
from tests.dialects.responses import response, thought

CALLS = (Call("call_1", "weather", '{"city": "Rome"}'), Call("call_2", "now", "{}"))
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def values(stream: bytes) -> list[Any]:
    """The JSON of each frame."""
    decoder = SseDecoder()
    frames = [*decoder.feed(stream), *decoder.close()]
    return [json.loads(frame.data) for frame in frames if frame.data != b"[DONE]"]


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_chunks_of_chat_completions(reason: str) -> None:
    assert OPENAI.tool_calls is not None
    stream = OPENAI.text("Hi") + OPENAI.reasoning("Hm") + OPENAI.tool_calls(CALLS) + OPENAI.finish(reason)
    chunks = [ChatCompletionChunk.model_validate(value) for value in values(stream + OPENAI.blocked[0])]
    assert chunks[0].choices[0].delta.content == "Hi"
    named = [piece for chunk in chunks for choice in chunk.choices for piece in choice.delta.tool_calls or ()]
    assert [piece.id for piece in named if piece.id] == ["call_1", "call_2"]
    assert [chunk.usage.total_tokens for chunk in chunks if chunk.usage] == [18]


def test_a_whole_chat_completion() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": "Hi", "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls", "logprobs": None}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    assert ChatCompletion.model_validate(body).choices[0].message.content == "Hi"


def test_events_of_responses() -> None:
    assert RESPONSES.tool_calls is not None
    assert RESPONSES.image is not None
    stream = thought("Hm", "zzz") + RESPONSES.text("Hi") + RESPONSES.image("image/png", b"x")
    stream += RESPONSES.tool_calls(CALLS) + RESPONSES.finish("stop") + RESPONSES.finish("length")
    stream += RESPONSES.blocked[0] + RESPONSES.error_frame("no")
    events = [EVENTS.validate_python(value) for value in values(stream)]
    assert [event.type for event in events if event.type.endswith("text.delta")] == [
        "response.reasoning_summary_text.delta",
        "response.output_text.delta",
    ]
    ended = next(event for event in events if event.type == "response.completed")
    assert ended.response.usage.total_tokens == 18


def test_a_whole_response() -> None:
    assert Response.model_validate(response("completed")).status == "completed"


PARTS = (
    TextPart("See"),
    MediaPart("image", "image/png", b"abc"),
    MediaPart("document", "application/pdf", b"abc", "a.pdf"),
    HostedMediaPart("document", "application/pdf", "file-1"),
)
CALL = ToolCallPart("call_1", "weather", "{}")
REQUEST = CompletionRequest(
    "gpt-5.6-sol",
    (
        Message.of("system", "Be brief."),
        Message("user", PARTS),
        Message("assistant", (TextPart("Well"), CALL)),
        Message("tool", (ToolResultPart("call_1", "weather", "sunny"),)),
        Message.of("system", "Be longer."),
        Message.of("user", "Go on"),
    ),
    temperature=0.5,
    max_tokens=99,
    tools=(Tool("weather", "Tells it", {"type": "object"}, strict=True), Tool("now")),
    tool_choice=ToolChoice("required", "now"),
    response_format=ResponseFormat("json_schema", {"type": "object"}, "city", strict=True),
    effort="high",
    extra={"metadata": {"a": "b"}, "top_p": 0.5},
)


@pytest.mark.parametrize("kind", ["json_schema", "json_object"])
def test_requests_are_of_the_types_of_openais_client(kind: Any) -> None:
    request = replace(REQUEST, response_format=ResponseFormat(kind, {"type": "object"}))
    chat = ChatWriter("openai", "OpenAI", OFFICIAL).body(request)
    sound = {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}}
    chat["messages"][1]["content"].append(sound)
    checked(CompletionCreateParamsStreaming, chat)
    responses = ResponsesWriter("openai", "OpenAI", OFFICIAL).body(request)
    # An answer sent back has neither an id nor a state, which the service does without and the type does not.
    (answer,) = (item for item in responses["input"] if item.get("role") == "assistant")
    answer |= {"id": "msg_1", "status": "completed"}
    answer["content"][0]["annotations"] = []
    checked(ResponseCreateParamsStreaming, responses)


def checked(kind: Any, body: dict[str, Any]) -> None:
    """A body that fits a type, with no field that the type does not have."""
    TypeAdapter(kind).validate_python(body)
    assert not body.keys() - get_type_hints(kind).keys()
