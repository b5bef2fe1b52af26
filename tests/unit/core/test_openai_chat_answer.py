from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.answer import AnswerDecoder
from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import (
    AuthenticationError,
    ContentBlockedError,
    ProtocolError,
    RateLimitError,
)
from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from aiproxy_desktop.core.failures import failure
from aiproxy_desktop.core.messages import Message, ReasoningPart, TextPart, ToolCallPart
from aiproxy_desktop.core.providers.openai.dialect import ReturnedReasoning
from aiproxy_desktop.core.providers.openai.provider import ChatCompletionDecoder
from tests.dialects import OPENAI, RESPONSES, Call, Dialect, sse
from tests.unit.core.test_answer import fail, message_of, run
from tests.unit.core.test_framing import cut

PIXEL = base64.b64encode(b"\x89PNG").decode()


def decoded(stream: bytes, returned: ReturnedReasoning = "") -> tuple[list[StreamEvent], AnswerDecoder]:
    decoder = ChatCompletionDecoder(
        lambda refusal: failure(refusal, label="It", provider="it"), "it", returned
    )
    events = decoder.feed(stream)
    return events + decoder.end(), decoder


def delta(value: dict[str, Any], reason: str | None = None) -> bytes:
    return sse({"choices": [{"delta": value, "finish_reason": reason}]})


def calls_of(*pieces: dict[str, Any], reason: str = "stop") -> tuple[ToolCallPart, ...]:
    stream = b"".join(delta({"tool_calls": [piece]}) for piece in pieces) + delta({}, reason)
    events, decoder = decoded(stream)
    assert decoder.failure is None
    assert events[-1] == Finished("tool_calls")
    return message_of(events).tool_calls


def function(name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    "tail",
    [
        delta({}, "stop") + b"data: [DONE]\n\n",
        delta({}, "stop"),
        delta({}, "eos") + b"data: [DONE]",
        b"data: [DONE]\n\n",
        b'data: {"choices": [{"finish_reason": "stop"}]}\n\n',
        sse({"choices": [{"delta": None, "finish_reason": "stop"}], "usage": None}),
    ],
)
def test_every_usual_end_is_an_end(tail: bytes) -> None:
    events, decoder = decoded(delta({"role": "assistant", "content": None}) + delta({"content": "Hi"}) + tail)
    assert decoder.failure is None
    assert events == [TextDelta("Hi"), Finished("stop")]


@pytest.mark.parametrize(
    ("value", "events"),
    [
        ({"reasoning_content": "a"}, [ReasoningDelta("a")]),
        ({"reasoning": "a", "content": ""}, [ReasoningDelta("a")]),
        ({"reasoning": "a", "reasoning_content": "a", "content": "b"}, [ReasoningDelta("a"), TextDelta("b")]),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "a"}]},
                    {"type": "text", "text": "b"},
                ]
            },
            [ReasoningDelta("a"), TextDelta("b")],
        ),
        ({"content": 5}, []),
    ],
)
def test_each_servers_way_to_say_it(value: dict[str, Any], events: list[StreamEvent]) -> None:
    assert decoded(delta(value) + delta({}, "stop"))[0] == [*events, Finished("stop")]


def test_an_error_event_by_name() -> None:
    events, decoder = decoded(sse({"error": {"message": "x", "code": "invalid_api_key"}}, "error"))
    assert events == []
    assert isinstance(decoder.failure, AuthenticationError)


@pytest.mark.parametrize("tail", [delta({}, "stop"), b"data: [DONE]\n\n", delta({"refusal": None}, "length")])
def test_a_refusal_in_pieces_is_an_error_with_its_words(tail: bytes) -> None:
    pieces = (
        delta({"content": "Well. "}),
        delta({"refusal": "I can"}),
        delta({"refusal": "not do \x1bthat"}),
    )
    events, decoder = decoded(b"".join(pieces) + tail)
    assert events == [TextDelta("Well. ")]
    assert isinstance(decoder.failure, ContentBlockedError)
    assert decoder.failure.advice.startswith("I cannot do that. ")


def test_a_long_refusal_is_cut() -> None:
    message = {"content": None, "refusal": "no " * 100_000}
    _, decoder = decoded(sse({"choices": [{"message": message, "finish_reason": "stop"}]}))
    assert isinstance(decoder.failure, ContentBlockedError)
    assert len(decoder.failure.advice) < 400
    assert len(decoder.failure.detail) <= 2000


def test_filtered_content_is_an_error_after_what_came() -> None:
    events, decoder = decoded(delta({"content": "Hel"}) + delta({}, "content_filter"))
    assert events == [TextDelta("Hel")]
    assert isinstance(decoder.failure, ContentBlockedError)


