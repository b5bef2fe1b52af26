from __future__ import annotations

import json
from typing import Any

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.http import HttpClient
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
    SafetySetting,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.wire_json import encode_json

HI = Message.of("user", "Hi")
LOOK_UP = Tool("look_up", "Looks it up.", {"type": "object", "properties": {"word": {"type": "string"}}})
CALL = ToolCallPart("call_1", "look_up", '{"word": "x"}')


def sent(*messages: Message, model: str = "gemini-3.1-pro-preview", **options: Any) -> str:
    """The body on the wire, adapted, as JSON text."""
    provider = GeminiProvider(HttpClient(), StaticCredentials({}))
    request, _ = provider.adapt(CompletionRequest(model, messages or (HI,), **options))
    return encode_json(provider.completion_body(request)).decode()


def body(*messages: Message, **options: Any) -> Any:
    return json.loads(sent(*messages, **options))


def parts(*given: Part, role: Any = "user") -> list[Any]:
    (content,) = body(Message(role, given))["contents"]
    return list(content["parts"])


def test_turns_stay_in_order_and_the_system_text_stands_apart() -> None:
    written = body(
        Message.of("system", "Be brief."),
        Message.of("user", "One"),
        Message.of("user", "Two"),
        Message.of("assistant", "Three"),
        Message("user", (TextPart("Four"), TextPart("Five"))),
        Message.of("system", "In verse."),
    )
    assert written["systemInstruction"] == {"parts": [{"text": "Be brief.\n\nIn verse."}]}
    assert written["contents"] == [
        {"role": "user", "parts": [{"text": "One"}]},
        {"role": "user", "parts": [{"text": "Two"}]},
        {"role": "model", "parts": [{"text": "Three"}]},
        {"role": "user", "parts": [{"text": "Four"}, {"text": "Five"}]},
    ]


@pytest.mark.parametrize(
    ("kind", "mime", "named"),
    [
        ("image", "image/png", "image/png"),
        ("image", "image/jpg", "image/jpeg"),
        ("audio", "audio/mpeg", "audio/mp3"),
        ("audio", "audio/x-wav", "audio/wav"),
        ("audio", "audio/ogg; codecs=opus", "audio/ogg"),
        ("audio", "audio/flac", "audio/flac"),
        ("audio", "audio/aac", "audio/aac"),
        ("audio", "audio/x-aiff", "audio/aiff"),
        ("video", "video/mp4", "video/mp4"),
        ("document", "application/pdf", "application/pdf"),
    ],
)
def test_media_goes_inline_under_gemini_s_name_for_its_type(kind: Any, mime: str, named: str) -> None:
    assert parts(MediaPart(kind, mime, b"\x00\x01")) == [{"inlineData": {"mimeType": named, "data": "AAE="}}]


@pytest.mark.parametrize(
    "mime", ["text/plain; charset=utf-8", "text/csv", "application/json", "image/svg+xml"]
)
def test_a_document_of_text_goes_as_text_with_its_name(mime: str) -> None:
    assert parts(MediaPart("document", mime, "Grüße".encode(), "a.txt")) == [{"text": "a.txt:\n\nGrüße"}]


def test_a_document_that_gemini_cannot_read_is_refused_by_name() -> None:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    with pytest.raises(UnsupportedError, match=r"report\.docx") as caught:
        sent(Message("user", (MediaPart("document", word, b"PK", "report.docx"),)))
    assert caught.value.part == "document"


def test_media_that_gemini_holds_goes_by_its_address() -> None:
    assert parts(HostedMediaPart("video", "video/mp4", "https://x/files/1")) == [
        {"fileData": {"mimeType": "video/mp4", "fileUri": "https://x/files/1"}}
    ]


def test_a_call_and_its_results_go_back_together() -> None:
    second = ToolCallPart("call_2", "look_up", "")
    written = body(
        HI,
        Message("assistant", (TextPart("Let me see."),)),
        Message("assistant", (CALL, second)),
        Message("tool", (ToolResultPart("call_1", "look_up", "a thing"),)),
        Message("tool", (ToolResultPart("call_2", "", "no", failed=True),)),
        Message.of("user", "And?"),
        model="gemini-2.5-flash",
    )
    assert written["contents"][1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"id": "call_1", "name": "look_up", "args": {"word": "x"}}},
                {"functionCall": {"id": "call_2", "name": "look_up", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "call_1", "name": "look_up", "response": {"output": "a thing"}}},
                {"functionResponse": {"id": "call_2", "name": "look_up", "response": {"error": "no"}}},
            ],
        },
        {"role": "user", "parts": [{"text": "And?"}]},
    ]


