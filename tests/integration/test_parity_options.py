"""The parity matrix: options as each service gets them, and what becomes of those that a model refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.providers.openai.provider import OFFICIAL, OpenAICompatibleProvider
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, OLLAMA, OPENAI, RESPONSES, Dialect
from tests.dialects.asking import asking, folded
from tests.dialects.builtin import BUILTIN
from tests.wire import Reply

ROWS = (*DIALECTS, BUILTIN)
each_row = pytest.mark.parametrize("dialect", ROWS, ids=lambda dialect: dialect.name)

# OpenAI's own service over chat completions, whose models have rules by name.
OFFICIAL_CHAT = replace(
    OPENAI,
    build=lambda http, url, key: OpenAICompatibleProvider(
        "openai", "OpenAI", f"{url}/v1", http, StaticCredentials({"openai": key or ""}), dialect=OFFICIAL
    ),
)

_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "person", "schema": _PERSON, "strict": True}}
TOOLS = [
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": _PERSON}},
]


def said(dialect: Dialect, text: str = "Hi") -> tuple[bytes, ...]:
    return (dialect.text(text), dialect.finish("stop"))


def noted(answer: dict[str, Any]) -> list[str]:
    """The parameters that notes tell of."""
    return [note["parameter"] for note in answer["notes"]]


@each_row
async def test_temperature_and_the_bound_of_the_answer(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(temperature=0.5, max_tokens=100)
        sent = asked.sent
    assert (sent.temperature, sent.max_tokens, answer["notes"]) == (0.5, 100, [])


@each_row
async def test_the_newer_name_of_the_bound_means_the_same(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(max_completion_tokens=100)
        assert asked.sent.max_tokens == 100


@each_row
@pytest.mark.parametrize("form", ["json_object", {"type": "json_object"}], ids=["word", "object"])
async def test_json_mode(dialect: Dialect, form: Any) -> None:
    async with asking(dialect, said(dialect, '{"a": 1}')) as asked:
        answer = await asked.answer(response_format=form)
        sent = asked.sent
    assert sent.json == "object"
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"a": 1}
    # Words that were added are told of: they are all that Claude has, and OpenAI wants the word itself.
    assert noted(answer) == (["response_format"] if dialect in (ANTHROPIC, RESPONSES) else [])


@each_row
async def test_a_schema_for_the_answer(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect, '{"name": "Ada", "age": 36}')) as asked:
        answer = await asked.answer(response_format=JSON_SCHEMA)
        sent = asked.sent
        body = asked.posts[0].body
    if dialect is ANTHROPIC and sent.json != _PERSON:  # nothing is known of the model "m": in words
        assert noted(answer) == ["response_format"]
        assert json.dumps(_PERSON, separators=(",", ":")) in json.loads(body)["system"]
        return
    assert sent.json == _PERSON
    assert noted(answer) == []


async def test_a_claude_model_is_held_to_a_schema() -> None:
    async with asking(ANTHROPIC, said(ANTHROPIC), model="claude-opus-5-5") as asked:
        answer = await asked.answer(response_format=JSON_SCHEMA)
        assert asked.sent.json == _PERSON
    assert noted(answer) == []


@each_row
async def test_text_is_no_format(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer(response_format={"type": "text"})
        assert asked.sent.json is None


# Fields of each service's own, and where it looks for them.
NATIVE: list[tuple[Dialect, dict[str, Any], dict[str, Any]]] = [
    (OPENAI, {"service_tier": "flex", "seed": 7}, {"service_tier": "flex", "seed": 7}),
    (
        RESPONSES,
        {"service_tier": "flex", "truncation": "auto"},
        {"service_tier": "flex", "truncation": "auto"},
    ),
    (GEMINI, {"seed": 7, "cached_content": "cachedContents/1"}, {"cachedContent": "cachedContents/1"}),
    (GEMINI, {"top_k": 3, "seed": 7}, {"generationConfig": {"topK": 3, "seed": 7}}),
    (OLLAMA, {"keep_alive": "5m", "raw_field": [1]}, {"keep_alive": "5m", "raw_field": [1]}),
    (OLLAMA, {"seed": 7, "mirostat": 2}, {"options": {"seed": 7, "mirostat": 2}}),
    (ANTHROPIC, {"metadata": {"user_id": "u"}, "top_k": 3}, {"metadata": {"user_id": "u"}, "top_k": 3}),
    (BUILTIN, {"min_p": 0.1, "grammar": "root ::= [a-z]"}, {"min_p": 0.1, "grammar": "root ::= [a-z]"}),
]


@pytest.mark.parametrize(("dialect", "given", "expected"), NATIVE, ids=[row.name for row, *_ in NATIVE])
@pytest.mark.parametrize("wrapped", [False, True], ids=["keywords", "extra_body"])
async def test_fields_of_the_services_own_are_passed_on(
    dialect: Dialect, given: dict[str, Any], expected: dict[str, Any], wrapped: bool
) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(**({"extra_body": given} if wrapped else given))
        assert _within(expected, asked.posts[0].json)
    assert answer["notes"] == []


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(name in whole and _within(value, whole[name]) for name, value in part.items())
    return bool(part == whole)


async def test_one_call_at_a_time_is_said_in_claudes_words() -> None:
    async with asking(ANTHROPIC, said(ANTHROPIC)) as asked:
        answer = await asked.answer(tools=TOOLS, tool_choice="required", parallel_tool_calls=False)
        body = asked.posts[0].json
        await asked.answer(tools=TOOLS, parallel_tool_calls=True)
        usual = asked.posts[1].json
    assert body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}
    assert "parallel_tool_calls" not in body
    assert "tool_choice" not in usual
    assert answer["notes"] == []


@each_row
async def test_stop_goes_where_the_service_has_it(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(stop=["END"])
        body = asked.posts[0].json
    where = {
        "gemini": body.get("generationConfig", {}).get("stopSequences"),
        "ollama": body.get("options", {}).get("stop"),
        "anthropic": body.get("stop_sequences"),
    }
    if dialect is RESPONSES:  # which has none
        assert "stop" not in body
        assert noted(answer) == ["stop"]
    else:
        assert where.get(dialect.name, body.get("stop")) == ["END"]
        assert noted(answer) == []


async def test_safety_settings_go_to_gemini_and_are_told_of_elsewhere() -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    for dialect in ROWS:
        async with asking(dialect, said(dialect)) as asked:
            answer = await asked.answer(safety_settings=settings)
            body = asked.posts[0].json
        if dialect is GEMINI:
            assert body["safetySettings"] == settings
            assert noted(answer) == []
        else:
            assert "safety" not in asked.posts[0].body.decode().lower()
            assert noted(answer) == ["safety_settings"], dialect.name


def openai_refusal(message: str, param: str) -> Reply:
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": "unsupported_parameter",
    }
    return Reply.json({"error": error}, 400)


def gemini_refusal(message: str) -> Reply:
    return Reply.json({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}, 400)


def anthropic_refusal(message: str) -> Reply:
    return Reply.json({"type": "error", "error": {"type": "invalid_request_error", "message": message}}, 400)


_UNSUPPORTED = "Unsupported parameter: '{0}' is not supported with this model."

# What is asked, the service's refusal, what the second request reads like, and the parameter of the note.
REFUSED: list[tuple[str, Dialect, dict[str, Any], Reply, dict[str, Any], list[str]]] = [
    (
        "temperature",
        OPENAI,
        {"temperature": 0.3},
        openai_refusal(_UNSUPPORTED.format("temperature"), "temperature"),
        {"temperature": None},
        ["temperature"],
    ),
    (
        "max_tokens",
        OPENAI,
        {"max_tokens": 50},
        openai_refusal(
            _UNSUPPORTED.format("max_tokens") + " Use 'max_completion_tokens' instead.", "max_tokens"
        ),
        {"max_tokens": 50},
        [],  # the same bound under the name that this model knows
    ),
    (
        "tool_choice",
        OPENAI,
        {"tools": TOOLS, "tool_choice": "required"},
        openai_refusal("Unknown parameter: 'tool_choice'.", "tool_choice"),
        {"tool_choice": None},
        ["tool_choice"],
    ),
    (
        "json_schema",
        OPENAI,
        {"response_format": JSON_SCHEMA},
        openai_refusal(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
            "response_format",
        ),
        {"json": "object"},
        ["response_format"],
    ),
    (
        "native",
        OPENAI,
        {"top_p": 0.5},
        openai_refusal("Unrecognized request argument supplied: top_p", "top_p"),
        {},
        ["top_p"],
    ),
    (
        "effort",
        OPENAI,
        {"reasoning_effort": "high"},
        openai_refusal("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort"),
        {},
        ["effort"],
    ),
    (
        "temperature",
        RESPONSES,
        {"temperature": 0.3},
        openai_refusal(_UNSUPPORTED.format("temperature"), "temperature"),
        {"temperature": None},
        ["temperature"],
    ),
    (
        "json_schema",
        RESPONSES,
        {"response_format": JSON_SCHEMA},
        openai_refusal(
            "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
            "text.format",
        ),
        {"json": "object"},
        ["response_format"],
    ),
    (
        "tool_choice",
        RESPONSES,
        {"tools": TOOLS, "tool_choice": "required"},
        openai_refusal(_UNSUPPORTED.format("tool_choice"), "tool_choice"),
        {"tool_choice": None},
        ["tool_choice"],
    ),
    (
        "temperature",
        GEMINI,
        {"temperature": 0.3},
        gemini_refusal("The parameter temperature is not supported by this model."),
        {"temperature": None},
        ["temperature"],
    ),
    (
        "json_schema",
        GEMINI,
        {"response_format": JSON_SCHEMA},
        gemini_refusal("JSON mode is not enabled for models/m"),
        {"json": None},
        ["response_format"],
    ),
    (
        "system",
        GEMINI,
        {"system_instruction": "Be brief."},
        gemini_refusal("Developer instruction is not enabled for models/m"),
        {"system": ""},
        ["system"],
    ),
    (
        "temperature",
        ANTHROPIC,
        {"temperature": 0.3},
        anthropic_refusal("`temperature` is deprecated for this model."),
        {"temperature": None},
        ["temperature"],
    ),
    (
        "max_tokens",
        ANTHROPIC,
        {"max_tokens": 99_999},
        anthropic_refusal(
            "max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens for m"
        ),
        {"max_tokens": 8192},
        ["max_tokens"],
    ),
    (
        "tool_choice",
        ANTHROPIC,
        {"tools": TOOLS, "tool_choice": "required"},
        anthropic_refusal("tool_choice: forced tool use is not supported for this model"),
        {"tool_choice": "auto"},
        ["tool_choice"],
    ),
    (
        "native",
        GEMINI,
        {"keep_alive": "5m", "top_k": 3},
        gemini_refusal('Invalid JSON payload received. Unknown name "keep_alive": Cannot find field.'),
        {},
        ["keep_alive"],
    ),
    (
        "penalty",
        GEMINI,
        {"presence_penalty": 0.5, "top_k": 3},
        gemini_refusal("Penalty is not enabled for models/m"),
        {},
        ["presence_penalty"],
    ),
    (
        "sampling",
        ANTHROPIC,
        {"temperature": 0.3, "top_p": 0.5},
        anthropic_refusal(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        ),
        {"temperature": 0.3},
        ["top_p"],
    ),
    (
        "native",
        ANTHROPIC,
        {"keep_alive": "5m", "top_k": 3},
        anthropic_refusal("keep_alive: Extra inputs are not permitted"),
        {},
        ["keep_alive"],
    ),
    (
        "effort",
        OLLAMA,
        {"effort": "high"},
        Reply.json({"error": '"m" does not support thinking'}, 400),
        {},
        ["effort"],
    ),
]


@pytest.mark.parametrize(
    ("dialect", "options", "refusal", "expected", "notes"),
    [row[1:] for row in REFUSED],
    ids=[f"{dialect.name}-{what}" for what, dialect, *_ in REFUSED],
)
async def test_what_a_model_refuses_is_left_out_with_a_note(
    dialect: Dialect,
    options: dict[str, Any],
    refusal: Reply,
    expected: dict[str, Any],
    notes: list[str],
) -> None:
    async with asking(dialect, refusal, said(dialect)) as asked:
        answer = await asked.answer(**options)
        sent = asked.sent
        assert len(asked.posts) == 2
        again = folded(await asked.chunks(**options))
        assert len(asked.posts) == 3  # what was learnt once is known
    assert answer["choices"][0]["message"]["content"] == "Hi"
    assert {name: getattr(sent, name) for name in expected} == expected
    assert noted(answer) == notes
    assert again["notes"] == answer["notes"]
    assert all(note["sentence"].endswith(".") for note in answer["notes"])


BY_DATA: list[tuple[Dialect, str, dict[str, Any], dict[str, Any], list[str]]] = [
    (OFFICIAL_CHAT, "o3-mini", {"temperature": 0.3}, {"temperature": None}, ["temperature"]),
    (RESPONSES, "o3-mini", {"temperature": 0.3}, {"temperature": None}, ["temperature"]),
    (GEMINI, "gemini-3.8-flash", {"temperature": 0.3}, {"temperature": None}, ["temperature"]),
    (ANTHROPIC, "claude-opus-5-5", {"temperature": 0.3}, {"temperature": None}, ["temperature"]),
    (OFFICIAL_CHAT, "o3-mini", {"max_tokens": 50}, {"max_tokens": 50}, []),
]


@pytest.mark.parametrize(
    ("dialect", "model", "options", "expected", "notes"),
    BY_DATA,
    ids=[f"{dialect.name}-{model}-{next(iter(options))}" for dialect, model, options, *_ in BY_DATA],
)
async def test_what_a_model_is_known_to_refuse_is_never_sent(
    dialect: Dialect, model: str, options: dict[str, Any], expected: dict[str, Any], notes: list[str]
) -> None:
    async with asking(dialect, said(dialect), model=model) as asked:
        answer = await asked.answer(**options)
        sent = asked.sent
        assert len(asked.posts) == 1
        assert '"max_tokens"' not in asked.posts[0].body.decode() or dialect is ANTHROPIC
    assert {name: getattr(sent, name) for name in expected} == expected
    assert noted(answer) == notes


async def test_a_model_of_ollamas_without_tools_is_named() -> None:
    refused = Reply.json({"error": "registry.ollama.ai/library/m:latest does not support tools"}, 400)
    async with asking(OLLAMA, refused) as asked:
        with pytest.raises(RequestError) as caught:
            await asked.answer(tools=TOOLS)
    assert str(caught.value) == ("m cannot be given tools. Leave the tools out, or pick a model that can.")


SPEAKERS: list[dict[str, Any]] = [
    {"role": "system", "content": "Referee.", "name": "rules"},
    {"role": "user", "content": "I am first.", "name": "ann"},
    {"role": "assistant", "content": "You are.", "name": "judge"},
    {"role": "user", "content": "And I?", "name": "bob"},
]


@each_row
async def test_names_of_speakers_are_left_out_with_a_note(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(SPEAKERS)
        assert noted(answer) == ["name"]
        assert "“ann”" in answer["notes"][0]["sentence"]
        assert "ann" not in json.dumps(asked.posts[-1].json)


async def test_names_of_speakers_are_told_to_those_who_take_them() -> None:
    async with asking(OFFICIAL_CHAT, said(OFFICIAL_CHAT)) as asked:
        answer = await asked.answer([*SPEAKERS, {"role": "user", "content": "Me too!", "name": "Carl Otto"}])
        sent = [message.get("name") for message in asked.posts[-1].json["messages"]]
    assert sent == ["rules", "ann", "judge", "bob", None]
    assert [note["sentence"] for note in answer["notes"]] == [
        "OpenAI takes no such name of a speaker, so it was left out: “Carl Otto”."
    ]
