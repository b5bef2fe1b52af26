"""Bodies of the Responses interface: whatever comes is read, or refused in a sentence."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.responses.body import read_responses

_TYPES = (
    "message function_call function_call_output reasoning image_generation_call output_text function "
    "web_search image_generation allowed_tools json_schema custom"
)
_KEYS = "role content summary encrypted_content call_id name arguments output result text tools mode format"
_FIELDS = (
    "input instructions tools tool_choice text reasoning include store stream truncation metadata prompt user"
)
_WORDS = ("", "user", "assistant", "{}", "aGk=", *_TYPES.split())
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(_WORDS),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(("type", "type", *_KEYS.split())), inner, max_size=3)
    ),
    max_leaves=6,
)
_ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from(_TYPES.split())}, optional=dict.fromkeys(_KEYS.split(), _VALUES)
)


@given(st.dictionaries(st.sampled_from(_FIELDS.split()), _VALUES, max_size=4), _ITEMS)
def test_whatever_comes_is_read_or_refused(fields: dict[str, Any], item: Any) -> None:
    for provider in ("openai", "gemini"):
        with suppress(Refusal, InvalidRequestError):
            read_responses({"input": [item], **fields}, provider)


def test_hints_for_openai_go_to_openai_alone_and_are_noted_elsewhere() -> None:
    body = {
        "input": "Hello",
        "prompt_cache_key": "k",
        "text": {"verbosity": "low"},
        "parallel_tool_calls": True,
        "truncation": "disabled",
        "top_p": 0.5,
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
        "tools": [{"type": "web_search"}],
        "seed": 7,
    }
    ours, theirs = read_responses(body, "openai"), read_responses(body, "gemini")
    common = {"seed": 7, "top_p": 0.5}
    assert ours.options["extra_body"] == {"prompt_cache_key": "k", "verbosity": "low"} | common
    assert theirs.options["extra_body"] == common
    assert [note.parameter for note in ours.notes] == ["include"]
    assert [note.parameter for note in theirs.notes] == ["prompt_cache_key", "verbosity", "include"]
    assert ours.options["tools"] == [{"type": "web_search"}]
    assert theirs.options["tools"] == [{"type": "web_search"}]  # which the core says in Gemini's words
    assert read_responses({"input": "Draw", "tools": [{"type": "image_generation"}]}, "gemini").options == {
        "return_images": True
    }


def test_what_refers_to_kept_items_is_told_what_to_send() -> None:
    for item in ({"id": "msg_1"}, {"id": "rs_1", "type": None}, {"id": "fc_1", "type": "item_reference"}):
        with pytest.raises(Refusal, match=r"Item 1 .* “store” is false"):
            read_responses({"input": [item]}, "openai")


def test_instructions_alone_are_answered() -> None:
    items = [{"role": "developer", "content": "Be kind"}, {"role": "system", "content": "Say hello"}]
    assert read_responses({"input": items}, "gemini").messages == [
        {"role": "developer", "content": "Be kind"},
        {"role": "user", "content": "Say hello"},
    ]


def test_arguments_that_are_none_are_quoted_to_the_model() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "weather", "arguments": '{"place": "K'}
    items = [
        {"role": "user", "content": "Hi"},
        call,
        {"type": "function_call_output", "call_id": "c", "output": "No"},
    ]
    said = read_responses({"input": items}, "gemini").messages[1]
    assert isinstance(said, Message)
    assert said.tool_calls[0].arguments == '{"unreadable_arguments":"{\\"place\\": \\"K"}'
