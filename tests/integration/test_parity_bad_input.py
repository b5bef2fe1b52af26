"""The parity matrix: what is no request is one named error, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError, MissingKeyError, RequestError
from aiproxy_desktop.core.messages import Message, TextPart, ToolCallPart, ToolResultPart
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, KEYED, OLLAMA, OPENAI, RESPONSES, Dialect
from tests.dialects.asking import Asking, asking
from tests.dialects.builtin import BUILTIN

ROWS = (*DIALECTS, BUILTIN)
each_row = pytest.mark.parametrize("dialect", ROWS, ids=lambda dialect: dialect.name)


def said(dialect: Dialect) -> tuple[bytes, ...]:
    return (dialect.text("Hi"), dialect.finish("stop"))


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


def image(url: Any) -> list[dict[str, Any]]:
    return user([{"type": "image_url", "image_url": {"url": url}}])


def calling(arguments: Any) -> list[dict[str, Any]]:
    function = {"name": "weather", "arguments": arguments}
    call = {"id": "call_1", "type": "function", "function": function}
    return [
        *user("Hi"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "22"},
    ]


def nested(depth: int = 100_000) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def tools_of(parameters: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "weather", "parameters": parameters}}]


DEEP_TEXT = '{"a":' * 100_000 + "1" + "}" * 100_000
DEEP_LIST = "[" * 100_000 + "]" * 100_000

# Messages, options, and words of the sentence that name the culprit.
BAD: dict[str, tuple[Callable[[], Any], Callable[[], dict[str, Any]], str]] = {
    "no messages": (list, dict, "no messages"),
    "a text for messages": (lambda: "Hello", dict, "The messages are a text, not a list"),
    "content null": (lambda: user(None), dict, "Message 1 of the role “user” has no content"),
    "content an empty list": (lambda: user([]), dict, "Message 1"),
    "content a number": (lambda: user(5), dict, "Message 1 has a number as its content"),
    "no role": (lambda: [{"content": "Hi"}], dict, "Message 1 has no role"),
    "unknown role": (
        lambda: [*user("Hi"), {"role": "critic", "content": "Hm"}],
        dict,
        "Message 2 has “critic” as its role",
    ),
    "role null": (lambda: [{"role": None, "content": "Hi"}], dict, "Message 1 has no role"),
    "role a list": (lambda: [{"role": ["user"], "content": "Hi"}], dict, "Message 1 has a list as its role"),
    "message null": (lambda: [None], dict, "Message 1 is null"),
    "unknown part": (lambda: user([{"type": "smell"}]), dict, "Message 1, part 1, is of the type “smell”"),
    "lone surrogate": (lambda: user("Hi \ud83d"), dict, "Message 1 holds half a character"),
    "lone surrogate in a part": (
        lambda: user([{"type": "text", "text": "\udc00"}]),
        dict,
        "Message 1, part 1, holds half a character",
    ),
    "lone surrogate in the instruction": (
        lambda: user("Hi"),
        lambda: {"system_instruction": "\ud83d"},
        "system instruction holds half",
    ),
    "data URL without data": (lambda: image("data:image/png"), dict, "Message 1, part 1,"),
    "data URL without a type": (lambda: image("data:,abc"), dict, "Message 1, part 1,"),
    "data URL with nothing in it": (lambda: image("data:image/png;base64,"), dict, "Message 1, part 1,"),
    "no base64": (lambda: image("data:image/png;base64,***"), dict, "Message 1, part 1,"),
    "half of base64": (lambda: image("data:image/png;base64,AAAAA"), dict, "Message 1, part 1,"),
    "base64 with surrogates": (lambda: image("data:image/png;base64,AA\ud83d="), dict, "Message 1, part 1,"),
    "an address that is none": (lambda: image("htp:/nowhere"), dict, "Message 1, part 1,"),
    "an address of a number": (lambda: image(5), dict, "Message 1, part 1,"),
    "sound of no format": (
        lambda: user([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "cassette"}}]),
        dict,
        "“cassette”",
    ),
    "arguments NaN": (lambda: calling({"a": float("nan")}), dict, "“arguments” of “weather”"),
    "arguments NaN as text": (lambda: calling('{"a": NaN}'), dict, "“arguments” of “weather”"),
    "arguments infinite": (lambda: calling('{"a": -Infinity}'), dict, "“arguments” of “weather”"),
    "arguments with 5,000 digits": (lambda: calling({"a": 10**5000}), dict, "“arguments” of “weather”"),
    "arguments with 5,000 digits as text": (
        lambda: calling('{"a": ' + "7" * 5000 + "}"),
        dict,
        "“arguments” of “weather”",
    ),
    "arguments 100,000 deep": (lambda: calling(nested()), dict, "“arguments” of “weather”"),
    "arguments 100,000 deep as text": (lambda: calling(DEEP_TEXT), dict, "“arguments” of “weather”"),
    "arguments a list": (lambda: calling("[1]"), dict, "“arguments” of “weather”"),
    "arguments half": (lambda: calling('{"a": '), dict, "“arguments” of “weather”"),
    "arguments with a surrogate": (lambda: calling('{"a": "\ud83d"}'), dict, "“arguments” of “weather”"),
    "arguments of no JSON": (lambda: calling({"a": object()}), dict, "“arguments” of “weather”"),
    "a list in lists": (lambda: user(json.loads("[" * 500 + "]" * 500)), dict, "Message 1, part 1,"),
    "parameters 100,000 deep": (
        lambda: user("Hi"),
        lambda: {"tools": tools_of(nested())},
        "“parameters” of “weather”",
    ),
    "parameters NaN": (
        lambda: user("Hi"),
        lambda: {"tools": tools_of({"minimum": float("nan")})},
        "“parameters” of “weather”",
    ),
    "schema 100,000 deep": (
        lambda: user("Hi"),
        lambda: {"response_format": {"type": "json_schema", "json_schema": {"schema": nested()}}},
        "response_format",
    ),
    "schema that holds itself": (
        lambda: user("Hi"),
        lambda: {"response_format": {"type": "json_schema", "json_schema": {"schema": _circle()}}},
        "response_format",
    ),
    "own field 100,000 deep": (lambda: user("Hi"), lambda: {"custom": nested()}, "“custom”"),
    "own field NaN": (lambda: user("Hi"), lambda: {"custom": [float("inf")]}, "“custom”"),
    "temperature NaN": (lambda: user("Hi"), lambda: {"temperature": float("nan")}, "“temperature”"),
    "temperature a text": (lambda: user("Hi"), lambda: {"temperature": "hot"}, "“temperature”"),
    "max_tokens 0": (lambda: user("Hi"), lambda: {"max_tokens": 0}, "“max_tokens”"),
    "max_tokens of 5,000 digits": (lambda: user("Hi"), lambda: {"max_tokens": 10**5000}, "“max_tokens”"),
    "a choice that is none": (
        lambda: user("Hi"),
        lambda: {"tools": tools_of({}), "tool_choice": "maybe"},
        "“tool_choice” is “maybe”",
    ),
    "a choice of no tool": (
        lambda: user("Hi"),
        lambda: {
            "tools": tools_of({}),
            "tool_choice": {"type": "function", "function": {"name": "rain"}},
        },
        "“tool_choice” names “rain”",
    ),
    "a format that is none": (lambda: user("Hi"), lambda: {"response_format": "xml"}, "“response_format”"),
    "a tool without a name": (
        lambda: user("Hi"),
        lambda: {"tools": [{"type": "function", "function": {}}]},
        "Tool 1",
    ),
    "a result without its call": (
        lambda: [*user("Hi"), {"role": "tool", "tool_call_id": "call_9", "content": "22"}],
        dict,
        "Message 2 answers the tool call “call_9”",
    ),
    "the model once more": (lambda: user("Hi"), lambda: {"extra_body": {"model": "x"}}, "“model”"),
    "the messages once more": (lambda: user("Hi"), lambda: {"extra_body": {"messages": []}}, "“messages”"),
}


def _circle() -> Any:
    value: dict[str, Any] = {}
    value["properties"] = value
    return value


async def refused(asked: Asking, messages: Any, options: dict[str, Any], streamed: bool) -> str:
    """The sentence of the error; what else happens is told instead."""
    create: Callable[..., Any] = asked.client.create_completion
    try:
        await create(messages, "m", asked.dialect.name, stream=streamed, **options)
    except InvalidRequestError as error:
        return str(error) if error.title and error.advice else f"{error}, without advice"
    return "nothing was refused"


@each_row
async def test_what_is_no_request_is_named_and_nothing_sent(dialect: Dialect) -> None:
    wrong: dict[str, str] = {}
    async with asking(dialect, said(dialect)) as asked:
        for name, (messages, options, words) in BAD.items():
            for streamed in (False, True):
                sentence = await refused(asked, messages(), options(), streamed)
                if words not in sentence or len(sentence) > 600 or asked.server.exchanges:
                    wrong[name] = sentence
                    asked.server.exchanges.clear()
    assert wrong == {}


@pytest.mark.parametrize("what", ["text", "image", "arguments"])
async def test_300_megabytes_are_refused_by_name(what: str) -> None:
    much = "A" * 300_000_000
    messages = {
        "text": lambda: user(much),
        "image": lambda: image("data:image/png;base64," + much),
        "arguments": lambda: calling(much),
    }[what]()
    async with asking(OPENAI, said(OPENAI)) as asked:
        with pytest.raises(InvalidRequestError) as caught:
            await asked.answer(messages)
        assert asked.server.exchanges == []
    assert "essage" in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("dialect", KEYED, ids=lambda dialect: dialect.name)
async def test_a_missing_key_is_named(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect), key=None) as asked:
        with pytest.raises(MissingKeyError) as caught:
            await asked.answer()
        assert asked.server.exchanges == []
    assert caught.value.provider == dialect.name
    assert "key" in str(caught.value)


@each_row
@pytest.mark.parametrize("content", ["", [{"type": "text", "text": ""}]], ids=["text", "part"])
async def test_a_conversation_of_nothing_is_not_sent(dialect: Dialect, content: Any) -> None:
    async with asking(dialect, said(dialect)) as asked:
        with pytest.raises(RequestError) as caught:
            await asked.answer(user(content))
        assert asked.posts == []
    assert caught.value.title


def value_calling(arguments: str) -> list[Message]:
    """A conversation in values, which nobody has read and checked."""
    return [
        Message.of("user", "Hi"),
        Message("assistant", (ToolCallPart("call_1", "weather", arguments),)),
        Message("tool", (ToolResultPart("call_1", "weather", "22"),)),
    ]


# Chat completions and Responses carry arguments as text, so that any text a model wrote can be shown to it.
@pytest.mark.parametrize("dialect", [GEMINI, OLLAMA, ANTHROPIC], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    "arguments",
    ['{"a": NaN}', "[1]", '{"a": ', DEEP_LIST, DEEP_TEXT],
    ids=["NaN", "list", "half", "deep list", "deep"],
)
async def test_arguments_in_values_are_checked_where_the_service_wants_an_object(
    dialect: Dialect, arguments: str
) -> None:
    async with asking(dialect, said(dialect)) as asked:
        with pytest.raises(RequestError) as caught:
            await asked.answer(value_calling(arguments))
        assert asked.posts == []
    assert "“weather”" in caught.value.title


@pytest.mark.parametrize("dialect", [OPENAI, RESPONSES, BUILTIN], ids=lambda dialect: dialect.name)
async def test_arguments_in_values_go_as_text_where_the_service_wants_text(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(value_calling('{"a": NaN'))
        assert json.dumps('{"a": NaN').encode() in asked.posts[0].body


@each_row
async def test_half_a_character_in_values_does_no_harm(dialect: Dialect) -> None:
    messages = [
        Message.of("user", "Hi \ud83d"),
        Message("assistant", (ToolCallPart("call_1", "weather", '{"a": "\ud83d"}'),)),
        Message("tool", (ToolResultPart("call_1", "weather", "22 \udc00"),)),
        Message("user", (TextPart("And now?"),)),
    ]
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(messages)
        body = asked.posts[0].body.decode()
    assert "Hi \ufffd" in body


@each_row
async def test_numbers_of_4000_digits_go_back_whole(dialect: Dialect) -> None:
    digits = "7" * 4000
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(calling('{"a": ' + digits + "}"))
        assert digits.encode() in asked.posts[0].body
        await asked.answer(calling({"a": int(digits)}))
        assert digits.encode() in asked.posts[1].body
