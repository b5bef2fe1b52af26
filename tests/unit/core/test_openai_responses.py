from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aiproxy_desktop.core.answer import AnswerDecoder
from aiproxy_desktop.core.errors import (
    AuthenticationError,
    ContentBlockedError,
    ProtocolError,
    ProviderFailureError,
    RateLimitError,
    UnsupportedError,
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
    UsageReported,
)
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
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.openai.dialect import OFFICIAL
from aiproxy_desktop.core.providers.openai.responses import ResponsesWriter
from aiproxy_desktop.core.providers.openai.responses_answer import ResponsesDecoder
from tests.dialects import RESPONSES
from tests.dialects.responses import event, response, thought
from tests.unit.core.test_answer import fail, message_of, run

WEATHER = Tool("weather", "Tells it", {"type": "object"})
CALL = ToolCallPart("call_1", "weather", '{"city": "Rome"}')
RESULT = ToolResultPart("call_1", "weather", "sunny")
ITEM = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "zzz"}
THOUGHT = (ReasoningPart("hm"), OpaquePart("openai", json.dumps(ITEM)))
PIXEL = base64.b64encode(b"\x89PNG").decode()


def written(*messages: Message, model: str = "gpt-5.6-sol", **fields: Any) -> dict[str, Any]:
    return ResponsesWriter("openai", "OpenAI", OFFICIAL).body(CompletionRequest(model, messages, **fields))


def said(*parts: Part) -> Any:
    (item,) = written(Message("user", parts))["input"]
    return item["content"]


def decoded(*frames: bytes) -> tuple[list[StreamEvent], AnswerDecoder]:
    decoder = ResponsesDecoder(fail)
    return run(decoder, list(frames)), decoder


def failed(code: str) -> bytes:
    return event("response.failed", response=response("failed", error={"code": code, "message": "No"}))


def test_a_conversation_as_items() -> None:
    body = written(
        Message.of("system", "Be brief."),
        Message("user", (TextPart("One"), TextPart("two"))),
        Message("assistant", (*THOUGHT, TextPart("Let me see"), CALL)),
        Message("tool", (RESULT,)),
        Message.of("system", "Be longer."),
        Message.of("user", "Go on"),
    )
    assert body["instructions"] == "Be brief."
    assert body["input"] == [
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "One"}, {"type": "input_text", "text": "two"}],
        },
        ITEM,
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Let me see"}],
        },
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city": "Rome"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "Be longer."}],
        },
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go on"}]},
    ]
    assert (body["stream"], body["store"]) == (True, False)


def test_reasoning_without_what_came_of_it_and_that_of_others_stay_here() -> None:
    foreign = OpaquePart("anthropic", json.dumps(ITEM))
    for parts in (
        (TextPart("Hi"), *THOUGHT),
        (foreign, TextPart("Hi")),
        (OpaquePart("openai", "{"), TextPart("Hi")),
    ):
        (item,) = written(Message("assistant", parts))["input"]
        assert item["content"] == [{"type": "output_text", "text": "Hi"}]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (
            MediaPart("image", "image/png", b"abc"),
            {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,YWJj"},
        ),
        (
            MediaPart("document", "application/pdf", b"abc", "a.pdf"),
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,YWJj"},
        ),
        (
            MediaPart("image", "image/png", b"abc", detail="original"),
            {"type": "input_image", "detail": "original", "image_url": "data:image/png;base64,YWJj"},
        ),
        (
            HostedMediaPart("image", "image/png", "file-1", "low"),
            {"type": "input_image", "detail": "low", "file_id": "file-1"},
        ),
        (
            HostedMediaPart("document", "application/pdf", "file-1", "high"),
            {"type": "input_file", "file_id": "file-1", "detail": "high"},
        ),
        (
            HostedMediaPart("document", "application/pdf", "file-1", "original"),
            {"type": "input_file", "file_id": "file-1"},
        ),
        (MediaPart("document", "text/plain", b"abc", "a"), {"type": "input_text", "text": "a:\n\nabc"}),
        (
            MediaPart("audio", "audio/wav", b"abc"),
            {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}},
        ),
        (
            HostedMediaPart("image", "image/png", "file-1"),
            {"type": "input_image", "detail": "auto", "file_id": "file-1"},
        ),
        (
            HostedMediaPart("document", "application/pdf", "file-1"),
            {"type": "input_file", "file_id": "file-1"},
        ),
    ],
)
def test_each_kind_of_media(part: Part, content: dict[str, Any]) -> None:
    assert said(part) == [content]


@pytest.mark.parametrize(
    "part", [MediaPart("video", "video/mp4", b"a"), MediaPart("audio", "audio/ogg", b"a")]
)
def test_what_cannot_be_sent_is_refused(part: MediaPart) -> None:
    with pytest.raises(UnsupportedError):
        said(part)


def test_an_image_that_a_model_made_goes_along_with_the_next_question() -> None:
    made = Message("assistant", (MediaPart("image", "image/png", b"abc"),))
    (item,) = written(made, Message.of("user", "Bluer"))["input"]
    assert [part["type"] for part in item["content"]] == ["input_image", "input_text"]


