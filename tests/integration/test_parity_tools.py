"""The parity matrix: conversations and tool calls as users write them, dictionaries in and out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiproxy_desktop.core.assembler import MessageAssembler
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, OLLAMA, OPENAI, RESPONSES, Call, Dialect
from tests.dialects.anthropic import block, start
from tests.dialects.asking import Asking, asking, folded
from tests.dialects.base import sse
from tests.dialects.builtin import BUILTIN
from tests.dialects.responses import thought

ROWS = (*DIALECTS, BUILTIN)
each_row = pytest.mark.parametrize("dialect", ROWS, ids=lambda dialect: dialect.name)

_SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
TOOLS = [
    {
        "type": "function",
        "function": {"name": "weather", "description": "Weather of a place", "parameters": _SCHEMA},
    },
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": _SCHEMA}},
]
DIGITS = "7" * 4000
# Spaces, escapes, the order of names and every digit are the model's own.
ARGUMENTS = '{ "z":1.50, "place":"Zürich \\u2603 ☀ 日本","deep":{"a":[[{"b":null}]]},"n":' + DIGITS + "}"
CALLS = (Call("call_1", "weather", ARGUMENTS), Call("call_2", "now", '{"place": "Köln"}'))
QUESTION = {"role": "user", "content": "What is it like in Zürich?"}


def calling(dialect: Dialect, *calls: Call, before: bytes = b"") -> tuple[bytes, ...]:
    """The pieces of an answer that calls tools."""
    assert dialect.tool_calls is not None
    return (before + dialect.tool_calls(calls), dialect.finish("tool_calls"))


def said(dialect: Dialect) -> tuple[bytes, ...]:
    """The pieces of a plain answer."""
    return (dialect.text("Sunny."), dialect.finish("stop"))


def turns(asked: Asking) -> list[tuple[str, list[Any]]]:
    """The turns that the service read, neighbours of one role joined."""
    joined: list[tuple[str, list[Any]]] = []
    for role, pieces in asked.sent.turns:
        if joined and joined[-1][0] == role:
            joined[-1][1].extend(pieces)
        else:
            joined.append((role, list(pieces)))
    return joined


async def answer_of(asked: Asking, streamed: bool, messages: Any, **options: Any) -> dict[str, Any]:
    """Message, finish reason and usage of one answer, either way."""
    if streamed:
        return folded(await asked.chunks(messages, **options))
    whole = await asked.answer(messages, **options)
    return {**whole["choices"][0], "usage": whole["usage"], "notes": whole["notes"]}


@each_row
async def test_roles_and_texts_keep_their_order(dialect: Dialect) -> None:
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": "three"},
        {"role": "user", "content": "four"},
    ]
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(messages, system_instruction="Be kind.")
        found = turns(asked)
        system = asked.sent.system
    texts = [("text", "one\n\ntwo")] if dialect is OLLAMA else [("text", "one"), ("text", "two")]
    assert system == "Be kind.\n\nBe brief."
    assert found == [("user", texts), ("assistant", [("text", "three")]), ("user", [("text", "four")])]


@each_row
async def test_tools_are_sent_as_the_service_reads_them(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(tools=TOOLS)
        sent = asked.sent
    assert sent.tools == [("weather", "Weather of a place", _SCHEMA), ("now", "The time", _SCHEMA)]
    assert sent.tool_choice is None


@each_row
@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "function": {"name": "now"}}, "now"),
    ],
)
async def test_the_choice_among_tools(dialect: Dialect, choice: Any, expected: str) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(tools=TOOLS, tool_choice=choice)
        sent = asked.sent
    names = [name for name, *_ in sent.tools]
    noted = [note["parameter"] for note in answer["notes"]]
    if dialect is OLLAMA:  # which has no choice: only what is offered can say something
        offered = {"none": [], "now": ["now"]}
        assert names == offered.get(expected, ["weather", "now"])
        assert noted == (["tool_choice"] if expected in {"required", "now"} else [])
        return
    # A server with no word for one tool by name is given that tool alone, and must call some tool.
    as_is = sent.tool_choice == expected
    assert as_is or (expected, sent.tool_choice) == ("now", "required")
    assert names == (["weather", "now"] if as_is else ["now"])
    assert noted == []


@each_row
@pytest.mark.parametrize("streamed", [True, False])
async def test_calls_come_back_and_go_back_as_they_are(dialect: Dialect, streamed: bool) -> None:
    async with asking(dialect, calling(dialect, *CALLS), said(dialect)) as asked:
        first = await answer_of(asked, streamed, [QUESTION], tools=TOOLS)
        message = first["message"]
        assert first["finish_reason"] == "tool_calls"
        assert json.loads(json.dumps(message)) == message
        assert [
            (call["type"], call["function"]["name"], call["function"]["arguments"])
            for call in message["tool_calls"]
        ] == [("function", call.name, call.arguments) for call in CALLS]
        ids = [call["id"] for call in message["tool_calls"]]
        assert ids == ["call_1", "call_2"]
        results = [
            {"role": "tool", "tool_call_id": ids[1], "content": "noon ☀"},
            {"role": "tool", "tool_call_id": ids[0], "content": "22 °C"},
        ]
        second = await answer_of(asked, streamed, [QUESTION, message, *results], tools=TOOLS)
        found = turns(asked)
        body = asked.posts[-1].body
    assert second["message"] == {"role": "assistant", "content": "Sunny."}
    assert found == [
        ("user", [("text", QUESTION["content"])]),
        ("assistant", [("call", call.id, call.name, json.loads(call.arguments)) for call in CALLS]),
        ("tool", [("result", "call_2", "noon ☀"), ("result", "call_1", "22 °C")]),
    ]
    assert DIGITS.encode() in body


@each_row
async def test_results_without_an_id_find_their_calls_by_name(dialect: Dialect) -> None:
    async with asking(dialect, calling(dialect, *CALLS), said(dialect)) as asked:
        message = (await asked.answer([QUESTION], tools=TOOLS))["choices"][0]["message"]
        results = [
            {"role": "tool", "name": "now", "content": "noon"},
            {"role": "tool", "name": "weather", "content": "22"},
        ]
        await asked.answer([QUESTION, message, *results])
        assert turns(asked)[-1] == ("tool", [("result", "call_2", "noon"), ("result", "call_1", "22")])


@each_row
async def test_text_before_a_call_stays_with_it(dialect: Dialect) -> None:
    pieces = calling(dialect, CALLS[1], before=dialect.text("Let me see. "))
    async with asking(dialect, pieces, said(dialect)) as asked:
        message = (await asked.answer([QUESTION], tools=TOOLS))["choices"][0]["message"]
        assert message["content"] == "Let me see. "
        result = {"role": "tool", "tool_call_id": "call_2", "content": "noon"}
        await asked.answer([QUESTION, message, result])
        assert turns(asked)[1] == (
            "assistant",
            [("text", "Let me see. "), ("call", "call_2", "now", {"place": "Köln"})],
        )


@each_row
async def test_chunks_folded_are_the_whole_answer(dialect: Dialect) -> None:
    pieces = calling(
        dialect, *CALLS, before=dialect.reasoning("Hm. ") + dialect.text("Gu") + dialect.text("t ☀")
    )
    async with asking(dialect, pieces) as asked:
        whole = await answer_of(asked, False, "Hello", tools=TOOLS)
        chunked = await answer_of(asked, True, "Hello", tools=TOOLS)
        events, error = await asked.events(tools=TOOLS)
    assert error is None
    assert {name: whole[name] for name in chunked} == chunked
    assert whole["message"]["content"] == "Gut ☀"
    assert whole["message"]["reasoning_content"] == "Hm. "
    answer = MessageAssembler()
    for event in events:
        answer.feed(event)
    assert [(call.id, call.name, call.arguments) for call in answer.tool_calls] == [
        (call.id, call.name, call.arguments) for call in CALLS
    ]
    assert answer.finish_reason == "tool_calls"


def signed(dialect: Dialect) -> tuple[bytes, ...]:
    """An answer with a call and what the service wants back with it."""
    call = CALLS[1]
    if dialect is GEMINI:
        function = {"functionCall": {"id": call.id, "name": call.name, "args": {"place": "Köln"}}}
        parts = [{"text": "Hm", "thought": True}, {**function, "thoughtSignature": "c2VjcmV0"}]
        return (sse({"candidates": [{"content": {"parts": parts}}]}), GEMINI.finish("stop"))
    if dialect is RESPONSES:
        return (thought("Hm", "c2VjcmV0"), *calling(dialect, call))
    deltas = (
        {"type": "thinking_delta", "thinking": "Hm"},
        {"type": "signature_delta", "signature": "c2VjcmV0"},
    )
    thinking = block(0, {"type": "thinking", "thinking": "", "signature": ""}, *deltas)
    use = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
    pieces = block(1, use, {"type": "input_json_delta", "partial_json": call.arguments})
    return (start(), thinking, pieces, ANTHROPIC.finish("tool_calls"))


@pytest.mark.parametrize("dialect", [RESPONSES, GEMINI, ANTHROPIC], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("streamed", [True, False])
async def test_what_the_service_signed_comes_back_to_it(dialect: Dialect, streamed: bool) -> None:
    async with asking(dialect, signed(dialect), said(dialect)) as asked:
        first = await answer_of(asked, streamed, [QUESTION], tools=TOOLS)
        message = json.loads(json.dumps(first["message"]))
        assert message["reasoning_content"] == "Hm"
        result = {"role": "tool", "tool_call_id": "call_2", "content": "noon"}
        await answer_of(asked, streamed, [QUESTION, message, result], tools=TOOLS)
        body = asked.posts[-1].json
    assert _signed_in(dialect, body) == "c2VjcmV0"


@pytest.mark.parametrize("dialect", [RESPONSES, GEMINI, ANTHROPIC], ids=lambda dialect: dialect.name)
async def test_what_one_service_signed_is_nothing_to_another(dialect: Dialect) -> None:
    result = {"role": "tool", "tool_call_id": "call_2", "content": "noon"}
    async with asking(dialect, signed(dialect)) as asked:
        message = (await asked.answer([QUESTION], tools=TOOLS))["choices"][0]["message"]
    for other in ROWS:
        if other is dialect:
            continue
        async with asking(other, said(other)) as asked:
            await asked.answer([QUESTION, message, result], tools=TOOLS)
            assert turns(asked)[1:] == [
                ("assistant", [("call", "call_2", "now", {"place": "Köln"})]),
                ("tool", [("result", "call_2", "noon")]),
            ]
            assert b"c2VjcmV0" not in asked.posts[0].body
            assert b"Hm" not in asked.posts[0].body


def _signed_in(dialect: Dialect, body: Any) -> str:
    """The signature, where the service looks for it."""
    if dialect is GEMINI:
        (call,) = [part for part in body["contents"][1]["parts"] if "functionCall" in part]
        return str(call["thoughtSignature"])
    if dialect is RESPONSES:
        kinds = [item["type"] for item in body["input"]]
        place = kinds.index("reasoning")
        assert kinds[place + 1] == "function_call"
        return str(body["input"][place]["encrypted_content"])
    first, second = body["messages"][1]["content"]
    assert (first["type"], first["thinking"], second["type"]) == ("thinking", "Hm", "tool_use")
    return str(first["signature"])


@each_row
async def test_half_a_character_that_a_model_wrote_comes_back_and_goes_back(dialect: Dialect) -> None:
    arguments = '{"n": 1.50, "whole": "\\ud83d\\ude00", "not one": "\\\\ud83d", "half": "a\\ud83d b"}'
    async with asking(dialect, calling(dialect, Call("call_1", "now", arguments)), said(dialect)) as asked:
        message = (await asked.answer([QUESTION], tools=TOOLS))["choices"][0]["message"]
        json.dumps(message, ensure_ascii=False).encode()
        result = {"role": "tool", "tool_call_id": "call_1", "content": "noon"}
        await asked.answer([QUESTION, message, result], tools=TOOLS)
        ((_, _, _, found),) = turns(asked)[1][1]
    half = found.pop("half")
    assert found == {"n": 1.5, "whole": "😀", "not one": "\\ud83d"}
    assert half.encode("utf-16", "surrogatepass").decode("utf-16", "replace") == "a\ufffd b"


async def test_calls_that_a_server_gave_one_id_are_told_apart() -> None:
    same = (Call("call_0", "weather", '{"place": "Bern"}'), Call("call_0", "now", '{"place": "Genf"}'))
    async with asking(OPENAI, calling(OPENAI, *same), said(OPENAI)) as asked:
        message = (await asked.answer([QUESTION], tools=TOOLS))["choices"][0]["message"]
        ids = [call["id"] for call in message["tool_calls"]]
        assert ids[0] == "call_0"
        assert len(set(ids)) == 2
        results = [{"role": "tool", "tool_call_id": one, "content": one} for one in ids]
        await asked.answer([QUESTION, message, *results], tools=TOOLS)
        assert turns(asked)[-1] == ("tool", [("result", one, one) for one in ids])
