"""What the built-in model can be asked besides plain text: formats, tools, sampling, documents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.events import Finished, Noted, Started, StreamEvent, TextDelta, UsageReported
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Effort,
    HostedMediaPart,
    MediaPart,
    Message,
    Part,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, default_model
from aiproxy_desktop.core.registry import Registry

MODEL = "smollm2-135m"
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
WEATHER = Tool(
    "weather",
    "Tells the weather in a city.",
    {
        "type": "object",
        "properties": {"place": {"$ref": "#/$defs/place"}},
        "required": ["place"],
        "additionalProperties": False,
        "$defs": {"place": {"type": "string", "enum": ["Paris", "Rome"]}},
    },
)
CLOCK = Tool("clock", "Tells the time.")


@pytest.fixture
async def provider() -> AsyncIterator[BuiltinProvider]:
    model, http = default_model(), HttpClient()
    assert model is not None
    built_in = BuiltinProvider(http, [model])
    yield built_in
    await built_in.aclose()
    await http.aclose()


def asks(*parts: Part, **more: Any) -> CompletionRequest:
    said = parts or (TextPart("What is the weather in Paris?"),)
    return CompletionRequest(MODEL, (Message("user", said),), **{"max_tokens": 80, "temperature": 0.0} | more)


async def events_of(provider: BuiltinProvider, request: CompletionRequest) -> list[StreamEvent]:
    async with aclosing(provider.stream(request)) as events:
        return [event async for event in events]


def folded(events: list[StreamEvent]) -> MessageAssembler:
    answer = MessageAssembler()
    for event in events:
        answer.feed(event)
    return answer


async def test_it_answers_through_the_client_streamed_and_not(provider: BuiltinProvider) -> None:
    client = CompletionClient(Registry((provider,)))
    said = [{"role": "user", "content": "Say hello."}]
    whole = await client.create_completion(said, max_tokens=8, temperature=0.0)
    assert whole["choices"][0]["message"]["content"].strip()
    assert whole["usage"]["completion_tokens"]
    async with client.stream(said, max_tokens=8, temperature=0.0) as events:
        pieces = [event.text async for event in events if isinstance(event, TextDelta)]
    assert len(pieces) > 1
    chunks = await client.create_completion(said, max_tokens=8, temperature=0.0, stream=True)
    deltas = [choice["delta"].get("content") or "" async for chunk in chunks for choice in chunk["choices"]]
    assert "".join(deltas) == "".join(pieces) == whole["choices"][0]["message"]["content"]


async def test_an_answer_fits_its_schema(provider: BuiltinProvider) -> None:
    wanted = ResponseFormat("json_schema", CITY)
    events = await events_of(provider, asks(TextPart("Tell me about Paris."), response_format=wanted))
    assert sum(isinstance(event, TextDelta) for event in events) > 1
    value = json.loads(folded(events).text)
    assert set(value) == {"city", "people"}
    assert isinstance(value["city"], str)
    assert isinstance(value["people"], int)
    assert events[-1] == Finished("stop")


async def test_an_answer_can_be_any_json(provider: BuiltinProvider) -> None:
    asked = asks(TextPart("List two colours."), response_format=ResponseFormat("json_object"), max_tokens=400)
    text = folded(await events_of(provider, asked)).text
    assert text.lstrip().startswith("{")
    assert isinstance(json.loads(text), dict)


async def test_a_sequence_that_stops_it_and_a_seed_reach_the_model(provider: BuiltinProvider) -> None:
    asked = asks(TextPart("Count from one to ten."), temperature=1.5, extra={"seed": 7, "top_p": 0.99})
    first, second, other = [
        folded(await events_of(provider, request)).text
        for request in (asked, asked, replace(asked, extra={"seed": 8, "top_p": 0.99}))
    ]
    assert first == second != other
    stopped = await events_of(provider, replace(asked, extra={**asked.extra, "stop": [first[3:6]]}))
    assert folded(stopped).text == first[: first.find(first[3:6])]
    assert stopped[-1] == Finished("stop")


async def test_tools_that_may_be_called_are_left_out_with_a_note(provider: BuiltinProvider) -> None:
    events = await events_of(provider, asks(tools=(WEATHER, CLOCK), max_tokens=8))
    assert isinstance(events[0], Started)
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["tools"]
    assert folded(events).text
    quiet = await events_of(provider, asks(tools=(CLOCK,), tool_choice=ToolChoice("none"), max_tokens=8))
    assert not any(isinstance(event, Noted) for event in quiet)


@pytest.mark.parametrize(
    ("choice", "tools", "names"),
    [
        (ToolChoice("required"), (WEATHER, CLOCK), {"weather", "clock"}),
        (ToolChoice("required", "weather"), (WEATHER, CLOCK), {"weather"}),
        (ToolChoice("required", "clock"), (WEATHER, CLOCK), {"clock"}),
    ],
)
async def test_a_tool_that_must_be_called_is(
    provider: BuiltinProvider, choice: ToolChoice, tools: tuple[Tool, ...], names: set[str]
) -> None:
    events = await events_of(provider, asks(tools=tools, tool_choice=choice, max_tokens=200))
    (call,) = folded(events).tool_calls
    assert call.name in names
    assert call.id.startswith("call_")
    arguments = json.loads(call.arguments)
    assert isinstance(arguments, dict)
    if call.name == "weather":
        assert arguments["place"] in {"Paris", "Rome"}
    assert events[-1] == Finished("tool_calls")
    assert isinstance(events[-2], UsageReported)
    assert not folded(events).text


async def test_tools_are_taken_the_same_way_once_its_list_is_known(provider: BuiltinProvider) -> None:
    client = CompletionClient(Registry((provider,)))
    function = {"name": "weather", "parameters": WEATHER.parameters}
    asked: dict[str, Any] = {
        "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
        "tools": [{"type": "function", "function": function}],
        "temperature": 0.0,
    }
    for _ in range(2):  # before and after its list came
        left_out = await client.create_completion(**asked, model=f"builtin:{MODEL}", max_tokens=4)
        called = await client.create_completion(
            **asked, model=f"builtin:{MODEL}", tool_choice="required", max_tokens=200
        )
        assert [note["parameter"] for note in left_out["notes"]] == ["tools"]
        assert called["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "weather"
        assert await client.list_models()
    (problem,) = await client.check(None, asked["messages"], tools=asked["tools"])
    assert (problem.part, problem.refused) == ("tools", False)
    await client.aclose()


async def test_a_call_cut_at_the_limit_stays_text(provider: BuiltinProvider) -> None:
    must = ToolChoice("required", "weather")
    events = await events_of(provider, asks(tools=(WEATHER,), tool_choice=must, max_tokens=3))
    assert events[-1] == Finished("length")
    assert folded(events).text
    assert not folded(events).tool_calls


async def test_a_tool_that_is_not_there_cannot_be_called(provider: BuiltinProvider) -> None:
    with pytest.raises(InvalidRequestError, match="no tool nothing"):
        await events_of(provider, asks(tools=(CLOCK,), tool_choice=ToolChoice("required", "nothing")))
    assert provider.pids == ()


async def test_calls_and_results_of_a_conversation_are_read(provider: BuiltinProvider) -> None:
    said = (
        Message.of("system", "Be brief."),
        Message.of("user", "What is the weather?"),
        Message("assistant", (ToolCallPart("call_1", "weather", '{"place": "Paris"}'),)),
        Message("tool", (ToolResultPart("call_1", "weather", "Sunny, 20 degrees."),)),
    )
    request = CompletionRequest(MODEL, said, temperature=0.0, max_tokens=8)
    events = await events_of(provider, request)
    shorter = await events_of(provider, replace(request, messages=said[:2]))
    counts = [
        answer.usage.input_tokens
        for answer in (folded(events), folded(shorter))
        if answer.usage is not None and answer.usage.input_tokens is not None
    ]
    assert counts[0] > counts[1] + 15
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(("effort", "told"), [("high", ["effort"]), ("none", [])])
async def test_a_model_that_does_not_think_is_not_told_to(
    provider: BuiltinProvider, effort: Effort, told: list[str]
) -> None:
    events = await events_of(provider, asks(effort=effort, max_tokens=4))
    assert [event.parameter for event in events if isinstance(event, Noted)] == told


async def test_a_text_document_is_read(provider: BuiltinProvider) -> None:
    notes = MediaPart("document", "text/plain", b"word " * 100, "notes.txt")
    answer = folded(await events_of(provider, asks(TextPart("What is this?"), notes, max_tokens=4)))
    assert answer.usage is not None
    assert (answer.usage.input_tokens or 0) > 100


@pytest.mark.parametrize(
    "part",
    [
        MediaPart("image", "image/png", b"x"),
        MediaPart("audio", "audio/wav", b"x"),
        MediaPart("video", "video/mp4", b"x"),
        MediaPart("document", "application/pdf", b"x"),
        HostedMediaPart("image", "image/png", "file-1"),
    ],
)
async def test_what_is_not_text_is_refused_before_anything_starts(
    provider: BuiltinProvider, part: Part
) -> None:
    with pytest.raises(UnsupportedError, match="SmolLM2 135M reads text only") as refused:
        await events_of(provider, asks(TextPart("Look:"), part))
    assert refused.value.model == f"builtin:{MODEL}"
    assert provider.pids == ()


async def test_its_list_tells_what_it_can_do(provider: BuiltinProvider) -> None:
    (model,) = await provider.list_models()
    can = model.capabilities
    assert (can.json_mode, can.json_schema, can.streaming) == (True, True, True)
    assert (can.tools, can.thinking, can.vision, can.multimodal) == (False, False, False, False)
