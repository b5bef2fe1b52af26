from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aiproxy_desktop.core.errors import UnsupportedError
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
from aiproxy_desktop.core.providers.openai.chat import ChatWriter
from aiproxy_desktop.core.providers.openai.dialect import COMPATIBLE, OFFICIAL, ChatDialect
from aiproxy_desktop.core.providers.openai.vendors import vendor_by_id

WEATHER = Tool("weather", "Tells it", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = ToolCallPart("call_abcdefghijklmnop", "weather", '{"city": "Rome"}')
RESULT = ToolResultPart("call_abcdefghijklmnop", "weather", "sunny")


def written(
    *messages: Message, dialect: ChatDialect = COMPATIBLE, provider: str = "mine", **fields: Any
) -> dict[str, Any]:
    request = CompletionRequest("m", messages, **fields)
    return ChatWriter(provider, "Mine", dialect).body(request)


def said(*parts: Part, dialect: ChatDialect = COMPATIBLE) -> Any:
    (message,) = written(Message("user", parts), dialect=dialect)["messages"]
    return message["content"]


def vendor(name: str) -> ChatDialect:
    found = vendor_by_id(name)
    assert found is not None
    return found.dialect


def test_roles_keep_their_order_and_texts_their_number() -> None:
    body = written(
        Message.of("system", "Be brief."),
        Message("user", (TextPart("One"), TextPart("two"))),
        Message("assistant", (ReasoningPart("hm"), TextPart("Well"), CALL)),
        Message("tool", (RESULT, ToolResultPart("other", "weather", "rain"))),
        Message.of("system", "Be longer."),
        Message.of("user", "Go on"),
    )
    assert [(one["role"], one["content"]) for one in body["messages"]] == [
        ("system", "Be brief."),
        ("user", [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]),
        ("assistant", "Well"),
        ("tool", "sunny"),
        ("tool", "rain"),
        ("system", "Be longer."),
        ("user", "Go on"),
    ]
    assert body["messages"][2]["tool_calls"] == [
        {"id": CALL.id, "type": "function", "function": {"name": "weather", "arguments": CALL.arguments}}
    ]
    assert body["messages"][3]["tool_call_id"] == CALL.id
    assert "hm" not in json.dumps(body)


def test_a_turn_that_only_calls_has_no_content() -> None:
    body = written(Message.of("user", "Hi"), Message("assistant", (CALL,)), Message("tool", (RESULT,)))
    assert body["messages"][1]["content"] is None


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (
            MediaPart("image", "image/png", b"abc", detail="low"),
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj", "detail": "low"}},
        ),
        (
            MediaPart("image", "image/png", b"abc"),
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
        ),
        (
            MediaPart("audio", "audio/x-wav", b"abc"),
            {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}},
        ),
        (
            MediaPart("audio", "audio/mpeg", b"abc"),
            {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "mp3"}},
        ),
        (
            MediaPart("document", "application/pdf", b"abc", "a.pdf"),
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,YWJj"}},
        ),
        (
            MediaPart("document", "application/pdf", b"abc"),
            {
                "type": "file",
                "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,YWJj"},
            },
        ),
        (
            HostedMediaPart("document", "application/pdf", "file-1"),
            {"type": "file", "file": {"file_id": "file-1"}},
        ),
    ],
)  # fmt: skip
def test_each_kind_of_media(part: Part, content: dict[str, Any]) -> None:
    for dialect in (OFFICIAL, COMPATIBLE):
        assert said(TextPart("See"), part, dialect=dialect) == [{"type": "text", "text": "See"}, content]


@pytest.mark.parametrize("mime", ["text/csv", "text/markdown; charset=utf-8", "application/json"])
def test_a_document_that_is_text_is_read_as_text(mime: str) -> None:
    assert said(MediaPart("document", mime, "é,b".encode(), "a.csv")) == "a.csv:\n\né,b"
    assert said(MediaPart("document", mime, b"\xef\xbb\xbfx")) == "x"


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        (OFFICIAL, MediaPart("audio", "audio/flac", b"a")),
        (OFFICIAL, MediaPart("video", "video/mp4", b"a")),
        (vendor("groq"), MediaPart("audio", "audio/wav", b"a")),
        (vendor("deepseek"), MediaPart("document", "application/pdf", b"a")),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(dialect: ChatDialect, part: MediaPart) -> None:
    with pytest.raises(UnsupportedError) as caught:
        said(part, dialect=dialect)
    assert (caught.value.part, caught.value.model) == (part.kind, "mine:m")
    assert part.mime in caught.value.title


def test_vendors_have_their_own_forms() -> None:
    film = MediaPart("video", "video/mp4", b"abc")
    content = [{"type": "video_url", "video_url": {"url": "data:video/mp4;base64,YWJj"}}]
    assert said(film, dialect=vendor("openrouter")) == said(film, dialect=vendor("vllm")) == content
    sound, paper = (
        MediaPart("audio", "audio/mpeg", b"abc"),
        MediaPart("document", "application/pdf", b"abc", "a"),
    )
    assert said(sound, paper, dialect=vendor("mistral")) == [
        {"type": "input_audio", "input_audio": "YWJj"},
        {"type": "document_url", "document_url": "data:application/pdf;base64,YWJj", "document_name": "a"},
    ]
    flac = MediaPart("audio", "audio/flac", b"abc")
    assert said(flac)[0]["input_audio"]["format"] == "flac"


