from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.storage.search_query import fold, longest_caseless, parse, pattern, spans
from aiproxy_desktop.storage.snippets import marked_title, one_line, snippet


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        ("   \t\n", ()),
        ("slow query", ("slow", "query")),
        ('"slow  query" plan', ("slow query", "plan")),
        ('"slow que', ("slow que",)),
        ('-- ... "!" word ???', ("word",)),
        ("C++ #3", ("C++", "#3")),
        ("a\x00b", ("a", "b")),
        ("\ud800x", ("x",)),
        ("AND OR NEAR(", ("AND", "OR", "NEAR(")),
    ],
)
def test_what_is_typed_becomes_words(typed: str, words: tuple[str, ...]) -> None:
    assert parse(typed).words == words


@pytest.mark.parametrize(("typed", "begun"), [("slow que", True), ('"slow que', True), ('"slow que"', False)])
def test_the_last_word_may_be_just_begun(typed: str, begun: bool) -> None:
    assert [term.prefix for term in parse(typed).terms][-1] is begun


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("The query and queries", "quer", ["quer", "quer"]),
        ("The query and queries", '"query"', ["query"]),
        ("subquery", "query", []),
        ("Cafe\u0301 und CAFÉ", "café", ["Cafe\u0301", "CAFÉ"]),
        ("slow, query; slow\nquery", '"slow query"', ["slow, query", "slow\nquery"]),
        ("uses C++ and c", "c++", ["C++"]),
        ("用户问数据库索引", "数据库", ["数据库"]),
        ("한국어를 배운다", "한국", ["한국"]),
        ("snake_case", "case", ["case"]),
        ("İstanbul ẞ", "istanbul", ["İstanbul"]),
    ],
)
def test_words_are_marked_where_they_stand(text: str, typed: str, found: list[str]) -> None:
    places = spans(text, [pattern(term) for term in parse(typed).terms])
    assert [text[start:end].rstrip("\u0301") for start, end in places] == [
        part.rstrip("\u0301") for part in found
    ]


@given(st.text(st.characters()))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert longest_caseless(text) in text


@given(st.text(st.characters(), max_size=400), st.text(st.characters(), max_size=30))
def test_a_snippet_is_one_line_and_marks_what_is_in_it(text: str, typed: str) -> None:
    terms = parse(typed).terms
    for shown in (snippet(text, terms), marked_title(text, parse(typed).words)):
        assert shown.text == one_line(shown.text)
        shown.text.encode("utf-8")
        end = 0
        for start, stop in shown.hits:
            assert end <= start < stop <= len(shown.text)
            end = stop


def test_a_hit_far_into_a_message_is_shown_with_what_stands_round_it() -> None:
    text = "word " * 20_000 + "the orders\ttable\n\ngrew " + "word " * 1000
    shown = snippet(text, parse("orders").terms)
    ((start, stop),) = shown.hits
    assert shown.text[start:stop] == "orders"
    assert shown.text.startswith("…word ")
    assert "the orders table grew" in shown.text
    assert len(shown.text) <= 161
