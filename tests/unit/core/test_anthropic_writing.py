from __future__ import annotations

import json
from typing import Any

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError, RequestError, UnsupportedError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    NativeTool,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.anthropic.models import rules_of
from aiproxy_desktop.core.providers.anthropic.thoughts import redacted, signed
from aiproxy_desktop.core.providers.anthropic.writing import message_body
from aiproxy_desktop.core.wire_json import encode_json

MODEL = "claude-opus-5-5"


def body(*messages: Message, model: str = MODEL, **fields: Any) -> dict[str, Any]:
    """The body as it goes over the wire."""
    request = CompletionRequest(model, messages, **fields)
    written: dict[str, Any] = json.loads(encode_json(message_body(request, rules_of(model))))
    return written


def turns(*messages: Message) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(turn["role"], turn["content"]) for turn in body(*messages)["messages"]]


def user(*parts: Part) -> Message:
    return Message("user", parts)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


HELLO = Message.of("user", "Hello")


def test_the_system_text_stands_apart_and_neighbours_of_one_role_are_merged() -> None:
    written = body(
        Message.of("system", "Be brief."),
        HELLO,
        Message.of("system", "Be kind."),
        Message.of("user", "Again"),
        Message.of("assistant", "Hi"),
        Message.of("assistant", "there"),
        Message.of("user", "Bye"),
    )
    assert written["system"] == "Be brief.\n\nBe kind."
    assert [(turn["role"], turn["content"]) for turn in written["messages"]] == [
        ("user", [text("Hello"), text("Again")]),
        ("assistant", [text("Hi"), text("there")]),
        ("user", [text("Bye")]),
    ]


def test_text_of_nothing_but_space_is_left_out() -> None:
    assert turns(HELLO, Message.of("assistant", " \n"), user(TextPart(" "), TextPart("x"))) == [
        ("user", [text("Hello"), text("x")])
    ]
    with pytest.raises(RequestError, match="nothing to send"):
        body(Message.of("user", " \n"))


def test_an_answer_to_be_continued_does_not_end_in_space() -> None:
    assert turns(HELLO, Message.of("assistant", "Once upon \n"))[-1] == ("assistant", [text("Once upon")])


def test_media_become_blocks() -> None:
    message = user(
        TextPart("Look"),
        MediaPart("image", "image/jpg", b"\xff\xd8"),
        MediaPart("document", "application/pdf", b"%PDF", "report.pdf"),
        MediaPart("document", "text/markdown", "# Grüße".encode(), "notes.md"),
        MediaPart("document", "text/plain", "Grüße".encode("latin-1")),
        HostedMediaPart("document", "application/pdf", "file_01"),
        HostedMediaPart("image", "image/png", "file_02"),
    )
    assert turns(message)[0][1] == [
        text("Look"),
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9g="}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
            "title": "report.pdf",
        },
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "# Grüße"},
            "title": "notes.md",
        },
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"}},
        {"type": "document", "source": {"type": "file", "file_id": "file_01"}},
        {"type": "image", "source": {"type": "file", "file_id": "file_02"}},
    ]


@pytest.mark.parametrize(
    "part",
    [
        MediaPart("audio", "audio/wav", b"RIFF"),
        MediaPart("video", "video/mp4", b"ftyp"),
        MediaPart("image", "image/tiff", b"II"),
        MediaPart("document", "application/msword", b"\xd0"),
        HostedMediaPart("video", "video/mp4", "file_03"),
    ],
    ids=lambda part: part.mime,
)
def test_what_has_no_block_is_refused_by_its_name(part: MediaPart) -> None:
    with pytest.raises(UnsupportedError) as caught:
        body(user(TextPart("Listen"), part))
    assert caught.value.part == part.kind
    assert caught.value.model == f"anthropic:{MODEL}"
    assert part.mime in caught.value.title
    assert caught.value.advice


def test_an_image_that_the_assistant_made_is_shown_in_the_next_turn() -> None:
    image = MediaPart("image", "image/png", b"\x89")
    written = turns(HELLO, assistant(TextPart("Here"), image), Message.of("user", "Larger"))
    assert [block["type"] for block in written[1][1]] == ["text"]
    assert [block["type"] for block in written[2][1]] == ["image", "text"]