def test_a_result_that_is_an_object_goes_as_one_and_no_number_is_damaged() -> None:
    digits = "9" * 5000
    text = sent(
        HI,
        Message("assistant", (ToolCallPart("1", "f", f'{{"n": {digits}}}'),)),
        Message("tool", (ToolResultPart("1", "f", f'{{"m": {digits}}}'),)),
    )
    assert f'"args":{{"n": {digits}}}' in text
    assert f'"response":{{"m": {digits}}}' in text


@pytest.mark.parametrize(
    "arguments",
    ['{"a": NaN}', '{"a": Infinity}', "{", "[1]", "x", '{"a": 1} 2', "[" * 100_000, '{"a":' * 100_000],
)
def test_arguments_that_are_no_object_are_refused_with_the_tool_s_name(arguments: str) -> None:
    with pytest.raises(InvalidRequestError, match="look_up"):
        sent(HI, Message("assistant", (ToolCallPart("1", "look_up", arguments),)))


def test_a_result_without_its_call_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="call_9"):
        sent(HI, Message("tool", (ToolResultPart("call_9", "", "x"),)))


def test_a_lone_surrogate_is_sent_as_a_mark() -> None:
    text = sent(
        Message.of("user", "a\ud83d"), Message("assistant", (ToolCallPart("1", "f", '{"a":"\ud83d"}'),))
    )
    assert '"a\ufffd"' in text
    assert '{"a":"\ufffd"}' in text


def signature(text: str) -> OpaquePart:
    return OpaquePart("gemini", json.dumps({"thoughtSignature": text}))


def test_a_signature_goes_back_on_the_part_it_came_with() -> None:
    assert parts(
        ReasoningPart("unsigned"),
        ReasoningPart("signed"),
        signature("A"),
        TextPart("said"),
        signature("B"),
        OpaquePart("anthropic", '{"signature": "X"}'),
        OpaquePart("gemini", "damaged"),
        CALL,
        signature("C"),
        ToolCallPart("call_2", "look_up", "{}"),
        MediaPart("image", "image/png", b"\x00"),
        signature("D"),
        OpaquePart("gemini", '{"part": {"text": "", "thoughtSignature": "E"}}'),
        role="assistant",
    ) == [
        {"text": "signed", "thought": True, "thoughtSignature": "A"},
        {"text": "said", "thoughtSignature": "B"},
        {
            "functionCall": {"id": "call_1", "name": "look_up", "args": {"word": "x"}},
            "thoughtSignature": "C",
        },
        {"functionCall": {"id": "call_2", "name": "look_up", "args": {}}},
        {"inlineData": {"mimeType": "image/png", "data": "AA=="}, "thoughtSignature": "D"},
        {"text": "", "thoughtSignature": "E"},
    ]


def test_a_call_that_another_model_made_has_a_stand_in_for_its_signature() -> None:
    turn = Message("assistant", (CALL, ToolCallPart("call_2", "look_up", "{}")))
    first, second = body(HI, turn, HI)["contents"][1]["parts"]
    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second
    older = body(HI, turn, HI, model="gemini-2.5-flash")["contents"][1]["parts"]
    assert all("thoughtSignature" not in part for part in older)


def test_functions_and_gemini_s_own_tools_are_declared() -> None:
    written = body(
        tools=(
            LOOK_UP,
            Tool("now"),
            NativeTool({"google_search": {}}),
            NativeTool({"type": "code_execution"}),
            NativeTool({"urlContext": {}}),
        ),
        tool_choice=ToolChoice("auto"),
    )
    assert written["tools"] == [
        {
            "functionDeclarations": [
                {
                    "name": "look_up",
                    "description": "Looks it up.",
                    "parametersJsonSchema": {"type": "object", "properties": {"word": {"type": "string"}}},
                },
                {"name": "now"},
            ]
        },
        {"googleSearch": {}},
        {"codeExecution": {}},
        {"urlContext": {}},
    ]
    assert written["toolConfig"] == {
        "functionCallingConfig": {"mode": "AUTO"},
        "includeServerSideToolInvocations": True,
    }


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("required"), {"mode": "ANY"}),
        (ToolChoice("required", "look_up"), {"mode": "ANY", "allowedFunctionNames": ["look_up"]}),
    ],
)
def test_whether_tools_may_or_must_be_called(choice: ToolChoice, config: dict[str, Any]) -> None:
    assert body(tools=(LOOK_UP,), tool_choice=choice)["toolConfig"] == {"functionCallingConfig": config}


