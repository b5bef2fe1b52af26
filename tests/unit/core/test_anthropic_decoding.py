from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ContentBlockedError,
    ProviderFailureError,
    RateLimitError,
)
from aiproxy_desktop.core.events import (
    Finished,
    FinishReason,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.failures import failure
from aiproxy_desktop.core.messages import (
    Message,
    OpaquePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)
from aiproxy_desktop.core.providers.anthropic.decoding import MessagesDecoder
from aiproxy_desktop.core.providers.anthropic.thoughts import redacted, signed
from tests.dialects import ANTHROPIC, USAGE, Call
from tests.dialects.anthropic import block, event, start, stop
from tests.unit.core.test_framing import cut

MODEL = "claude-sonnet-5-5"


def decoded(*pieces: bytes) -> tuple[list[StreamEvent], AIProxyError | None]:
    decoder = MessagesDecoder(lambda refusal: failure(refusal, label="It", provider="it"), MODEL)
    events: list[StreamEvent] = []
    for piece in pieces:
        events += decoder.feed(piece)
        if decoder.failure is not None or decoder.complete:
            break
    return events + decoder.end(), decoder.failure


def message_of(events: list[StreamEvent]) -> Message:
    assembler = MessageAssembler()
    for one in events:
        assembler.feed(one)
    return assembler.message


def thinking(index: int, text: str, signature: str) -> bytes:
    deltas: list[dict[str, Any]] = [{"type": "thinking_delta", "thinking": text}] if text else []
    deltas.append({"type": "signature_delta", "signature": signature})
    return block(index, {"type": "thinking", "thinking": "", "signature": ""}, *deltas)


def said(index: int, *pieces: str) -> bytes:
    deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
    return block(index, {"type": "text", "text": ""}, *deltas)


def searched(index: int) -> bytes:
    """The service's own tool at work, which is nobody else's business."""
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
    return block(index, use, {"type": "input_json_delta", "partial_json": '{"query": "x"}'}) + block(
        index + 1, found
    )


CALL = Call("toolu_1", "find", '{"a": 1, "b": 0.10}')
WHOLE_STREAM = (
    start()
    + thinking(0, "Hm.", "sig1")
    + block(1, {"type": "redacted_thinking", "data": "secret"})
    + thinking(2, "", "sig2")
    + searched(3)
    + said(5, "I ", "look.")
    + block(
        6,
        {"type": "tool_use", "id": CALL.id, "name": CALL.name, "input": {}},
        *({"type": "input_json_delta", "partial_json": piece} for piece in ("", '{"a": 1, ', '"b": 0.10}')),
    )
    + stop("tool_use")
)
WHOLE_MESSAGE = Message(
    "assistant",
    (
        ReasoningPart("Hm."),
        OpaquePart("anthropic", signed("sig1", MODEL)),
        OpaquePart("anthropic", redacted("secret", MODEL)),
        OpaquePart("anthropic", signed("sig2", MODEL)),
        TextPart("I look."),
        ToolCallPart(CALL.id, CALL.name, CALL.arguments),
    ),
)
WHOLE_JSON = (
    b'{"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": ['
    b'{"type": "thinking", "thinking": "Hm.", "signature": "sig1"},'
    b'{"type": "redacted_thinking", "data": "secret"},'
    b'{"type": "thinking", "thinking": "", "signature": "sig2"},'
    b'{"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},'
    b'{"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},'
    b'{"type": "text", "text": "I look.", "citations": [{"type": "page_location"}]},'
    b'{"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"a": 1, "b": 0.10}}],'
    b'"stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 11, "output_tokens": 7}}'
)


@given(places=st.lists(st.integers(0, len(WHOLE_STREAM)), max_size=60))
def test_any_cutting_gives_the_same_message(places: list[int]) -> None:
    events, error = decoded(*cut(WHOLE_STREAM, places))
    assert error is None
    assert message_of(events) == WHOLE_MESSAGE
    assert events[-2:] == [UsageReported(USAGE), Finished("tool_calls")]


@given(places=st.lists(st.integers(0, len(WHOLE_JSON)), max_size=20))
def test_a_server_that_does_not_stream_gives_the_same_message(places: list[int]) -> None:
    events, error = decoded(*cut(WHOLE_JSON, places))
    assert error is None
    assert message_of(events) == WHOLE_MESSAGE
    assert events[-2:] == [UsageReported(USAGE), Finished("tool_calls")]


def test_arguments_arrive_in_pieces_under_their_own_numbers() -> None:
    assert ANTHROPIC.tool_calls is not None
    calls = (CALL, Call("toolu_2", "stop", "{}"))
    events, _ = decoded(start() + ANTHROPIC.tool_calls(calls) + ANTHROPIC.finish("tool_calls"))
    assert events[:-2] == [
        ToolCallDelta(0, "toolu_1", "find"),
        ToolCallDelta(0, arguments='{"a": 1, '),
        ToolCallDelta(0, arguments='"b": 0.10}'),
        ToolCallDelta(1, "toolu_2", "stop"),
        ToolCallDelta(1, arguments="{"),
        ToolCallDelta(1, arguments="}"),
    ]


def test_a_call_without_arguments_has_an_empty_object() -> None:
    content = {"type": "tool_use", "id": "t", "name": "stop", "input": {}}
    events, _ = decoded(start() + block(0, content) + stop("tool_use"))
    assert message_of(events).tool_calls == (ToolCallPart("t", "stop", "{}"),)


def test_half_characters_do_not_break_an_answer() -> None:
    body = WHOLE_JSON.replace(b"I look.", rb"I \ud83d look.")
    events, error = decoded(body)
    assert error is None
    assert message_of(events).text == "I \ufffd look."
    assert message_of(events).tool_calls[0].arguments == CALL.arguments


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("something_new", "stop"),
    ],
)
def test_each_stop_reason_has_its_meaning(reason: str, expected: FinishReason) -> None:
    assert decoded(start() + said(0, "Hi") + stop(reason))[0][-1] == Finished(expected)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"type": "refusal", "category": "cyber", "explanation": "It may harm."}, "cyber"),
        ({"type": "refusal", "category": None, "explanation": "It may harm."}, "It may harm."),
        (None, "refusal"),
    ],
)
def test_a_refusal_is_an_error_with_its_reason(details: Any, reason: str) -> None:
    events, error = decoded(start() + said(0, "Well") + stop("refusal", stop_details=details))
    assert events == [TextDelta("Well")]
    assert isinstance(error, ContentBlockedError)
    assert reason in error.advice
    body = json.dumps({"type": "message", "content": [], "stop_reason": "refusal", "stop_details": details})
    assert isinstance(decoded(body.encode())[1], ContentBlockedError)