def test_nothing_but_the_end_is_no_answer() -> None:
    assert decoded(b"data: [DONE]\n\n")[1].finish is None


def test_calls_in_pieces() -> None:
    assert calls_of(
        {"index": 0, "id": "a", "type": "function", **function("one", "")},
        {"index": 0, **function(None, '{"x"')},
        {"index": 1, "id": "b", **function("two", '{"y":')},
        {"index": 0, **function(None, ": 1}")},
        {"index": 1, "id": "", **function("", " 2}")},
    ) == (ToolCallPart("a", "one", '{"x": 1}'), ToolCallPart("b", "two", '{"y": 2}'))


def test_whole_calls_without_an_index() -> None:
    assert calls_of({"id": "a", **function("one", "{}")}, {"id": "b", **function("two", {"y": 2})}) == (
        ToolCallPart("a", "one", "{}"),
        ToolCallPart("b", "two", '{"y": 2}'),
    )


def test_several_calls_under_one_index() -> None:
    assert calls_of(
        {"index": 0, "id": "a", **function("one", '{"x": 1}')},
        {"index": 0, "id": "b", **function("one", '{"x"')},
        {"index": 0, **function(None, ": 2}")},
    ) == (ToolCallPart("a", "one", '{"x": 1}'), ToolCallPart("b", "one", '{"x": 2}'))


def test_calls_without_ids_get_some() -> None:
    first, second = calls_of(function("one", "{}"), {"index": 0, **function("two", "{}")})
    assert (first.name, second.name) == ("one", "two")
    assert first.id != second.id
    assert first.id.startswith("call_")
    again = calls_of({"index": 0, **function("one", '{"x": 1}')}, {"index": 0, **function("one", "{}")})
    assert [call.arguments for call in again] == ['{"x": 1}', "{}"]


def test_an_id_that_comes_with_every_piece_or_changes_is_no_new_call() -> None:
    (call,) = calls_of(
        {"index": 0, "id": "a", **function("one", '{"x"')},
        {"index": 0, "id": "a", **function("one", ": ")},
        {"index": 0, "id": "z", **function(None, "1}")},
    )
    assert call == ToolCallPart("a", "one", '{"x": 1}')


def test_a_name_that_comes_late() -> None:
    (call,) = calls_of(
        {"index": 0, "id": "a"}, {"index": 0, **function(None, "{")}, {"index": 0, **function("f", "}")}
    )
    assert call == ToolCallPart("a", "f", "{}")
    (nameless,) = calls_of({"index": 0, "id": "a", **function(None, "{}")})
    assert nameless == ToolCallPart("a", "", "{}")


def test_the_call_of_old() -> None:
    stream = delta({"function_call": {"name": "f", "arguments": ""}})
    stream += delta({"function_call": {"arguments": '{"x": 1}'}}) + delta({}, "function_call")
    events, _ = decoded(stream)
    (call,) = message_of(events).tool_calls
    assert (call.name, call.arguments) == ("f", '{"x": 1}')
    assert events[-1] == Finished("tool_calls")


@pytest.mark.parametrize("odd", [5, "x", {}, [5], [{}], [{"index": "a"}], [{"function": 3, "id": 4}]])
def test_odd_calls_do_no_harm(odd: Any) -> None:
    _, decoder = decoded(delta({"tool_calls": odd}) + delta({}, "stop"))
    assert decoder.failure is None


def test_a_call_cut_at_the_limit_ends_so() -> None:
    events, _ = decoded(
        delta({"tool_calls": [{"index": 0, "id": "a", **function("f", "{")}]}) + delta({}, "length")
    )
    assert events[-1] == Finished("length")


def test_images_of_an_answer() -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    link = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    events, _ = decoded(
        delta({"images": [picture, link]}) + delta({"content": [picture]}) + delta({}, "stop")
    )
    image = ImageReceived("image/png", b"\x89PNG")
    assert events == [image, TextDelta("\nhttps://example.com/a.png\n"), image, Finished("stop")]


def test_an_image_that_is_none() -> None:
    broken = {"image_url": {"url": "data:image/png;base64,abcde"}}
    _, decoder = decoded(delta({"images": [broken]}) + delta({}, "stop"))
    assert isinstance(decoder.failure, ProtocolError)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(9, 5, 4, 3),
        ),
        ({"prompt_tokens": 9, "completion_tokens": 5, "prompt_cache_hit_tokens": 4}, Usage(9, 5, 4)),
        ({"prompt_tokens": 9, "prompt_tokens_details": None, "completion_tokens_details": []}, Usage(9)),
    ],
)
def test_each_way_to_count(usage: dict[str, Any], expected: Usage) -> None:
    _, decoder = decoded(delta({}, "stop") + sse({"choices": [], "usage": usage}))
    assert decoder.usage == expected


