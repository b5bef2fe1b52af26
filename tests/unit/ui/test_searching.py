"""Looking for words: case, accents and line ends do not matter, places are those of the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.chat.transcript.find.searching import count_in, folded, spans_in


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("Plan, plan and PLAN", "plan", ["Plan", "plan", "PLAN"]),
        ("Café, cafe\u0301!", "cafe", ["Café", "cafe\u0301"]),
        ("Straße", "strasse", ["Straße"]),
        ("İstanbul", "istanbul", ["İstanbul"]),
        ("two\nwords", "two words", ["two\nwords"]),
        ("שָׁלוֹם", "שלום", ["שָׁלוֹם"]),
        ("aaa", "aa", ["aa"]),
        ("a 🎉 b", "🎉", ["🎉"]),
        ("nothing", "x", []),
    ],
)
def test_hits_are_found_where_they_stand(text: str, word: str, found: list[str]) -> None:
    spans = spans_in(text, [folded(word)])

    assert [text[start:end] for start, end in spans] == found
    assert count_in(folded(text), [folded(word)]) == len(found)


def test_several_words_are_marked_without_overlap() -> None:
    assert spans_in("The cat catalogue", ["cat", "catalogue", "the"]) == [(0, 3), (4, 7), (8, 11)]


@given(st.text(max_size=60), st.text(min_size=1, max_size=5))
def test_spans_stand_in_order_inside_any_text(text: str, word: str) -> None:
    term = folded(word)
    spans = spans_in(text, [term]) if term else []

    ends = [0]
    for start, end in spans:
        assert ends[-1] <= start < end <= len(text) or (ends[-1] - 1 <= start and end <= len(text))
        assert term in folded(text[start:end])
        ends.append(end)
