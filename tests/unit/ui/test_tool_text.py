"""Tools' arguments: set out, exact, with nothing hidden in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.chat.transcript.pieces.tool_text import (
    MOST,
    Inked,
    arguments_text,
    first_lines,
    hidden_count,
    is_hidden,
    spelled_out,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _text(parts: list[Inked]) -> str:
    return "".join(part.text for part in parts)


def _restored(parts: list[Inked]) -> str:
    """With the hidden characters as JSON's escapes again."""
    return "".join(
        json.dumps(chr(int(part.text[3:-1], 16)))[1:-1] if part.ink == "hidden" else part.text
        for part in parts
    )


def test_json_stands_in_lines() -> None:
    parts = arguments_text('{"path":"a b","sizes":[1,2.50],"deep":{},"on":true}')
    assert _text(parts) == (
        '{\n  "path": "a b",\n  "sizes": [\n    1,\n    2.50\n  ],\n  "deep": {},\n  "on": true\n}'
    )
    inks = {part.text: part.ink for part in parts}
    assert (inks['"path"'], inks['"a b"'], inks["2.50"], inks["true"]) == (
        "key",
        "string",
        "number",
        "keyword",
    )


def test_what_turns_the_reading_round_is_spelled_out() -> None:
    for source in ('{"path": "lease\u202efdp.exe"}', '{"path": "lease\\u202efdp.exe"}'):
        parts = arguments_text(source)
        assert "lease[U+202E]fdp.exe" in _text(parts)
        assert hidden_count(parts) == 1


@pytest.mark.parametrize(
    "character",
    ["\u200b", "\u00ad", "\u2028", "\u00a0", "\u3164", "\ufe0f", "\ufeff", "\x00", "\ud800", "\U000e0041"],
)
def test_other_hidden_characters(character: str) -> None:
    assert is_hidden(character)
    assert _text(spelled_out(f"a{character}b", "plain")) == f"a[U+{ord(character):04X}]b"


def test_what_can_be_seen_is_left_alone() -> None:
    for text in ("Grüße, 世界 — \N{GRINNING FACE}", "سلام", "a\tb\nc"):
        assert _text(spelled_out(text, "plain")) == text


def test_names_that_repeat_and_numbers_stay_as_they_were_written() -> None:
    text = _text(arguments_text('{"a": 1, "a": 1e400, "b": 0.10000000000000000001}'))
    assert text.count('"a"') == 2
    assert "1e400" in text
    assert "0.10000000000000000001" in text


@pytest.mark.parametrize("source", ["", "  ", '{"half": ', "rm -rf x", "[" * 5000])
def test_what_is_no_json_stands_as_it_came(source: str) -> None:
    assert _text(arguments_text(source)) == source.strip()


@given(_JSON)
def test_what_is_shown_is_what_was_meant(value: Any) -> None:
    parts = arguments_text(json.dumps(value))
    assert json.loads(_restored(parts)) == value
    assert not any(is_hidden(character) for character in _text(parts))


@given(st.text(), st.integers(1, 9), st.integers(1, 200))
def test_only_the_first_lines(text: str, lines: int, characters: int) -> None:
    parts = spelled_out(text, "plain")
    kept, whole = first_lines(parts, lines, characters)
    assert _text(parts).startswith(_text(kept))
    assert _text(kept).count("\n") < lines
    assert len(_text(kept)) <= characters
    assert whole == (_text(kept) == _text(parts))


@pytest.mark.parametrize(
    "source", [json.dumps(list(range(200_000))), json.dumps("x" * 900_000), "x" * 3_000_000]
)
def test_floods_are_cut_and_known_to_be(source: str) -> None:
    parts = arguments_text(source)
    assert MOST < len(_text(parts)) < 8 * MOST
    assert not first_lines(parts, 1_000_000, MOST)[1]