def test_tool_calls_and_their_results_stand_in_turns_of_their_own() -> None:
    written = turns(
        HELLO,
        assistant(
            TextPart("I look."), ToolCallPart("t1", "find", '{"a": 1}'), ToolCallPart("t2", "stop", " ")
        ),
        Message("tool", (ToolResultPart("t1", "find", "42"),)),
        Message("tool", (ToolResultPart("t2", "stop", "", failed=True),)),
        Message.of("user", "And?"),
    )
    assert written[1] == (
        "assistant",
        [
            text("I look."),
            {"type": "tool_use", "id": "t1", "name": "find", "input": {"a": 1}},
            {"type": "tool_use", "id": "t2", "name": "stop", "input": {}},
        ],
    )
    assert written[2] == (
        "user",
        [
            {"type": "tool_result", "tool_use_id": "t1", "content": "42"},
            {"type": "tool_result", "tool_use_id": "t2", "is_error": True},
            text("And?"),
        ],
    )


def test_results_stand_before_what_was_said_meanwhile() -> None:
    written = turns(
        HELLO,
        assistant(ToolCallPart("t1", "find", "{}")),
        Message.of("user", "Hurry"),
        Message("tool", (ToolResultPart("t1", "find", "42"),)),
    )
    assert [block["type"] for block in written[2][1]] == ["tool_result", "text"]


def test_ids_of_other_providers_are_written_in_the_letters_of_this_one() -> None:
    written = turns(
        HELLO,
        assistant(ToolCallPart("call:1/x", "find", "{}"), ToolCallPart("", "look up", "{}")),
        Message("tool", (ToolResultPart("call:1/x", "find", "a"), ToolResultPart("", "look up", "b"))),
    )
    assert [block["id"] for block in written[1][1]] == ["call_1_x", "look_up"]
    assert [block["tool_use_id"] for block in written[2][1]] == ["call_1_x", "look_up"]


@pytest.mark.parametrize("number", ["9" * 5000, "1e400", "0.1000000000000000055511151231257827"])
def test_numbers_of_arguments_pass_as_they_were_written(number: str) -> None:
    call = assistant(ToolCallPart("t", "add", f'{{"n": {number}}}'))
    written = encode_json(message_body(CompletionRequest(MODEL, (HELLO, call, HELLO)), rules_of(MODEL)))
    assert f'"input":{{"n": {number}}}'.encode() in written


@pytest.mark.parametrize(
    "arguments",
    ['{"n": NaN}', "{", "[1]", "5", '{"a": 1} x', '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", '"\ud83d"'],
    ids=["NaN", "half", "list", "number", "more", "deep", "surrogate"],
)
def test_arguments_that_are_no_json_object_are_refused_by_the_tools_name(arguments: str) -> None:
    with pytest.raises(InvalidRequestError, match="“add”"):
        body(HELLO, assistant(ToolCallPart("t", "add", arguments)))


def test_own_thoughts_go_back_in_their_place_and_others_do_not() -> None:
    answer = assistant(
        OpaquePart("anthropic", redacted("secret", MODEL)),
        ReasoningPart("Hm."),
        OpaquePart("anthropic", signed("sig1", MODEL)),
        TextPart("I look."),
        OpaquePart("anthropic", signed("sig2", MODEL)),
        ReasoningPart("Not signed."),
        OpaquePart("gemini", '{"thought_signature": "x"}'),
        OpaquePart("anthropic", signed("sig3", "claude-sonnet-5-5")),
        OpaquePart("anthropic", "not JSON"),
        ToolCallPart("t", "find", "{}"),
    )
    assert turns(HELLO, answer, HELLO)[1][1] == [
        {"type": "redacted_thinking", "data": "secret"},
        {"type": "thinking", "thinking": "Hm.", "signature": "sig1"},
        text("I look."),
        {"type": "thinking", "thinking": "", "signature": "sig2"},
        {"type": "tool_use", "id": "t", "name": "find", "input": {}},
    ]


def test_tools_are_written_and_native_ones_pass_as_they_are() -> None:
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    written = body(
        HELLO, tools=(Tool("find", "Finds.", schema), Tool("stop", strict=True), NativeTool(search))
    )
    assert written["tools"] == [
        {"name": "find", "description": "Finds.", "input_schema": schema},
        {"name": "stop", "input_schema": {"type": "object", "properties": {}}, "strict": True},
        search,
    ]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice("auto"), {"type": "auto"}),
        (ToolChoice("none"), {"type": "none"}),
        (ToolChoice("required"), {"type": "any"}),
        (ToolChoice("required", "find"), {"type": "tool", "name": "find"}),
    ],
)
def test_the_choice_among_tools(choice: ToolChoice, expected: dict[str, str]) -> None:
    assert body(HELLO, tools=(Tool("find"),), tool_choice=choice)["tool_choice"] == expected