def test_tools_are_flat_and_strict_only_where_asked_for() -> None:
    body = written(
        Message.of("user", "Hi"),
        tools=(WEATHER, Tool("now", strict=True), NativeTool({"type": "web_search"})),
        tool_choice=ToolChoice("required", "now"),
    )
    assert body["tools"] == [
        {
            "type": "function",
            "name": "weather",
            "description": "Tells it",
            "parameters": {"type": "object"},
            "strict": False,
        },
        {
            "type": "function",
            "name": "now",
            "parameters": {"type": "object", "properties": {}},
            "strict": True,
        },
        {"type": "web_search"},
    ]
    assert body["tool_choice"] == {"type": "function", "name": "now"}


def test_images_are_a_tool() -> None:
    assert written(Message.of("user", "Hi"), images=True)["tools"] == [{"type": "image_generation"}]
    own = NativeTool({"type": "image_generation", "size": "auto"})
    assert written(Message.of("user", "Hi"), images=True, tools=(own,))["tools"] == [own.spec]


def test_limits_formats_and_reasoning() -> None:
    form = ResponseFormat("json_schema", {"type": "object"}, "city", strict=True)
    body = written(Message.of("user", "Hi"), max_tokens=99, response_format=form, effort="high")
    assert body["max_output_tokens"] == 99
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "city", "schema": {"type": "object"}, "strict": True}
    }
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]
    plain = written(Message.of("user", "Hi"), model="gpt-4.1", response_format=ResponseFormat("json_object"))
    assert plain["text"] == {"format": {"type": "json_object"}}
    assert plain.keys().isdisjoint({"reasoning", "include"})


def test_the_callers_own_fields_find_their_place() -> None:
    extra = {"verbosity": "low", "reasoning_effort": "low", "max_tokens": 50, "stream": False, "input": []}
    body = written(Message.of("user", "Hi"), response_format=ResponseFormat("json_object"), extra=extra)
    assert body["text"] == {"format": {"type": "json_object"}, "verbosity": "low"}
    assert body["reasoning"] == {"effort": "low", "summary": "auto"}
    assert body["max_output_tokens"] == 50
    assert body["stream"] is True
    assert len(body["input"]) == 1


def test_what_must_come_back_of_reasoning_is_kept_behind_it() -> None:
    assert RESPONSES.tool_calls is not None
    events, _ = decoded(thought("Hm.", "zzz"), RESPONSES.text("Hi"), RESPONSES.finish("stop"))
    assert events[0] == ReasoningDelta("Hm.")
    assert isinstance(events[1], OpaqueReceived)
    message = message_of(events)
    back, answer = written(message)["input"]
    assert back == {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "Hm."}],
        "encrypted_content": "zzz",
    }
    assert answer["content"] == [{"type": "output_text", "text": "Hi"}]


def test_paragraphs_of_a_summary_stay_apart() -> None:
    place = {"output_index": 0, "item_id": "rs_1"}
    part = {"type": "summary_text", "text": ""}
    events, _ = decoded(
        event("response.reasoning_summary_part.added", **place, summary_index=0, part=part),
        event("response.reasoning_summary_text.delta", **place, summary_index=0, delta="One"),
        event("response.reasoning_summary_part.added", **place, summary_index=1, part=part),
        event("response.reasoning_summary_text.delta", **place, summary_index=1, delta="Two"),
        RESPONSES.finish("stop"),
    )
    assert message_of(events).reasoning == "One\n\nTwo"