def test_an_image_that_a_model_made_goes_along_with_the_next_question() -> None:
    made = Message("assistant", (TextPart("Here"), MediaPart("image", "image/png", b"abc")))
    body = written(Message.of("user", "Draw"), made, Message.of("user", "Bluer"))
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == "Here"
    assert [part["type"] for part in body["messages"][2]["content"]] == ["image_url", "text"]


def test_tools_and_the_choice_among_them() -> None:
    native = NativeTool({"type": "browser_search"})
    body = written(
        Message.of("user", "Hi"),
        tools=(WEATHER, Tool("now", strict=True), native),
        tool_choice=ToolChoice("required", "now"),
    )
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "weather", "description": "Tells it", "parameters": WEATHER.parameters},
        },
        {
            "type": "function",
            "function": {"name": "now", "parameters": {"type": "object", "properties": {}}, "strict": True},
        },
        {"type": "browser_search"},
    ]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "now"}}


@pytest.mark.parametrize(("name", "word"), [("groq", "required"), ("mistral", "any")])
def test_a_vendors_word_for_some_tool(name: str, word: str) -> None:
    choice = ToolChoice("required")
    body = written(Message.of("user", "Hi"), dialect=vendor(name), tools=(WEATHER,), tool_choice=choice)
    assert body["tool_choice"] == word


def test_mistral_gets_ids_of_nine_letters() -> None:
    messages = (Message.of("user", "Hi"), Message("assistant", (CALL,)), Message("tool", (RESULT,)))
    _, asked, told = written(*messages, dialect=vendor("mistral"))["messages"]
    assert told["tool_call_id"] == asked["tool_calls"][0]["id"]
    assert len(told["tool_call_id"]) == 9
    assert told["tool_call_id"].isalnum()
    own = ToolResultPart("Ab3dEf9hI", "weather", "sunny")
    (kept,) = written(Message("tool", (own,)), dialect=vendor("mistral"))["messages"]
    assert kept["tool_call_id"] == "Ab3dEf9hI"
    assert "stream_options" not in written(*messages, dialect=vendor("mistral"))


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (ResponseFormat("json_object"), {"type": "json_object"}),
        (
            ResponseFormat("json_schema", {"type": "object"}),
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        ),
        (
            ResponseFormat("json_schema", {}, "city", strict=True),
            {"type": "json_schema", "json_schema": {"name": "city", "schema": {}, "strict": True}},
        ),
    ],
)
def test_formats_of_an_answer(form: ResponseFormat, sent: dict[str, Any]) -> None:
    assert written(Message.of("user", "Hi"), response_format=form)["response_format"] == sent


@pytest.mark.parametrize(
    ("name", "effort", "fields"),
    [
        ("groq", "low", {"reasoning_effort": "low"}),
        ("openrouter", "none", {"reasoning": {"effort": "none"}}),
        ("deepseek", "high", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("deepseek", "none", {"thinking": {"type": "disabled"}}),
        ("vllm", "none", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("llamacpp", "low", {"chat_template_kwargs": {"enable_thinking": True}, "reasoning_effort": "low"}),
    ],
)
def test_each_way_to_say_an_effort(name: str, effort: str, fields: dict[str, Any]) -> None:
    plain = written(Message.of("user", "Hi"), dialect=vendor(name))
    assert written(Message.of("user", "Hi"), dialect=vendor(name), effort=effort) == {**plain, **fields}


def test_images_are_asked_for_where_that_is_known() -> None:
    body = written(Message.of("user", "Hi"), dialect=vendor("openrouter"), images=True)
    assert body["modalities"] == ["image", "text"]
    assert "modalities" not in written(Message.of("user", "Hi"), images=True)


def test_the_callers_own_fields_come_last() -> None:
    extra = {
        "temperature": 1,
        "stream": False,
        "model": "other",
        "messages": [],
        "reasoning": {"max_tokens": 5},
        "tools": [{"type": "x"}],
        "seed": 7,
    }
    body = written(
        Message.of("user", "Hi"),
        dialect=vendor("openrouter"),
        temperature=0.5,
        effort="low",
        tools=(WEATHER,),
        extra=extra,
    )
    assert body["stream"] is True
    assert body["model"] == "m"
    assert len(body["messages"]) == 1
    assert (body["temperature"], body["seed"]) == (1, 7)
    assert body["reasoning"] == {"effort": "low", "max_tokens": 5}
    assert [tool["type"] for tool in body["tools"]] == ["function", "x"]


def test_reasoning_comes_back_to_whom_it_is_owed_alone() -> None:
    details = [{"type": "reasoning.text", "text": "Hm"}]
    thought = (ReasoningPart("Hm"), OpaquePart("openrouter", json.dumps(details)), CALL)
    message = Message("assistant", thought)
    (owed,) = written(message, dialect=vendor("openrouter"), provider="openrouter")["messages"]
    assert owed["reasoning_details"] == details
    (other,) = written(message, dialect=vendor("deepseek"), provider="deepseek")["messages"]
    assert "Hm" not in json.dumps(other)
    mine = replace(message, parts=(ReasoningPart("Hm"), OpaquePart("deepseek", "{}"), CALL))
    (deep,) = written(mine, dialect=vendor("deepseek"), provider="deepseek")["messages"]
    assert deep["reasoning_content"] == "Hm"