@pytest.mark.parametrize(
    ("model", "fields", "expected"),
    [
        ("claude-opus-5-5", {}, 16_000),
        ("claude-opus-5-5", {"effort": "max"}, 32_000),
        ("claude-opus-5-5", {"max_tokens": 7}, 7),
        ("claude-haiku-4-5", {"effort": "high"}, 32_384),
        ("claude-3-haiku-20240307", {}, 4_096),
        ("some-other-model", {}, 8_192),
    ],
)
def test_every_answer_has_a_bound(model: str, fields: dict[str, Any], expected: int) -> None:
    assert body(HELLO, model=model, **fields)["max_tokens"] == expected


ADAPTIVE = {"type": "adaptive", "display": "summarized"}


@pytest.mark.parametrize(
    ("model", "effort", "thinking", "config"),
    [
        ("claude-opus-5-5", None, ADAPTIVE, None),
        ("claude-opus-5-5", "xhigh", ADAPTIVE, {"effort": "xhigh"}),
        ("claude-opus-5", "none", {"type": "disabled"}, None),
        ("claude-sonnet-5-5", "none", {"type": "between_tools"}, None),
        ("claude-opus-4-8", None, None, None),
        ("claude-opus-4-8", "low", ADAPTIVE, {"effort": "low"}),
        ("claude-opus-4-8", "none", None, None),
        ("claude-opus-4-5-20251101", "low", {"type": "enabled", "budget_tokens": 2_048}, {"effort": "low"}),
        ("claude-haiku-4-5", "max", {"type": "enabled", "budget_tokens": 32_768}, None),
        ("claude-haiku-4-5", None, None, None),
        ("claude-3-5-haiku-latest", None, None, None),
        ("some-other-model", "high", None, {"effort": "high"}),
    ],
)
def test_effort_is_said_the_models_way(model: str, effort: Any, thinking: Any, config: Any) -> None:
    written = body(HELLO, model=model, effort=effort)
    assert (written.get("thinking"), written.get("output_config")) == (thinking, config)


@pytest.mark.parametrize("limit", [1_366, 2_000, 8_000, 20_000, 64_000])
def test_a_budget_leaves_room_for_the_answer(limit: int) -> None:
    written = body(HELLO, model="claude-haiku-4-5", effort="max", max_tokens=limit)
    assert 1_024 <= written["thinking"]["budget_tokens"] <= limit * 3 // 4


def test_extra_fields_come_last_and_never_touch_what_is_fixed() -> None:
    extra = {
        "cache_control": {"type": "ephemeral"},
        "output_config": {"task_budget": {"total": 1}},
        "thinking": {"type": "disabled"},
        "betas": ["x-2026-01-01"],
        "model": "other",
        "messages": [],
        "stream": False,
    }
    written = body(HELLO, effort="low", extra=extra)
    assert written["cache_control"] == {"type": "ephemeral"}
    assert written["output_config"] == {"effort": "low", "task_budget": {"total": 1}}
    assert written["thinking"] == {"type": "disabled"}
    assert (written["model"], written["stream"]) == (MODEL, True)
    assert len(written["messages"]) == 1
    assert "betas" not in written