def test_a_whole_answer_is_read_like_a_streamed_one() -> None:
    body = sse(
        {
            "object": "chat.completion",
            "choices": [
                {
                    "message": {
                        "role": "assistant",
                        "reasoning": "Hm.",
                        "content": "Well",
                        "tool_calls": [{"id": "a", "type": "function", **function("f", "{}")}],
                        "images": [{"image_url": {"url": f"data:image/png;base64,{PIXEL}"}}],
                    },
                    "finish_reason": "tool_calls",
                }
            ],
        }
    ).removeprefix(b"data: ")
    events, _ = decoded(body)
    assert events == [
        ReasoningDelta("Hm."),
        TextDelta("Well"),
        ImageReceived("image/png", b"\x89PNG"),
        ToolCallDelta(0, "a", "f", "{}"),
        Finished("tool_calls"),
    ]


def test_thoughts_that_must_come_back_are_marked() -> None:
    stream = delta({"reasoning_content": "Hm."}) + delta(
        {"tool_calls": [{"index": 0, "id": "a", **function("f", "{}")}]}
    )
    events, _ = decoded(stream + delta({}, "tool_calls"), "reasoning_content")
    assert events[:2] == [ReasoningDelta("Hm."), OpaqueReceived("it", "{}")]
    assert OpaqueReceived("it", "{}") not in decoded(stream + delta({}, "tool_calls"))[0]


def test_details_of_reasoning_are_put_together_again() -> None:
    pieces = [
        {"type": "reasoning.text", "index": 0, "text": "Hm", "format": "x"},
        {"type": "reasoning.text", "index": 0, "text": ".", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "zzz"},
    ]
    stream = b"".join(delta({"reasoning_details": [piece]}) for piece in pieces) + delta({}, "stop")
    events, _ = decoded(stream, "reasoning_details")
    (opaque,) = [event for event in events if isinstance(event, OpaqueReceived)]
    assert opaque.data == (
        '[{"type": "reasoning.text", "index": 0, "text": "Hm.", "format": "x", "signature": "s"}, '
        '{"type": "reasoning.encrypted", "index": 1, "data": "zzz"}]'
    )


json_text = st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=6), max_size=3)
some_calls = st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}", fullmatch=True), json_text), max_size=3)


@pytest.mark.parametrize("dialect", [OPENAI, RESPONSES], ids=lambda dialect: dialect.name)
@given(
    thought=st.text(min_size=1, max_size=9),
    text=st.text(min_size=1, max_size=9),
    called=some_calls,
    places=st.lists(st.integers(0, 100_000), max_size=60),
)
def test_a_rich_answer_is_the_same_for_any_cutting(
    dialect: Dialect, thought: str, text: str, called: list[tuple[str, dict[str, Any]]], places: list[int]
) -> None:
    assert dialect.tool_calls is not None
    calls = [Call(f"id{n}", name, json.dumps(arguments)) for n, (name, arguments) in enumerate(called)]
    stream = dialect.reasoning(thought) + dialect.text(text) + dialect.tool_calls(calls)
    stream += dialect.finish("stop")
    decoder = dialect.decoder(fail)
    answer = MessageAssembler()
    for event in run(decoder, cut(stream, places)):
        answer.feed(event)
    made = (ToolCallPart(call.id, call.name, call.arguments) for call in calls)
    assert answer.message == Message("assistant", (ReasoningPart(thought), TextPart(text), *made))
    assert answer.finish_reason == ("tool_calls" if calls else "stop")
    assert answer.usage == dialect.usage


def test_an_error_beside_a_choice_keeps_its_reason() -> None:
    """As OpenRouter ends an answer that its provider broke off."""
    error = {"code": 429, "message": "Rate limited upstream"}
    broken = {"error": error, "choices": [{"delta": {"content": "o"}, "finish_reason": "error"}]}
    events, decoder = decoded(delta({"content": "Hell"}) + sse(broken))
    assert message_of(events).text == "Hello"
    assert isinstance(decoder.failure, RateLimitError)
    assert decoder.failure.detail == "Rate limited upstream"


@pytest.mark.parametrize("again", [False, True])
def test_calls_of_one_id_get_ids_of_their_own(again: bool) -> None:
    pieces: list[dict[str, Any]] = []
    for number, name in enumerate(("f", "g")):
        whole = {"index": number, "id": "call_1", **function(name, "{")}
        pieces += [whole, {**whole, **function(name if again else None, "}")}]
    calls = calls_of(*pieces)
    assert [(call.name, call.arguments) for call in calls] == [("f", "{}"), ("g", "{}")]
    assert calls[0].id == "call_1"
    assert calls[1].id not in ("call_1", "")
