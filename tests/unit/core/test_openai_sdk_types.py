"""The types of OpenAI's own client read what our fakes send: the fakes speak the real wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from aiproxy_desktop.core.framing import SseDecoder
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
