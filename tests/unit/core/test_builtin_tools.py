"""Tools for models whose template has no place for them; the real model is in tests/integration."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.events import (
    Finished,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Message,
    NativeTool,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.builtin.tools import (
    forced_call,
    must_call,
    read_forced_call,
    without_tools,
)

CLOCK = Tool("clock", "Tells the time.")
USAGE = UsageReported(Usage(1, 2))


async def played(*script: StreamEvent | LocalModelError) -> AsyncGenerator[StreamEvent]:
    for event in script:
        if isinstance(event, LocalModelError):
            raise event
        yield event


async def read(*script: StreamEvent | LocalModelError) -> list[StreamEvent]:
    return [event async for event in read_forced_call(played(*script))]


async def test_the_json_of_a_call_becomes_a_call() -> None:
    pieces = ('{"name": "cl', 'ock", "arguments": {"n": 1.0', "0}}")
    events = await read(Started("p", "m"), *map(TextDelta, pieces), USAGE, Finished("stop"))
    first, call, *rest = events
    assert first == Started("p", "m")
    assert isinstance(call, ToolCallDelta)
    assert (call.index, call.name, call.arguments) == (0, "clock", '{"n": 1.00}')
    assert rest == [USAGE, Finished("tool_calls")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [('{"name": "clock"', "length"), ("no JSON", "stop"), ('{"name": "clock", "arguments": {}}', "length")],
)
async def test_what_is_no_whole_call_stays_text(text: str, reason: str) -> None:
    end = Finished("length" if reason == "length" else "stop")
    assert await read(TextDelta(text), USAGE, end) == [TextDelta(text), USAGE, end]


async def test_an_answer_of_nothing_is_nothing() -> None:
    assert await read(Finished("stop")) == [Finished("stop")]


async def test_what_came_before_a_failure_is_kept() -> None:
    reading = read_forced_call(played(TextDelta('{"na'), LocalModelError("It fell")))
    assert await anext(reading) == TextDelta('{"na')
    with pytest.raises(LocalModelError):
        await anext(reading)


async def test_closing_it_closes_the_answer() -> None:
    answer = played(Started("p", "m"), TextDelta("x"), Finished("stop"))
    reading = read_forced_call(answer)
    await anext(reading)
    await reading.aclose()
    assert [event async for event in answer] == []


def test_a_conversation_with_tools_is_put_in_words() -> None:
    request = CompletionRequest(
        "m",
        (
            Message.of("user", "Time?"),
            Message("assistant", (TextPart("Let me see."), ToolCallPart("1", "clock", '{"z": "UTC"}'))),
            Message("tool", (ToolResultPart("1", "clock", "12:00"), ToolResultPart("2", "", "late"))),
        ),
        tools=(CLOCK,),
    )
    said, notes = without_tools(request)
    assert [
        (message.role, [part.text for part in message.parts if isinstance(part, TextPart)])
        for message in said.messages
    ] == [
        ("user", ["Time?"]),
        ("assistant", ["Let me see.", '{"name": "clock", "arguments": {"z": "UTC"}}']),
        ("user", ["clock gave:\n12:00", "late"]),
    ]
    assert said.tools == ()
    assert [note.parameter for note in notes] == ["tools"]
    assert without_tools(said) == (said, ())


def test_a_forced_call_is_told_and_held_to_its_schema() -> None:
    local = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}}
    request = CompletionRequest(
        "m",
        (Message.of("system", "Be brief."), Message.of("user", "Time?")),
        tools=(CLOCK, Tool("other", "", local), NativeTool({"web_search": {}})),
        tool_choice=ToolChoice("required"),
    )
    assert must_call(request)
    forced = forced_call(request)
    assert not must_call(forced)
    system, user = forced.messages
    assert system.text.startswith("Be brief.\n\n")
    assert "Tells the time." in system.text
    assert user == Message.of("user", "Time?")
    assert forced.response_format is not None
    schema = json.loads(json.dumps(forced.response_format.schema))
    assert [call["properties"]["name"] for call in schema["anyOf"]] == [
        {"const": "clock"},
        {"const": "other"},
    ]
    assert schema["$defs"] == {"a": {"type": "string"}}
    assert "$defs" in local
