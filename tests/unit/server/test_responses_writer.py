"""A response of the Responses interface: whatever comes in whatever order is told, kept and read again."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import Message, OpaquePart, Part, ReasoningPart, TextPart
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.responses.input import read_input
from aiproxy_desktop.server.responses.writer import ResponseWriter

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
_EVENTS = st.one_of(
    st.builds(TextDelta, _TEXT),
    st.builds(ReasoningDelta, _TEXT),
    st.builds(OpaqueReceived, st.sampled_from(["gemini", "openai"]), _TEXT),
    st.builds(ToolCallDelta, st.integers(0, 2), arguments=st.sampled_from(["", "{}"])),
    st.builds(ImageReceived, st.just("image/png"), st.just(PNG), st.booleans()),
)


def events_of(frames: bytes) -> list[dict[str, Any]]:
    found = []
    for frame in frames.decode().split("\n\n")[:-1]:
        name, _, data = frame.partition("\n")
        value = json.loads(data.removeprefix("data: "))
        assert name == f"event: {value['type']}"
        found.append(value)
    return found


def sound(events: list[StreamEvent]) -> list[StreamEvent]:
    """The events as a provider sends them: calls are named first, an image follows its preview."""
    seen: dict[int, bool] = {}
    found: list[StreamEvent] = []
    for event in events:
        if isinstance(event, ImageReceived):
            found += [event, ImageReceived(event.mime, event.data)] if event.preview else [event]
        elif not isinstance(event, ToolCallDelta):
            found.append(event)
        elif event.index not in seen:
            seen[event.index] = bool(event.arguments)
            found.append(ToolCallDelta(event.index, f"call_{event.index}", "weather", event.arguments))
        elif event.arguments and not seen[event.index]:
            seen[event.index] = True
            found.append(ToolCallDelta(event.index, arguments=event.arguments))
    return [*found, UsageReported(Usage(3, 4)), Finished("stop")]


def joined(parts: tuple[Part, ...]) -> list[Part]:
    """Parts of which neighbouring texts and thoughts are one, as no codec tells them apart."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            found[-1] = TextPart(last.text + part.text)
        elif isinstance(part, ReasoningPart) and isinstance(last, ReasoningPart):
            found[-1] = ReasoningPart(last.text + part.text)
        else:
            found.append(part)
    return found


@given(st.lists(_EVENTS, max_size=12))
def test_every_answer_is_told_in_order_and_comes_back_as_it_was(given_events: list[StreamEvent]) -> None:
    writer, quiet = (ResponseWriter({}, "openai", "m", streams=streams) for streams in (True, False))
    assembler = MessageAssembler()
    frames = writer.feed(Started("openai", "m"))
    for event in sound(given_events):
        frames += writer.feed(event)
        assert quiet.feed(event) == b""
        assembler.feed(event)
    told = events_of(frames)

    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert told[0]["type"] == "response.created"
    assert told[-1]["type"] == "response.completed"
    output = told[-1]["response"]["output"]
    done = {event["output_index"]: event for event in told if event["type"] == "response.output_item.done"}
    assert [done[place]["item"] for place in range(len(output))] == output
    added = [event for event in told if event["type"] == "response.output_item.added"]
    assert [event["output_index"] for event in added] == list(range(len(output)))
    assert [event["item"]["id"] for event in added] == [item["id"] for item in output]
    for place, item in enumerate(output):
        pieces = "".join(event.get("delta", "") for event in told if event.get("output_index") == place)
        if item["type"] == "message":
            assert pieces == item["content"][0]["text"]
        elif item["type"] == "function_call":
            assert (pieces or "{}") == item["arguments"]
        elif item["type"] == "reasoning":
            assert [part["text"] for part in item["summary"]] == ([pieces] if pieces else [])

    whole = json.loads(json.dumps(quiet.response, default=_base64))
    assert [_without_id(item) for item in whole["output"]] == [_without_id(item) for item in output]
    assert whole["usage"]["total_tokens"] == 7

    turns = [
        turn for turn in read_input([*output, {"role": "user", "content": "?"}]) if type(turn) is Message
    ]
    parts = joined(turns[0].parts) if turns else []
    assert parts == joined(assembler.message.parts)


def _without_id(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "id"}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_whoever_answers_in_the_end_is_named_and_a_response_is_created_once() -> None:
    writer = ResponseWriter({"user": "u"}, "openai", "m", streams=True)
    frames = writer.feed(Started("openai", "m")) + writer.feed(Started("gemini", "g"))
    frames += writer.feed(Noted("fallback", "Another one answered."))
    frames += writer.feed(TextDelta("Hi")) + writer.feed(Finished("content_filter"))
    told = events_of(frames)
    assert [event["type"] for event in told].count("response.created") == 1
    last = told[-1]
    assert last["type"] == "response.incomplete"
    response = last["response"]
    assert (response["provider"], response["model"], response["user"]) == ("gemini", "g", "u")
    assert response["incomplete_details"] == {"reason": "content_filter"}
    assert response["notes"] == [{"parameter": "fallback", "sentence": "Another one answered."}]
    assert response["output"][0]["status"] == "incomplete"
    assert response["usage"] is None


def test_an_image_that_never_came_is_told_to_have_failed() -> None:
    writer = ResponseWriter({}, "openai", "m", streams=True)
    frames = writer.feed(ImageReceived("image/png", PNG, preview=True)) + writer.feed(TextDelta("Hm"))
    told = events_of(frames + writer.feed(Finished("stop")))
    picture, message = told[-1]["response"]["output"]
    assert (picture["status"], picture["result"], message["type"]) == ("failed", None, "message")
    assert [event["type"] for event in told].count("response.output_item.done") == 2


def test_what_broke_off_keeps_what_had_come() -> None:
    writer = ResponseWriter({}, "openai", "m", streams=True)
    frames = writer.feed(Started("openai", "m")) + writer.feed(TextDelta("Hi"))
    frames += writer.failed(Refusal(502, "It broke.", kind="server_error", code="broken"))
    failed, error = events_of(frames)[-2:]
    assert (failed["type"], error["type"]) == ("response.failed", "error")
    assert failed["response"]["error"] == {"code": "broken", "message": "It broke."}
    assert failed["response"]["output"][0]["content"][0]["text"] == "Hi"
    assert (error["message"], error["error"]["message"]) == ("It broke.", "It broke.")


def test_thoughts_that_were_sealed_elsewhere_go_to_openai_alone() -> None:
    theirs = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    broken = {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "aiproxy.!"}
    said = {"role": "assistant", "content": "Hi"}
    (turn,) = read_input([theirs, broken, said])
    assert isinstance(turn, Message)
    secret, text = turn.parts
    assert isinstance(secret, OpaquePart)
    assert (secret.provider, json.loads(secret.data)) == ("openai", theirs)
    assert text == TextPart("Hi")
