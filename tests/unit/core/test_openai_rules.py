from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Message,
    NativeTool,
    ResponseFormat,
    SafetySetting,
    Tool,
    ToolChoice,
)
from aiproxy_desktop.core.providers.openai.dialect import COMPATIBLE, OFFICIAL, ChatDialect
from aiproxy_desktop.core.providers.openai.rules import adapt, uses_responses
from aiproxy_desktop.core.providers.openai.vendors import VENDORS, vendor_by_id

TOOLS = (Tool("one"), Tool("two"))
SCHEMA = ResponseFormat("json_schema", {"type": "object"})


def ask(model: str = "m", text: str = "Hi", **fields: Any) -> CompletionRequest:
    return CompletionRequest(model, (Message.of("user", text),), **fields)


def adapted(
    request: CompletionRequest, dialect: ChatDialect = OFFICIAL
) -> tuple[CompletionRequest, list[str]]:
    changed, notes = adapt(request, dialect)
    assert all(note.sentence.startswith(f"{request.model} ") for note in notes)
    assert all(note.sentence.endswith(".") for note in notes)
    return changed, [note.parameter for note in notes]


def vendor(name: str) -> ChatDialect:
    found = vendor_by_id(name)
    assert found is not None
    return found.dialect


@pytest.mark.parametrize(
    ("model", "effort", "dropped"),
    [
        ("o3-mini", None, True),
        ("gpt-5", None, True),
        ("gpt-5-nano", None, True),
        ("gpt-6-astra", None, True),
        ("gpt-5.5-pro", None, True),
        ("gpt-5.4", "low", True),
        ("gpt-5.4", "none", False),
        ("gpt-5.4", None, False),
        ("gpt-4.1", None, False),
        ("gpt-5-chat-latest", None, False),
        ("ft:o4-mini:me::x", None, True),
    ],
)
def test_a_model_that_reasons_takes_no_sampling(model: str, effort: Any, dropped: bool) -> None:
    names = ["temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs"]
    extra = {**dict.fromkeys(names[1:], 1), "metadata": {}}
    request = ask(model, temperature=0.5, effort=effort, extra=extra)
    changed, notes = adapted(request)
    assert sorted(notes) == (sorted(names) if dropped else [])
    assert (changed.temperature is None) is dropped
    assert changed.extra == ({"metadata": {}} if dropped else extra)
    assert adapted(request, COMPATIBLE) == (request, []), "a compatible server knows its own models"


@pytest.mark.parametrize(
    ("model", "effort", "sent", "noted"),
    [
        ("gpt-6-astra", "none", None, True),
        ("gpt-5.5-pro", "none", None, True),
        ("o3", "none", "low", True),
        ("o3", "xhigh", "high", True),
        ("gpt-5", "none", "minimal", True),
        ("gpt-5.1", "minimal", "none", True),
        ("gpt-5.6-sol", "max", "max", False),
        ("gpt-4.1", "high", None, True),
        ("gpt-4.1", "none", None, False),
        ("a-deployment", "high", "high", False),
    ],
)
def test_efforts_as_a_model_takes_them(model: str, effort: Any, sent: str | None, noted: bool) -> None:
    changed, notes = adapted(ask(model, effort=effort))
    assert changed.effort == sent
    assert notes == (["effort"] if noted else [])


def test_efforts_as_a_vendor_takes_them() -> None:
    changed, notes = adapted(ask(effort="max"), vendor("vllm"))
    assert (changed.effort, notes) == ("high", ["effort"])


@pytest.mark.parametrize(
    ("model", "fields", "responses"),
    [
        ("gpt-5.5-pro", {}, True),
        ("o3-pro-2025-06-10", {}, True),
        ("gpt-5-codex", {}, True),
        ("gpt-5.6-sol", {}, False),
        ("gpt-5.6-sol", {"tools": TOOLS}, True),
        ("gpt-5.6-sol", {"tools": TOOLS, "effort": "none"}, False),
        ("gpt-6.2-astra", {"tools": TOOLS}, True),
        ("gpt-5.4", {"tools": TOOLS}, False),
        ("gpt-5.4", {"effort": "low"}, True),
        ("gpt-5.4", {"effort": "low", "extra": {"seed": 5}}, False),
        ("gpt-5.4", {"effort": "none"}, False),
        ("gpt-6-astra", {}, True),
        ("gpt-4.1", {}, False),
        ("gpt-4.1", {"tools": (NativeTool({"type": "web_search"}),)}, True),
        ("gpt-4.1", {"images": True}, True),
        ("gpt-4.1", {"extra": {"previous_response_id": "resp_1"}}, True),
        ("gpt-4o", {"tools": TOOLS}, False),
    ],
)
def test_which_interface_answers(model: str, fields: dict[str, Any], responses: bool) -> None:
    request = ask(model, **fields)
    assert uses_responses(request, OFFICIAL) is responses
    assert uses_responses(adapt(request, OFFICIAL)[0], OFFICIAL) is responses
    assert not uses_responses(request, COMPATIBLE)


def test_sound_is_for_chat_completions() -> None:
    sound = Message("user", (MediaPart("audio", "audio/wav", b"a"),))
    assert not uses_responses(CompletionRequest("gpt-5.4", (sound,), effort="low"), OFFICIAL)