def test_json_is_asked_for_with_and_without_a_schema() -> None:
    plain = body(response_format=ResponseFormat("json_object"))["generationConfig"]
    assert plain["responseMimeType"] == "application/json"
    assert "responseJsonSchema" not in plain
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "null"}}}
    held = body(response_format=ResponseFormat("json_schema", schema))["generationConfig"]
    assert held["responseJsonSchema"] == schema


@pytest.mark.parametrize(
    ("model", "effort", "config"),
    [
        ("gemini-3.1-pro-preview", "low", {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("gemini-3.1-pro-preview", "none", {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("gemini-3.5-flash", "minimal", {"thinkingLevel": "MINIMAL", "includeThoughts": True}),
        ("gemini-3.8-flash", "max", {"thinkingLevel": "HIGH", "includeThoughts": True}),
        ("gemini-4-argon", "xhigh", {"thinkingLevel": "XHIGH", "includeThoughts": True}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-flash", "high", {"thinkingBudget": 24576, "includeThoughts": True}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128, "includeThoughts": True}),
        ("gemini-2.5-pro", "max", {"thinkingBudget": 32768, "includeThoughts": True}),
        ("gemini-2.5-pro", None, {"includeThoughts": True}),
    ],
)
def test_effort_is_a_level_or_a_budget_by_the_model(model: str, effort: Any, config: dict[str, Any]) -> None:
    assert body(model=model, effort=effort)["generationConfig"]["thinkingConfig"] == config


@pytest.mark.parametrize("model", ["gemini-1.5-flash", "gemini-pro", "gemini-2.0-flash", "someone-s-own"])
def test_models_that_do_not_think_are_not_asked_to(model: str) -> None:
    assert "generationConfig" not in body(model=model)


def test_images_are_asked_for_beside_text() -> None:
    written = body(model="gemini-3-pro-image", images=True, extra={"image_config": {"aspect_ratio": "16:9"}})
    assert written["generationConfig"] == {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "16:9"},
    }


def test_safety_settings_go_as_they_are() -> None:
    setting = SafetySetting("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE")
    assert body(safety_settings=(setting,))["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
    ]


def test_native_fields_go_where_they_belong_in_either_spelling() -> None:
    written = body(
        model="gemini-2.5-flash",
        max_tokens=9,
        extra={
            "top_p": 0.5,
            "topK": 3,
            "stop": "END",
            "seed": 7,
            "presence_penalty": 0.1,
            "candidate_count": 1,
            "thinking_config": {"thinking_budget": 5},
            "generation_config": {"stop_sequences": ["X"], "media_resolution": "MEDIA_RESOLUTION_LOW"},
            "cached_content": "cachedContents/1",
            "labels": {"team_name": "a"},
            "something_new": {"as_it": "is"},
        },
    )
    assert written["generationConfig"] == {
        "maxOutputTokens": 9,
        "topP": 0.5,
        "topK": 3,
        "stopSequences": ["X"],
        "seed": 7,
        "presencePenalty": 0.1,
        "candidateCount": 1,
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 5},
        "mediaResolution": "MEDIA_RESOLUTION_LOW",
    }
    assert written["cachedContent"] == "cachedContents/1"
    assert written["labels"] == {"team_name": "a"}
    assert written["something_new"] == {"as_it": "is"}


def test_native_fields_add_tools_and_never_replace_the_messages() -> None:
    written = body(
        tools=(LOOK_UP,),
        extra={
            "tools": [{"googleMaps": {}}],
            "contents": [],
            "model": "other",
            "stream": False,
            "messages": [],
        },
    )
    assert [list(tool) for tool in written["tools"]] == [["functionDeclarations"], ["googleMaps"]]
    assert written["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]
    assert set(written) == {"contents", "tools", "generationConfig"}
