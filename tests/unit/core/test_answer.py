from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.answer import AnswerDecoder
from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import AIProxyError, AuthenticationError, ProtocolError
from aiproxy_desktop.core.events import Finished, ReasoningDelta, StreamEvent, TextDelta, UsageReported
from aiproxy_desktop.core.failures import Refusal, failure
from aiproxy_desktop.core.messages import Message, OpaquePart, ReasoningPart, TextPart, ToolCallPart
from aiproxy_desktop.core.providers.openai.provider import ChatCompletionDecoder
from tests.dialects import DIALECTS, GEMINI, OPENAI, USAGE, Call, Dialect
from tests.unit.core.test_framing import cut

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
cuts = st.lists(st.integers(0, 100_000), max_size=60)


def fail(refusal: Refusal) -> AIProxyError:
    return failure(refusal, label="It", provider="it")


def run(decoder: AnswerDecoder, pieces: list[bytes]) -> list[StreamEvent]:
    """What a provider's stream would give, without its connection."""
    events: list[StreamEvent] = []
    for piece in pieces:
        events += decoder.feed(piece)
        if decoder.failure is not None or decoder.complete:
            break
    return events + decoder.end()


def message_of(events: list[StreamEvent]) -> Message:
    assembler = MessageAssembler()
    for event in events:
        assembler.feed(event)
    return assembler.message


@each_dialect
@given(said=st.lists(st.tuples(st.booleans(), st.text(min_size=1, max_size=12)), max_size=6), places=cuts)
def test_the_answer_is_the_same_for_any_cutting(
    dialect: Dialect, said: list[tuple[bool, str]], places: list[int]
) -> None:
    frames = [dialect.reasoning(text) if thought else dialect.text(text) for thought, text in said]
    stream = b"".join(frames) + dialect.finish("stop")
    decoder = dialect.decoder(fail)
    events = run(decoder, cut(stream, places))
    assert decoder.failure is None
    assert events[:-2] == [ReasoningDelta(text) if thought else TextDelta(text) for thought, text in said]
    assert events[-1] == Finished("stop")
    assert decoder.usage == dialect.usage


# What a model may write as arguments: an object, spaced and escaped as it likes.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
argument_texts = st.builds(
    lambda value, ascii_only, spaces: json.dumps(value, ensure_ascii=ascii_only, separators=spaces),
    st.dictionaries(st.text(max_size=4), values, max_size=3),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,  ", " : ")]),
)


@each_dialect
@given(
    thought=st.text(min_size=1, max_size=12),
    text=st.text(min_size=1, max_size=12),
    arguments=st.tuples(argument_texts, argument_texts),
    places=cuts,
)
def test_an_answer_with_everything_is_the_same_for_any_cutting(
    dialect: Dialect, thought: str, text: str, arguments: tuple[str, str], places: list[int]
) -> None:
    assert dialect.tool_calls is not None
    calls = [Call("call_1", "weather", arguments[0]), Call("call_2", "now", arguments[1])]
    stream = dialect.reasoning(thought) + dialect.text(text) + dialect.tool_calls(calls)
    decoder = dialect.decoder(fail)
    events = run(decoder, cut(stream + dialect.finish("tool_calls"), places))
    assert decoder.failure is None
    parts = [
        part for part in message_of(events).parts if part != TextPart("") and not isinstance(part, OpaquePart)
    ]
    wanted = [ToolCallPart(call.id, call.name, call.arguments) for call in calls]
    assert parts == [ReasoningPart(thought), TextPart(text), *wanted]
    assert events[-2:] == [UsageReported(dialect.usage), Finished("tool_calls")]


