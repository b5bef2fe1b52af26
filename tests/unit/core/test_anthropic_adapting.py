from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Message,
    OpaquePart,
    ResponseFormat,
    SafetySetting,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.anthropic.adapting import Adapted, learned
from aiproxy_desktop.core.providers.anthropic.models import ModelRules, rules_of
from aiproxy_desktop.core.providers.anthropic.thoughts import signed

HELLO = (Message.of("user", "Hello"),)
TOOLS = (Tool("find"),)
FORCED = ToolChoice("required")
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
OPUS, SONNET, HAIKU, OLDER, OLDEST = (
    "claude-opus-5-5",
    "claude-sonnet-4-6",
    "claude-haiku-5-5",
    "claude-haiku-4-5",
    "claude-3-5-haiku-latest",
)


def adapted(model: str, **fields: Any) -> tuple[CompletionRequest, dict[str, str]]:
    """The request as the model takes it, and the notes by parameter."""
    messages = fields.pop("messages", HELLO)
    found = Adapted(CompletionRequest(model, messages, **fields), rules_of(model))
    assert len({note.parameter for note in found.notes}) == len(found.notes)
    return found.request, {note.parameter: note.sentence for note in found.notes}


@pytest.mark.parametrize(
    ("model", "temperature", "effort", "expected"),
    [
        (OPUS, 0.5, None, None),
        (SONNET, 0.5, None, 0.5),
        (SONNET, 1.7, None, 1.0),
        (SONNET, 0.5, "high", None),
        (SONNET, 1.0, "high", 1.0),
        (OLDER, 0.5, "low", None),
        (OLDER, 0.5, "none", 0.5),
        ("some-other-model", 0.5, None, 0.5),
        ("claude-opus-9", 0.5, None, None),
    ],
)
def test_a_temperature_is_sent_where_it_is_taken(
    model: str, temperature: float, effort: Any, expected: float | None
) -> None:
    request, notes = adapted(model, temperature=temperature, effort=effort)
    assert request.temperature == expected
    assert ("temperature" in notes) == (expected != temperature)


def test_other_sampling_fields_are_left_out_where_they_would_be_refused() -> None:
    request, notes = adapted(OPUS, extra={"top_p": 0.5, "top_k": 3, "metadata": {"user_id": "u"}})
    assert request.extra == {"metadata": {"user_id": "u"}}
    assert notes.keys() == {"top_p", "top_k"}
    assert adapted(SONNET, extra={"top_p": 0.5}) == (
        CompletionRequest(SONNET, HELLO, extra={"top_p": 0.5}),
        {},
    )


def test_fields_of_other_dialects_are_translated_or_left_out() -> None:
    request, notes = adapted(OPUS, extra={"stop": "END", "seed": 3, "presence_penalty": 0.1})
    assert request.extra == {"stop_sequences": ["END"]}
    assert notes.keys() == {"seed", "presence_penalty"}
    assert adapted(OPUS, extra={"stop": ["a", "b"]})[0].extra == {"stop_sequences": ["a", "b"]}


def test_settings_that_anthropic_does_not_have_are_left_out() -> None:
    request, notes = adapted(
        OPUS, safety_settings=(SafetySetting("HARM_CATEGORY_HARASSMENT", "OFF"),), images=True
    )
    assert request == CompletionRequest(OPUS, HELLO)
    assert notes.keys() == {"safety_settings", "images"}


def test_a_bound_above_the_models_own_is_lowered() -> None:
    request, notes = adapted(OLDER, max_tokens=1_000_000)
    assert request.max_tokens == 64_000
    assert "64,000" in notes["max_tokens"]
    assert adapted("some-other-model", max_tokens=1_000_000)[1] == {}


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        (OPUS, "max", "max"),
        (OPUS, "minimal", "low"),
        (OPUS, "none", "low"),
        ("claude-fable-5", "none", "low"),
        (HAIKU, "none", "none"),
        (SONNET, "xhigh", "high"),
        (SONNET, "max", "max"),
        ("claude-opus-4-5", "max", "high"),
        (OLDER, "max", "max"),
        (OLDER, "none", "none"),
        (OLDEST, "high", None),
        (OLDEST, "none", "none"),
    ],
)
def test_an_effort_is_the_nearest_that_the_model_has(model: str, effort: Any, expected: Any) -> None:
    request, notes = adapted(model, effort=effort)
    assert request.effort == expected
    assert ("effort" in notes) == (effort != expected)


