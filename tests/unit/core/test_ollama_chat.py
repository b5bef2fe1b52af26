"""What a request becomes in /api/chat, and what its lines become."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, ProtocolError, UnsupportedError
from aiproxy_desktop.core.events import Finished, Noted, StreamEvent, TextDelta, ToolCallDelta
from aiproxy_desktop.core.failures import Refusal, failure
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    NativeTool,
    OpaquePart,
    Part,
    ReasoningPart,
    ResponseFormat,
    SafetySetting,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.ollama.provider import OllamaChatDecoder, OllamaProvider
from aiproxy_desktop.core.wire_json import encode_json
from tests.dialects import OLLAMA, USAGE
from tests.dialects.base import Call, Sent
from tests.unit.core.test_framing import cut

PNG = MediaPart("image", "image/png", b"\x89PNG bytes")
WAV = MediaPart("audio", "audio/wav", b"RIFF....WAVE bytes")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("weather", "Tells the weather.", SCHEMA)
CLOCK = Tool("clock")


def asks(*parts: Part, **more: Any) -> CompletionRequest:
    return CompletionRequest("m", (Message("user", parts or (TextPart("Hi"),)),), **more)


def written(request: CompletionRequest) -> tuple[Any, tuple[Noted, ...]]:
    """The body as the server reads it, and the notes."""
    provider = OllamaProvider(HttpClient())
    adapted, notes = provider.adapt(request)
    return json.loads(encode_json(provider.completion_body(adapted))), notes


def sent(request: CompletionRequest) -> Sent:
    assert OLLAMA.read is not None
    return OLLAMA.read(written(request)[0])


def test_every_role_and_part_has_its_place() -> None:
    request = CompletionRequest(
        "m",
        (
            Message.of("system", "Be brief."),
            Message("user", (TextPart("Look:"), PNG, TextPart("What is it?"))),
            Message(
                "assistant",
                (
                    ReasoningPart("secret"),
                    OpaquePart("anthropic", '"signature"'),
                    TextPart("Let me see."),
                    ToolCallPart("call_1", "weather", '{"city": "Zürich"}'),
                    ToolCallPart("call_2", "clock", ""),
                ),
            ),
            Message("tool", (ToolResultPart("call_1", "", "Rain"), ToolResultPart("call_2", "clock", "12"))),
            Message("user", (WAV, MediaPart("document", "text/csv", b"\xef\xbb\xbfa,b", "table.csv"))),
        ),
        temperature=0.5,
        max_tokens=100,
        tools=(WEATHER, CLOCK),
    )
    assert sent(request) == Sent(
        system="Be brief.",
        turns=[
            ("user", [("text", "Look:\n\nWhat is it?"), ("image", "image/png", PNG.data)]),
            (
                "assistant",
                [
                    ("text", "Let me see."),
                    ("call", "call_1", "weather", {"city": "Zürich"}),
                    ("call", "call_2", "clock", {}),
                ],
            ),
            ("tool", [("result", "call_1", "Rain")]),
            ("tool", [("result", "call_2", "12")]),
            ("user", [("text", "table.csv:\n\na,b"), ("audio", "audio/wav", WAV.data)]),
        ],
        tools=[
            ("weather", "Tells the weather.", SCHEMA),
            ("clock", "", {"type": "object", "properties": {}}),
        ],
        temperature=0.5,
        max_tokens=100,
    )
    results = [message for message in written(request)[0]["messages"] if message["role"] == "tool"]
    assert [result["tool_name"] for result in results] == ["weather", "clock"]


@pytest.mark.parametrize(
    "arguments",
    [
        '{"n": 12345678901234567890123, "x": 1.10, "e": 1e999}',
        '{"n": ' + "9" * 5000 + "}",
        '{"deep": [[[{"a": "\\u00e9"}]]]}',
    ],
)
def test_arguments_travel_byte_by_byte(arguments: str) -> None:
    call = Message("assistant", (ToolCallPart("1", "f", arguments),))
    provider = OllamaProvider(HttpClient())
    body = encode_json(provider.completion_body(CompletionRequest("m", (call, Message.of("user", "?")))))
    assert arguments.encode() in body


def test_half_a_pair_in_arguments_becomes_a_mark() -> None:
    parts = (ToolCallPart("1", "f", '{"a": "\\ud83d"}'), ToolCallPart("2", "g", '{"a": "\ud83d"}'))
    body, _ = written(CompletionRequest("m", (Message("assistant", parts), Message.of("user", "?"))))
    calls = body["messages"][0]["tool_calls"]
    assert [call["function"]["arguments"] for call in calls] == [{"a": "\ufffd"}] * 2


@pytest.mark.parametrize(
    "arguments",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        "[1]",
        "text",
        '{"a": 1',
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=lambda arguments: arguments[:12],
)
def test_arguments_that_are_no_object_are_refused(arguments: str) -> None:
    call = Message("assistant", (ToolCallPart("1", "weather", arguments),))
    with pytest.raises(InvalidRequestError, match="tool call “weather”"):
        written(CompletionRequest("m", (call, Message.of("user", "?"))))


@pytest.mark.parametrize(
    ("choice", "tools", "told"),
    [
        (None, ["weather", "clock"], []),
        (ToolChoice("auto"), ["weather", "clock"], []),
        (ToolChoice("none"), [], []),
        (ToolChoice("required"), ["weather", "clock"], ["tool_choice"]),
        (ToolChoice("required", "clock"), ["clock"], ["tool_choice"]),
    ],
)
def test_the_choice_of_a_tool_is_approximated(
    choice: ToolChoice | None, tools: list[str], told: list[str]
) -> None:
    body, notes = written(asks(tools=(WEATHER, CLOCK), tool_choice=choice))
    assert [tool["function"]["name"] for tool in body.get("tools", [])] == tools
    assert "tool_choice" not in body
    assert [note.parameter for note in notes] == told


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(InvalidRequestError, match="no tool nothing"):
        written(asks(tools=(WEATHER,), tool_choice=ToolChoice("required", "nothing")))


def test_other_providers_tools_are_left_out_with_a_note() -> None:
    body, notes = written(asks(tools=(NativeTool({"googleSearch": {}}), CLOCK)))
    assert [tool["function"]["name"] for tool in body["tools"]] == ["clock"]
    assert [note.parameter for note in notes] == ["tools"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (ResponseFormat("json_object"), "object"),
        (ResponseFormat("json_schema", SCHEMA), SCHEMA),
        (ResponseFormat("json_schema"), "object"),
        (None, None),
    ],
)
def test_the_answer_can_be_held_to_json(wanted: ResponseFormat | None, said: object) -> None:
    assert sent(asks(response_format=wanted)).json == said


def test_what_ollama_has_no_word_for_is_told() -> None:
    _, notes = written(asks(safety_settings=(SafetySetting("A", "B"),), images=True, extra={"stream": False}))
    assert [note.parameter for note in notes] == ["safety_settings", "images", "stream"]


def test_extra_fields_find_their_place() -> None:
    schema = {"type": "object"}
    request = asks(
        temperature=0.1,
        response_format=ResponseFormat("json_schema", schema),
        extra={
            "top_p": 0.9,
            "stop": "END",
            "num_ctx": 65536,
            "options": {"seed": 7, "temperature": 0.2},
            "keep_alive": "10m",
            "format": {"title": "T"},
            "think": "high",
            "truncate": False,
            "model": "another",
            "messages": [],
            "stream": False,
        },
    )
    body, _ = written(request)
    assert body["options"] == {"num_ctx": 65536, "temperature": 0.2, "top_p": 0.9, "stop": ["END"], "seed": 7}
    assert (body["keep_alive"], body["think"], body["truncate"]) == ("10m", "high", False)
    assert body["format"] == {"type": "object", "title": "T"}
    assert (body["model"], body["stream"], len(body["messages"])) == ("m", True, 1)
    assert schema == {"type": "object"}


def test_the_context_has_room_for_every_part() -> None:
    def context(*parts: Part, **more: Any) -> int:
        size = written(asks(*parts, **more))[0]["options"]["num_ctx"]
        assert isinstance(size, int)
        return size

    assert context(TextPart("x"), *[PNG] * 2) == 4096
    assert context(TextPart("x"), *[PNG] * 3) == 8192
    assert context(MediaPart("document", "text/plain", b"x" * 9_000)) == 8192
    assert context(tools=(replace(WEATHER, description="x" * 9_000),)) == 8192
    call = Message("assistant", (ToolCallPart("1", "f", json.dumps({"a": "x" * 9_000})),))
    result = Message("tool", (ToolResultPart("1", "f", "x" * 9_000),))
    for message in (call, result):
        body, _ = written(CompletionRequest("m", (message, Message.of("user", "?"))))
        assert body["options"]["num_ctx"] == 8192


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (MediaPart("video", "video/mp4", b"x"), "cannot read video"),
        (MediaPart("document", "application/pdf", b"x"), "documents that are not text"),
        (MediaPart("image", "image/svg+xml", b"x"), "type image/svg"),
        (MediaPart("audio", "audio/ogg", b"x"), "type audio/ogg"),
        (HostedMediaPart("image", "image/png", "file-1"), "cannot read images"),
    ],
)
def test_media_that_no_model_reads_is_refused(part: Part, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words) as refused:
        written(asks(part))
    assert refused.value.model == "ollama:m"
    assert refused.value.advice


def fail(refusal: Refusal) -> AIProxyError:
    return failure(refusal, label="Ollama", provider="ollama")


def decoded(stream: bytes, places: list[int]) -> tuple[list[StreamEvent], OllamaChatDecoder]:
    decoder = OllamaChatDecoder(fail)
    events: list[StreamEvent] = []
    for piece in cut(stream, places):
        events += decoder.feed(piece)
        if decoder.failure is not None or decoder.complete:
            break
    return events + decoder.end(), decoder


numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
calls = st.builds(
    Call,
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8),
    st.sampled_from(["weather", "clock", "Zeit ☂"]),
    st.dictionaries(st.text(max_size=5), values, max_size=3).map(
        lambda value: json.dumps(value, ensure_ascii=False)
    ),
)


@given(said=st.lists(calls, min_size=1, max_size=4), places=st.lists(st.integers(0, 100_000), max_size=40))
def test_tool_calls_are_the_same_for_any_cutting(said: list[Call], places: list[int]) -> None:
    assert OLLAMA.tool_calls is not None
    stream = OLLAMA.text("So: ") + OLLAMA.tool_calls(said) + OLLAMA.finish("stop")
    events, decoder = decoded(stream, places)
    assembler = MessageAssembler()
    for event in events:
        assembler.feed(event)
    assert assembler.message.tool_calls == tuple(
        ToolCallPart(call.id, call.name, call.arguments) for call in said
    )
    assert events[0] == TextDelta("So: ")
    assert events[-1] == Finished("tool_calls")
    assert decoder.usage == USAGE


def test_a_call_without_an_id_gets_one_of_its_own() -> None:
    call = {"function": {"name": "clock", "arguments": {}}}
    odd = {"function": {"name": "odd", "arguments": '{"a": 1}'}}
    nothing = {"function": {"name": "nothing", "arguments": None}}
    line = json.dumps({"message": {"role": "assistant", "tool_calls": [call, odd, nothing]}}).encode() + b"\n"
    events, _ = decoded(line * 2 + OLLAMA.finish("stop"), [])
    deltas = [event for event in events if isinstance(event, ToolCallDelta)]
    assert [(delta.index, delta.name, delta.arguments) for delta in deltas] == [
        (index, name, arguments)
        for index, (name, arguments) in enumerate(
            [("clock", "{}"), ("odd", '{"a": 1}'), ("nothing", "{}")] * 2
        )
    ]
    assert len({delta.id for delta in deltas}) == 6
    assert all(delta.id.startswith("call_") for delta in deltas)


def test_a_call_cut_at_the_limit_says_so() -> None:
    assert OLLAMA.tool_calls is not None
    events, _ = decoded(OLLAMA.tool_calls([Call("1", "clock", "{}")]) + OLLAMA.finish("length"), [])
    assert events[-1] == Finished("length")


def test_a_call_that_cannot_be_read_keeps_what_came() -> None:
    broken = b'{"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": NaN}}}]}}\n'
    events, decoder = decoded(OLLAMA.text("Hel") + broken, [])
    assert events == [TextDelta("Hel")]
    assert isinstance(decoder.failure, ProtocolError)