def test_thresholds_of_gemini_are_left_out() -> None:
    safety = (SafetySetting("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE"),)
    changed, notes = adapted(ask(safety_settings=safety), COMPATIBLE)
    assert (changed.safety_settings, notes) == ((), ["safety_settings"])


@pytest.mark.parametrize(
    ("model", "dialect"), [("gpt-4-turbo", OFFICIAL), ("m", vendor("deepseek"))], ids=["model", "vendor"]
)
def test_a_schema_is_asked_for_in_words_where_there_is_no_other_way(model: str, dialect: ChatDialect) -> None:
    changed, notes = adapted(ask(model, response_format=SCHEMA), dialect)
    assert notes == ["response_format"]
    assert changed.response_format == ResponseFormat("json_object")
    assert changed.messages[0].role == "system"
    assert '{"type": "object"}' in changed.messages[0].text
    system = CompletionRequest(
        model, (Message.of("system", "Be brief."), *ask().messages), response_format=SCHEMA
    )
    changed, _ = adapted(system, dialect)
    assert [message.role for message in changed.messages] == ["system", "user"]
    assert changed.messages[0].text.startswith("Be brief.\n\nAnswer with JSON")


def test_json_is_spoken_of_where_it_must_be() -> None:
    wanted = ResponseFormat("json_object")
    changed, notes = adapted(ask("gpt-5.4", response_format=wanted))
    assert notes == ["response_format"]
    assert "JSON" in changed.messages[0].text
    assert adapted(ask("gpt-5.4", "As json, please", response_format=wanted))[1] == []
    assert adapted(ask(response_format=wanted), COMPATIBLE)[1] == []


def test_a_choice_among_no_tools() -> None:
    changed, notes = adapted(ask(tool_choice=ToolChoice("required")), COMPATIBLE)
    assert (changed.tool_choice, notes) == (None, ["tool_choice"])
    changed, notes = adapted(ask(tool_choice=ToolChoice("auto")), COMPATIBLE)
    assert (changed.tool_choice, notes) == (None, [])


def test_one_tool_by_name_where_only_words_are_read() -> None:
    request = ask(tools=TOOLS, tool_choice=ToolChoice("required", "two"))
    changed, notes = adapted(request, vendor("lmstudio"))
    assert (changed.tools, changed.tool_choice, notes) == ((Tool("two"),), ToolChoice("required"), [])


@pytest.mark.parametrize(
    ("model", "dialect", "taken"),
    [
        ("gpt-5.4", OFFICIAL, True),
        ("gpt-3.5-turbo", OFFICIAL, False),
        ("m", COMPATIBLE, False),
        ("m", vendor("openrouter"), True),
    ],
)
def test_images_from_a_model_that_makes_none(model: str, dialect: ChatDialect, taken: bool) -> None:
    changed, notes = adapted(ask(model, images=True), dialect)
    assert (changed.images, notes) == (taken, [] if taken else ["images"])


def test_fields_that_a_vendor_refuses() -> None:
    changed, notes = adapted(ask(extra={"logit_bias": {}, "seed": 1}), vendor("groq"))
    assert (changed.extra, notes) == ({"seed": 1}, ["logit_bias"])


def test_fields_that_the_request_has_a_word_for() -> None:
    changed, notes = adapted(ask("o3", extra={"max_tokens": 50, "reasoning_effort": "none", "user": "me"}))
    assert (changed.max_tokens, changed.effort, changed.extra) == (50, "low", {"user": "me"})
    assert notes == ["effort"]


def test_fields_that_responses_refuses() -> None:
    request = ask("gpt-5.5-pro", max_tokens=5, extra={"stop": ["x"], "user": "me"})
    changed, notes = adapted(request)
    assert changed.extra == {"user": "me"}
    assert changed.max_tokens == 16
    assert notes == ["stop", "max_tokens"]


names = ["gpt-5.6-sol", "gpt-6-astra", "o3", "gpt-4-turbo", "gpt-5.5-pro", "m"]
requests = st.builds(
    ask,
    st.sampled_from(names),
    temperature=st.none() | st.just(0.5),
    max_tokens=st.none() | st.integers(1, 50),
    tools=st.sampled_from([(), TOOLS, (NativeTool({"type": "web_search"}),)]),
    tool_choice=st.sampled_from([None, ToolChoice("required"), ToolChoice("required", "two")]),
    response_format=st.sampled_from([None, SCHEMA, ResponseFormat("json_object")]),
    effort=st.sampled_from([None, "none", "minimal", "max"]),
    images=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["top_p", "stop", "seed", "logit_bias", "include"]), st.just(1)),
)
refusals = st.frozensets(
    st.sampled_from(
        ["temperature", "json_schema", "response_format", "tool_choice", "reasoning_effort", "seed"]
    )
)


@given(requests, st.sampled_from([OFFICIAL, COMPATIBLE, *(one.dialect for one in VENDORS)]), refusals)
def test_what_was_adapted_is_taken_as_it_is(
    request: CompletionRequest, dialect: ChatDialect, refused: frozenset[str]
) -> None:
    once, _ = adapt(request, dialect, refused)
    again, notes = adapt(once, dialect, refused)
    assert again == once
    assert notes == ()