def test_too_short_an_answer_has_no_room_for_thoughts() -> None:
    request, notes = adapted(OLDER, effort="high", max_tokens=1_000)
    assert (request.effort, request.max_tokens) == ("none", 1_000)
    assert "room" in notes["effort"]


def test_a_turn_of_tools_begun_without_thoughts_goes_on_without() -> None:
    def after(*parts: Any) -> tuple[Message, ...]:
        results = Message("tool", (ToolResultPart("t", "find", "42"),))
        return (*HELLO, Message("assistant", (*parts, ToolCallPart("t", "find", "{}"))), results)

    request, notes = adapted(OLDER, effort="high", messages=after(TextPart("I look.")))
    assert request.effort == "none"
    assert "effort" in notes
    thought = OpaquePart("anthropic", signed("sig", OLDER))
    assert adapted(OLDER, effort="high", messages=after(thought))[1] == {}
    assert adapted(SONNET, effort="high", messages=after())[1] == {}


@pytest.mark.parametrize(
    ("model", "effort", "choice", "thinks"),
    [
        (OPUS, "high", ToolChoice("auto"), "high"),
        ("claude-sonnet-5-5", None, ToolChoice("auto"), None),
        (HAIKU, "high", FORCED, "none"),
        (HAIKU, None, FORCED, "none"),
        (OLDER, "high", FORCED, "none"),
        (OLDER, None, FORCED, None),
        ("claude-fable-5", "high", FORCED, "high"),
    ],
)
def test_a_tool_that_must_be_called_and_thinking_exclude_each_other(
    model: str, effort: Any, choice: ToolChoice, thinks: Any
) -> None:
    request, notes = adapted(model, effort=effort, tools=TOOLS, tool_choice=ToolChoice("required"))
    assert (request.tool_choice, request.effort) == (choice, thinks)
    assert ("tool_choice" in notes) == (choice != FORCED)
    assert ("effort" in notes) == (effort != thinks)


def test_a_choice_without_tools_is_left_out() -> None:
    assert adapted(OPUS, tool_choice=FORCED)[0].tool_choice is None
    assert "tool_choice" in adapted(OPUS, tool_choice=FORCED)[1]
    assert adapted(OPUS, tool_choice=ToolChoice("none")) == (CompletionRequest(OPUS, HELLO), {})


def test_a_schema_is_enforced_where_the_model_can() -> None:
    wanted = ResponseFormat("json_schema", SCHEMA)
    assert adapted(OPUS, response_format=wanted) == (
        CompletionRequest(OPUS, HELLO, response_format=wanted),
        {},
    )


def test_a_schema_is_closed_and_what_cannot_be_enforced_is_named() -> None:
    open_schema = {
        "type": "object",
        "properties": {
            "minimum": {"type": "integer", "minimum": 3, "description": "Of all"},
            "list": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
        },
        "required": ["minimum"],
        "additionalProperties": {"type": "string"},
        "$defs": {"item": {"type": "object", "properties": {"x": {"enum": ["a", {"type": "object"}]}}}},
    }
    request, notes = adapted(OPUS, response_format=ResponseFormat("json_schema", open_schema))
    assert request.response_format is not None
    assert request.response_format.schema == {
        "type": "object",
        "properties": {
            "minimum": {"type": "integer", "description": "Of all"},
            "list": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
        },
        "required": ["minimum"],
        "additionalProperties": False,
        "$defs": {
            "item": {
                "type": "object",
                "properties": {"x": {"enum": ["a", {"type": "object"}]}},
                "additionalProperties": False,
            }
        },
    }
    assert "additionalProperties, minimum" in notes["response_format"]