def test_the_cache_is_counted_among_the_input_and_thoughts_among_the_output() -> None:
    first = {
        "input_tokens": 3,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 100,
        "output_tokens": 1,
    }
    last = {"output_tokens": 50, "output_tokens_details": {"thinking_tokens": 40}}
    events, _ = decoded(start(first) + said(0, "Hi") + stop("end_turn", last))
    assert events[-2] == UsageReported(Usage(123, 50, 100, 40))


def test_a_count_that_is_not_given_stays_unknown() -> None:
    events, _ = decoded(said(0, "Hi") + stop("end_turn", {"output_tokens": 7}))
    assert events[-2] == UsageReported(Usage(None, 7))


def test_a_stop_reason_makes_the_answer_whole_and_nothing_less_does() -> None:
    whole = start() + said(0, "Hi") + stop("end_turn").split(b"event: message_stop")[0]
    assert decoded(whole)[0][-1] == Finished("stop")
    events, error = decoded(start() + said(0, "Hi"))
    assert (events, error) == ([TextDelta("Hi")], None)
    assert decoded(start() + said(0, "Hi") + event("message_stop"))[0][-1] == Finished("stop")
    assert decoded(start() + event("message_stop"))[0] == []


def test_what_is_not_known_is_read_over() -> None:
    stream = (
        b": a comment\n\nretry: 10\n\n"
        + event("ping")
        + event("something_new", delta={"text": 5}).replace(b"5", b'"x"')
        + block(0, {"type": "fallback", "from": "m"}, {"type": "compaction_delta", "content": "x"})
        + block(1, {"type": "text", "text": ""}, {"type": "citations_delta", "citation": {"type": "x"}})
        + said(2, "Hi")
        + stop("end_turn")
    )
    assert decoded(stream)[0] == [TextDelta("Hi"), UsageReported(USAGE), Finished("stop")]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("overloaded_error", ProviderFailureError),
        ("api_error", ProviderFailureError),
        ("rate_limit_error", RateLimitError),
    ],
)
def test_an_error_in_the_stream_has_its_kind(kind: str, expected: type[AIProxyError]) -> None:
    frame = event("error", error={"type": kind, "message": "Overloaded"}, request_id="req_1")
    events, error = decoded(start() + thinking(0, "Hm.", "s") + said(1, "Hi") + frame)
    assert events == [
        ReasoningDelta("Hm."),
        OpaqueReceived("anthropic", signed("s", MODEL)),
        TextDelta("Hi"),
    ]
    assert type(error) is expected
    assert error.detail == "Overloaded"


def test_an_error_instead_of_a_message_has_its_kind() -> None:
    body = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    assert isinstance(decoded(body.encode())[1], ProviderFailureError)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"type": "completion", "content": []}', b'{"content": 5}'])
def test_json_of_another_kind_is_no_message(body: bytes) -> None:
    events, error = decoded(body)
    assert events == []
    assert error is not None


WHOLE_CALL = {"type": "tool_use", "id": "t", "name": "find", "input": {"a": 1.50}}


@pytest.mark.parametrize(
    "frames",
    [
        block(0, WHOLE_CALL),
        event("content_block_start", index=0, content_block=WHOLE_CALL),
        event("content_block_start", index=0, content_block=WHOLE_CALL)
        + event("ping")
        + event(
            "content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": '{"a": 1.5}'}
        ),
    ],
    ids=["whole", "without its end", "both ways"],
)
def test_arguments_that_come_with_the_start_of_a_call_are_there_once(frames: bytes) -> None:
    events, failed = decoded(start() + frames + stop("tool_use"))
    assert failed is None
    (call,) = message_of(events).tool_calls
    assert (call.name, json.loads(call.arguments)) == ("find", {"a": 1.5})