def refused(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": text}]}


REFUSED = {"output_index": 0, "item_id": "x", "content_index": 0}


@pytest.mark.parametrize(
    "frames",
    [
        [
            event("response.refusal.delta", **REFUSED, delta="Not "),
            event("response.refusal.delta", **REFUSED, delta="this"),
        ],
        [event("response.refusal.done", **REFUSED, refusal="Not this")],
        [
            event("response.refusal.delta", **REFUSED, delta="Not this"),
            event("response.refusal.done", **REFUSED, refusal="Not this"),
            event("response.output_item.done", output_index=0, item=refused("Not this")),
        ],
        [event("response.output_item.done", output_index=0, item=refused("Not this"))],
    ],
)
def test_a_refusal_is_an_error_with_its_words(frames: list[bytes]) -> None:
    thought = event("response.reasoning_text.delta", **REFUSED, delta="Hm")
    events, decoder = decoded(thought, *frames, RESPONSES.finish("stop"))
    assert events == [ReasoningDelta("Hm")]
    assert isinstance(decoder.failure, ContentBlockedError)
    assert decoder.failure.advice.startswith("Not this. ")


def test_a_refusal_that_comes_as_one_value_is_an_error_with_its_words() -> None:
    _, decoder = decoded(json.dumps(response("completed", output=[refused("Not this.")])).encode())
    assert isinstance(decoder.failure, ContentBlockedError)
    assert decoder.failure.advice.startswith("Not this. ")


def test_items_that_did_not_come_in_pieces_are_not_lost() -> None:
    call = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": '{"x": 1}'}
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    events, _ = decoded(
        event("response.output_item.done", output_index=0, item=text),
        event("response.output_item.done", output_index=1, item=call),
        event("response.output_item.added", output_index=2, item={**call, "call_id": "d", "arguments": ""}),
        event("response.function_call_arguments.done", output_index=2, item_id="fc", arguments="{}"),
        event("response.output_item.done", output_index=2, item={**call, "call_id": "d", "arguments": "{}"}),
        event("response.output_item.added", output_index=3, item={**call, "call_id": "e", "arguments": ""}),
        event("response.output_item.done", output_index=3, item={**call, "call_id": "e"}),
        RESPONSES.finish("stop"),
    )
    assert events == [
        TextDelta("Hi"),
        ToolCallDelta(0, "c", "f", '{"x": 1}'),
        ToolCallDelta(1, "d", "f", ""),
        ToolCallDelta(1, arguments="{}"),
        ToolCallDelta(2, "e", "f", ""),
        ToolCallDelta(2, arguments='{"x": 1}'),
        UsageReported(RESPONSES.usage),
        Finished("tool_calls"),
    ]


def test_images_come_as_previews_and_whole() -> None:
    assert RESPONSES.image is not None
    partial = {"partial_image_b64": PIXEL, "partial_image_index": 0, "output_format": "webp"}
    events, _ = decoded(
        event("response.image_generation_call.partial_image", output_index=2, item_id="ig_1", **partial),
        RESPONSES.image("image/jpeg", b"\xff\xd8"),
        RESPONSES.finish("stop"),
    )
    assert events[:2] == [
        ImageReceived("image/webp", b"\x89PNG", preview=True),
        ImageReceived("image/jpeg", b"\xff\xd8"),
    ]


def test_an_image_refused_is_an_error_where_nothing_else_came() -> None:
    error = {"code": "moderation_blocked", "message": "Not this.", "type": "image_generation_error"}
    item = {"type": "image_generation_call", "id": "ig_1", "status": "failed", "result": None, "error": error}
    done = event("response.output_item.done", output_index=2, item=item)
    assert isinstance(decoded(done, RESPONSES.finish("stop"))[1].failure, ContentBlockedError)
    assert decoded(done, RESPONSES.text("Sorry"), RESPONSES.finish("stop"))[1].failure is None


def test_an_image_that_is_none() -> None:
    item = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "abcde"}
    _, decoder = decoded(event("response.output_item.done", output_index=2, item=item))
    assert isinstance(decoder.failure, ProtocolError)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (event("error", code="rate_limit_exceeded", message="Slow down", param=None), RateLimitError),
        (event("error", error={"type": "server_error", "message": "Oh"}), ProviderFailureError),
        (
            event(
                "response.failed",
                response=response("failed", error={"code": "server_error", "message": "Oh"}),
            ),
            ProviderFailureError,
        ),
        (
            event(
                "response.failed",
                response=response("failed", error={"code": "invalid_prompt", "message": "X"}),
            ),
            ContentBlockedError,
        ),
        (event("response.failed", response=response("failed")), ProviderFailureError),
    ],
)
def test_failures_have_their_kind(frame: bytes, kind: type[Exception]) -> None:
    events, decoder = decoded(RESPONSES.text("Hel") + frame)
    assert events == [TextDelta("Hel")]
    assert type(decoder.failure) is kind


def test_counts_in_detail() -> None:
    usage = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 14,
    }
    _, decoder = decoded(event("response.completed", response=response("completed", usage=usage)))
    assert decoder.usage == Usage(9, 5, 4, 3)


def test_kinds_that_are_not_known_are_read_over() -> None:
    events, decoder = decoded(
        event("response.created", response=response("in_progress")),
        event("response.something.new", delta={"odd": True}, output_index=7),
        event("response.output_text.annotation.added", annotation={"type": "url_citation"}),
        RESPONSES.text("Hi"),
        RESPONSES.finish("stop"),
    )
    assert events[0] == TextDelta("Hi")
    assert decoder.failure is None


def test_a_whole_response_is_read_like_a_streamed_one() -> None:
    output = [
        {**ITEM, "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    usage = {"input_tokens": 11, "output_tokens": 7}
    events, _ = decoded(json.dumps(response("completed", output=output, usage=usage)).encode())
    kept = OpaqueReceived("openai", json.dumps(output[0]))
    assert events[0] == ReasoningDelta("Hm.")
    assert isinstance(events[1], OpaqueReceived)
    assert json.loads(events[1].data) == json.loads(kept.data)
    assert events[2:] == [
        TextDelta("Hi"),
        ToolCallDelta(0, "c", "f", "{}"),
        UsageReported(Usage(11, 7)),
        Finished("tool_calls"),
    ]


def test_a_whole_response_that_failed() -> None:
    body = response("failed", error={"code": "invalid_api_key", "message": "No"})
    assert isinstance(decoded(json.dumps(body).encode())[1].failure, AuthenticationError)
