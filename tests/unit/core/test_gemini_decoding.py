from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ContentBlockedError,
    ProtocolError,
    ProviderFailureError,
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
from aiproxy_desktop.core.failures import failure
from aiproxy_desktop.core.framing import MAX_FRAME_BYTES
from aiproxy_desktop.core.messages import (
    MediaPart,
    Message,
    OpaquePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)
from aiproxy_desktop.core.providers.gemini.decoding import GenerateContentDecoder
from aiproxy_desktop.core.providers.gemini.rules import MAX_IMAGE_FRAME_BYTES, rules_for
from aiproxy_desktop.core.providers.gemini.writing import contents_of
from aiproxy_desktop.core.wire_json import encode_json
from tests.dialects import GEMINI, Call, sse

PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff"


def make(limit: int = MAX_FRAME_BYTES) -> GenerateContentDecoder:
    return GenerateContentDecoder(lambda refusal: failure(refusal, label="It", provider="it"), limit)


def decoded(*pieces: bytes) -> tuple[list[StreamEvent], AIProxyError | None]:
    decoder = make()
    events: list[StreamEvent] = []
    for piece in pieces:
        events += decoder.feed(piece)
        if decoder.failure is not None:
            return events, decoder.failure
    return events + decoder.end(), decoder.failure


def chunk(*parts: Any, reason: str | None = None, **more: Any) -> bytes:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
    return sse({"candidates": [candidate | ({"finishReason": reason} if reason else {})], **more})


def picture(data: bytes = PICTURE, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}, **more}


def signed(text: str) -> OpaqueReceived:
    return OpaqueReceived("gemini", json.dumps({"thoughtSignature": text}, separators=(",", ":")))


def test_a_call_comes_whole_with_its_arguments_to_the_byte() -> None:
    arguments = '{ "n": ' + "9" * 5000 + ', "x": 1e400, "ü": "\\u00fc" }'
    events, _ = decoded(GEMINI.tool_calls([Call("c1", "f", arguments)]) if GEMINI.tool_calls else b"")
    assert events == [ToolCallDelta(0, "c1", "f", arguments)]


def test_calls_end_the_answer_for_tools_whenever_the_end_is_said() -> None:
    call = {"functionCall": {"name": "f", "args": {}}}
    for pieces in (
        (chunk(call, reason="STOP"),),
        (chunk(call), chunk(reason="STOP")),
        (chunk(reason="STOP"), chunk(call)),
    ):
        assert decoded(*pieces)[0][-1] == Finished("tool_calls")
    assert decoded(chunk(call, reason="MAX_TOKENS"))[0][-1] == Finished("length")


def test_calls_without_an_id_get_one_each() -> None:
    events, _ = decoded(chunk({"functionCall": {"name": "f"}}, {"functionCall": {"name": "f", "args": None}}))
    first, second = (event for event in events if isinstance(event, ToolCallDelta))
    assert first.id.startswith("call_")
    assert first.id != second.id
    assert (first.index, second.index) == (0, 1)
    assert first.arguments == second.arguments == "{}"


def test_signatures_come_right_behind_what_they_sign() -> None:
    events, _ = decoded(
        chunk({"text": "Hm", "thought": True}, {"text": "Hi", "thoughtSignature": "A"}),
        chunk({"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "B"}),
        chunk(picture(thoughtSignature="C")),
        chunk({"text": "", "thoughtSignature": "D"}, reason="STOP"),
    )
    assert events == [
        ReasoningDelta("Hm"),
        TextDelta("Hi"),
        signed("A"),
        ToolCallDelta(0, "c", "f", "{}"),
        signed("B"),
        ImageReceived("image/png", PICTURE),
        signed("C"),
        OpaqueReceived("gemini", '{"part":{"text":"","thoughtSignature":"D"}}'),
        Finished("tool_calls"),
    ]


def test_an_answer_goes_back_as_it_came() -> None:
    sent = [
        {"text": "Hi", "thoughtSignature": "A"},
        {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}, "thoughtSignature": "B"},
        {"toolCall": {"toolType": "GOOGLE_SEARCH", "id": "t"}, "thoughtSignature": "C"},
        {"toolResponse": {"id": "t", "response": {"n": 1}}},
        picture(thoughtSignature="D"),
        {"text": "", "thoughtSignature": "E"},
    ]
    answer = MessageAssembler()
    for event in decoded(*(chunk(part) for part in sent), chunk(reason="STOP"))[0]:
        answer.feed(event)
    (content,) = contents_of([answer.message], rules_for("gemini-3.1-pro-preview"))
    assert json.loads(encode_json(content["parts"])) == sent


def test_an_image_among_the_thoughts_is_a_preview() -> None:
    events, _ = decoded(chunk(picture(thought=True, thoughtSignature="A"), picture(b"final"), reason="STOP"))
    assert events[:2] == [
        ImageReceived("image/png", PICTURE, preview=True),
        ImageReceived("image/png", b"final"),
    ]


def test_an_image_that_is_no_base64_is_a_protocol_error_and_what_came_is_kept() -> None:
    damaged = chunk({"inlineData": {"mimeType": "image/png", "data": "a*b"}})
    events, error = decoded(chunk({"text": "Hi"}) + damaged)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, ProtocolError)