@each_dialect
@given(
    tail=st.sampled_from(["error", "garbage", "nothing", "half"]),
    places=cuts,
    texts=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6),
)
def test_what_came_before_a_failure_is_kept_for_any_cutting(
    dialect: Dialect, tail: str, places: list[int], texts: list[str]
) -> None:
    tails = {
        "error": dialect.error_frame("stumbled"),
        "garbage": dialect.text("x").replace(b"}", b"") + dialect.text("never seen"),
        "nothing": b"",
        "half": dialect.text("never whole")[:-7],
    }
    decoder = dialect.decoder(fail)
    events = run(decoder, cut(b"".join(map(dialect.text, texts)) + tails[tail], places))
    assert events == [TextDelta(text) for text in texts]
    assert decoder.finish is None
    assert (decoder.failure is not None) == (tail in {"error", "garbage"})


@each_dialect
@given(stream=st.binary(max_size=400), places=cuts)
def test_any_bytes_do_no_harm(dialect: Dialect, stream: bytes, places: list[int]) -> None:
    run(dialect.decoder(fail), cut(stream, places))
    run(dialect.decoder(fail), cut(dialect.text("a") + stream + dialect.finish("stop"), places))


@each_dialect
@pytest.mark.parametrize("dressed", ["mark", "crlf", "spaces"])
def test_awkward_dress(dialect: Dialect, dressed: str) -> None:
    stream = dialect.text("x\u2028y\u0085z") + dialect.finish("stop")
    stream = {
        "mark": b"\xef\xbb\xbf" + stream,
        "crlf": stream.replace(b"\n", b"\r\n"),
        "spaces": b"\n\n" + stream,
    }[dressed]
    assert message_of(run(dialect.decoder(fail), [stream])).text == "x\u2028y\u0085z"


@pytest.mark.parametrize("dialect", [OPENAI, GEMINI], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("prefix", [b"retry: 500\n\n", b"id: 1\n\n", b": ping\n\n", b"event: message\n"])
def test_leading_fields_of_an_event_stream(dialect: Dialect, prefix: bytes) -> None:
    stream = prefix + dialect.text("Hi") + b": keep-alive\n\n" + dialect.finish("stop")
    assert message_of(run(dialect.decoder(fail), [stream])).text == "Hi"


@each_dialect
def test_text_cut_within_a_character_is_still_an_answer(dialect: Dialect) -> None:
    broken = dialect.text("a☀b").replace("☀".encode(), "☀".encode()[:2])
    events = run(dialect.decoder(fail), [broken, dialect.finish("stop")])
    assert message_of(events).text == "a\ufffdb"


@each_dialect
def test_a_frame_without_end_is_bounded(dialect: Dialect) -> None:
    decoder = dialect.decoder(fail)
    decoder.feed(dialect.text("a"))
    for _ in range(40):
        decoder.feed(b"x" * 1024 * 1024)
        if decoder.failure is not None:
            break
    assert isinstance(decoder.failure, ProtocolError)


@pytest.mark.parametrize("dialect", [OPENAI, GEMINI], ids=lambda dialect: dialect.name)
def test_an_error_as_the_whole_body_under_200(dialect: Dialect) -> None:
    decoder = dialect.decoder(fail)
    body = b' {"error": {"message": "no", "code": "invalid_api_key"}} '
    assert run(decoder, cut(body, [3, 20])) == []
    assert isinstance(decoder.failure, AuthenticationError)


def test_a_server_that_does_not_stream() -> None:
    body = (
        b'{"object": "chat.completion", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],'
        b' "usage": {"prompt_tokens": 11, "completion_tokens": 7}}'
    )
    decoder = ChatCompletionDecoder(fail)
    events = run(decoder, cut(body, [5, 50]))
    assert [events[0], events[-1]] == [TextDelta("Hi"), Finished("stop")]
    assert decoder.usage == USAGE


def test_a_proxy_that_gives_geminis_array() -> None:
    first = '{"candidates": [{"content": {"parts": [{"text": "H"}]}}]}'
    second = '{"candidates": [{"content": {"parts": [{"text": "i"}]}, "finishReason": "STOP"}]}'
    body = f"[{first}, {second}]".encode()
    events = run(GEMINI.decoder(fail), [body])
    assert message_of(events).text == "Hi"
    assert events[-1] == Finished("stop")