@pytest.mark.parametrize(
    ("model", "wanted", "words"),
    [
        (OPUS, ResponseFormat("json_object"), "JSON object"),
        (OLDEST, ResponseFormat("json_schema", SCHEMA), '"integer"'),
    ],
)
def test_where_nothing_enforces_json_it_is_asked_for_and_noted(
    model: str, wanted: ResponseFormat, words: str
) -> None:
    request, notes = adapted(model, response_format=wanted)
    assert request.response_format is None
    assert request.messages[-1].role == "system"
    assert words in request.messages[-1].text
    assert "nothing enforces" in notes["response_format"]


def test_a_schema_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(100_000):
        deep = {"type": "array", "items": deep}
    for model in (OPUS, OLDEST):
        with pytest.raises(InvalidRequestError, match="schema"):
            adapted(model, response_format=ResponseFormat("json_schema", deep))
    # Leave the nest level by level: the interpreter would run out of stack doing it at once.
    while "items" in deep:
        deep = deep.pop("items")


def test_strict_tools_are_noted_where_nothing_enforces_them() -> None:
    request, notes = adapted(OLDEST, tools=(Tool("find", strict=True),))
    assert request.tools == (Tool("find"),)
    assert "tools" in notes
    assert adapted(OPUS, tools=(Tool("find", strict=True),))[1] == {}


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@given(
    model=st.sampled_from([OPUS, SONNET, HAIKU, OLDER, OLDEST, "claude-opus-4-5", "claude-fable-5", "other"]),
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.none() | st.integers(1, 2_000_000),
    effort=st.none() | st.sampled_from(EFFORTS),
    choice=st.none() | st.sampled_from([ToolChoice("auto"), FORCED, ToolChoice("required", "find")]),
    wanted=st.none()
    | st.sampled_from([ResponseFormat("json_object"), ResponseFormat("json_schema", SCHEMA)]),
    tools=st.sampled_from([(), TOOLS]),
)
def test_what_was_adapted_once_needs_no_more(model: str, wanted: Any, choice: Any, **fields: Any) -> None:
    request, _ = adapted(model, response_format=wanted, tool_choice=choice, **fields)
    again = Adapted(request, rules_of(model))
    assert (again.request, again.notes) == (request, [])


@pytest.mark.parametrize(
    ("model", "detail", "field", "value"),
    [
        (SONNET, "`temperature` is deprecated for this model.", "sampling", False),
        (
            OLDER,
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".',
            "thinking",
            "adaptive",
        ),
        (SONNET, "adaptive thinking is not supported on this model", "thinking", "budget"),
        (HAIKU, '"thinking.type.disabled" is not supported for this model.', "off", None),
        (SONNET, "tool_choice: forced tool use is not supported", "forced_tools", False),
        (SONNET, "output_config.format: Extra inputs are not permitted", "schemas", False),
        (SONNET, "This model does not support the effort parameter.", "efforts", ()),
        (
            "other",
            "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for other",
            "output_limit",
            4_096,
        ),
    ],
)
def test_a_refusal_teaches_what_a_model_does_not_take(
    model: str, detail: str, field: str, value: object
) -> None:
    rules = rules_of(model)
    after = learned(rules, detail)
    assert getattr(after, field) == value
    assert after != rules
    assert learned(after, detail) == after or field == "thinking"


@pytest.mark.parametrize(
    "detail",
    [
        "messages.0: roles must alternate",
        "temperature: range: 0..1",
        "tool_choice.tool.name: find is not among the tools",
        "output_config.effort: Input should be 'low', 'medium' or 'high'",
    ],
)
def test_other_refusals_teach_nothing(detail: str) -> None:
    rules: ModelRules = rules_of(SONNET)
    assert learned(rules, detail) is rules