def test_a_large_image_comes_whole_where_images_are_awaited() -> None:
    large = b"\x00" * (MAX_FRAME_BYTES + 1)
    for whole in (False, True):
        stream = chunk(picture(large), reason="STOP")
        stream = stream.removeprefix(b"data: ").strip() if whole else stream
        patient, strict = make(MAX_IMAGE_FRAME_BYTES), make()
        events = patient.feed(stream) + patient.end()
        assert events == [ImageReceived("image/png", large), Finished("stop")]
        assert strict.feed(stream) == []
        assert isinstance(strict.failure, ProtocolError)


def test_code_that_was_run_is_shown_with_what_it_gave() -> None:
    events, _ = decoded(
        chunk({"text": "So:"}),
        chunk({"executableCode": {"language": "PYTHON", "code": "print('```')"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "```\n"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK"}}, reason="STOP"),
    )
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "````python\nprint('```')\n````\n" in text
    assert "````text\n```\n````\n" in text
    assert "```text\nFAILED\nno\n```\n" in text


def test_every_kind_of_token_is_counted() -> None:
    usage = {
        "promptTokenCount": 10,
        "toolUsePromptTokenCount": 5,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 2,
    }
    events, _ = decoded(chunk({"text": "Hi"}, reason="STOP", usageMetadata=usage))
    assert events[1] == UsageReported(Usage(15, 5, 4, 2))


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
        "ESCALATION",
    ],
)
def test_a_blocked_answer_is_an_error_with_its_reason(reason: str) -> None:
    _, error = decoded(chunk(reason=reason))
    assert isinstance(error, ContentBlockedError)
    assert reason in error.advice


@pytest.mark.parametrize(
    "reason",
    [
        "OTHER",
        "MALFORMED_FUNCTION_CALL",
        "MALFORMED_RESPONSE",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "NO_IMAGE",
        "IMAGE_OTHER",
    ],
)
def test_an_answer_that_went_wrong_is_a_failure_in_gemini_s_words(reason: str) -> None:
    candidate = {"finishReason": reason, "finishMessage": "It went astray."}
    _, error = decoded(sse({"candidates": [candidate]}))
    assert isinstance(error, ProviderFailureError)
    assert f"{reason}. It went astray." in error.detail


def test_a_prompt_that_is_blocked_is_an_error_and_never_text() -> None:
    events, error = decoded(sse({"promptFeedback": {"blockReason": "BLOCKLIST"}, "candidates": []}))
    assert events == []
    assert isinstance(error, ContentBlockedError)
    assert "BLOCKLIST" in error.advice


def test_no_answer_and_no_reason_is_a_failure_with_a_name() -> None:
    _, error = decoded(sse({"usageMetadata": {"promptTokenCount": 3}}))
    assert isinstance(error, ProviderFailureError)
    assert "neither an answer nor a reason" in error.detail


def test_a_reason_that_is_none_does_not_end_the_answer() -> None:
    assert decoded(chunk({"text": "Hi"}, reason="FINISH_REASON_UNSPECIFIED")) == ([TextDelta("Hi")], None)


def test_only_the_first_of_several_answers_is_read() -> None:
    both = [
        {"index": 1, "content": {"parts": [{"text": "second"}]}, "finishReason": "SAFETY"},
        {"index": 0, "content": {"parts": [{"text": "first"}]}, "finishReason": "STOP"},
    ]
    assert decoded(sse({"candidates": both}))[0] == [TextDelta("first"), Finished("stop")]


@pytest.mark.parametrize("value", ['{"a": NaN}', '{"a": ' * 100_000, "[1", "{'a': 1}"])
def test_arguments_that_are_no_json_are_a_protocol_error(value: str) -> None:
    stream = chunk({"functionCall": {"name": "f", "args": "X"}}).replace(b'"X"', value.encode())
    assert isinstance(decoded(stream)[1], ProtocolError)


ANSWER = (
    chunk({"text": "Grübeln…", "thought": True})
    + chunk({"text": "Ja ☀\u2028"})
    + chunk({"text": "gut", "thoughtSignature": "QQ=="})
    + chunk({"functionCall": {"id": "c1", "name": "f", "args": {"ü": [1, 2.5]}}, "thoughtSignature": "Qg=="})
    + chunk(picture())
    + chunk({"text": ""}, reason="STOP", usageMetadata={"promptTokenCount": 1, "candidatesTokenCount": 2})
)
MESSAGE = Message(
    "assistant",
    (
        ReasoningPart("Grübeln…"),
        TextPart("Ja ☀\u2028gut"),
        OpaquePart("gemini", '{"thoughtSignature":"QQ=="}'),
        ToolCallPart("c1", "f", '{"ü": [1, 2.5]}'),
        OpaquePart("gemini", '{"thoughtSignature":"Qg=="}'),
        MediaPart("image", "image/png", PICTURE),
    ),
)


@given(st.lists(st.integers(0, len(ANSWER)), max_size=12))
def test_any_way_of_cutting_the_bytes_gives_the_same_message(places: list[int]) -> None:
    cuts = [0, *sorted(places), len(ANSWER)]
    answer = MessageAssembler()
    for event in decoded(*(ANSWER[a:b] for a, b in pairwise(cuts)))[0]:
        answer.feed(event)
    assert answer.message == MESSAGE
    assert answer.finish_reason == "tool_calls"
    assert answer.usage == Usage(1, 2)
