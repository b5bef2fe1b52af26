from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.storage.presets import Prompt
from aiproxy_desktop.ui.chat.writing.prompt_search import matching, slash_query
from aiproxy_desktop.ui.chat.writing.prompt_template import Filled, Stop, builtins, fill, parse

# Texts in which braces, equal signs and line ends come often.
templates = st.lists(
    st.one_of(
        st.sampled_from(["{{", "}}", "{", "}", "=", "name", " ", "\n", "\r\n", "\U0001f9d1"]), st.text()
    )
).map("".join)


@given(templates)
def test_pieces_joined_are_the_template(template: str) -> None:
    assert "".join(piece.source for piece in parse(template)) == template


@given(templates)
def test_nothing_is_lost_and_stops_stand_where_the_variables_are(template: str) -> None:
    filled = fill(template, {})
    clean = template.replace("\r\n", "\n").replace("\r", "\n")
    wanted = "".join(piece.source if piece.default is None else piece.default for piece in parse(clean))
    assert filled.text == wanted
    data = filled.text.encode("utf-16-le", "surrogatepass")
    spans = [data[2 * one.start : 2 * (one.start + one.length)] for one in filled.stops]
    values = [
        piece.source if piece.default is None else piece.default for piece in parse(clean) if piece.name
    ]
    assert [span.decode("utf-16-le", "surrogatepass") for span in spans] == values
    assert all(a.start + a.length <= b.start for a, b in zip(filled.stops, filled.stops[1:], strict=False))


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{a}} and {{ b = 2 }}", ["a", "b"]),
        ("{{}} {{ }} {{=x}} { {a} } {{a\nb}}", []),
        ("{{{a}}}", ["a"]),
        ("{{a}}{{a}}", ["a", "a"]),
        ("x" * 5 + "{{" + "n" * 81 + "}}", []),
    ],
)
def test_what_is_a_variable(template: str, names: list[str]) -> None:
    assert [piece.name for piece in parse(template) if piece.name] == names


def test_what_is_known_is_filled_and_defaults_are_stops() -> None:
    known = builtins(datetime(2026, 11, 26, 9, 5, tzinfo=UTC), lambda: "pasted {{x}}")
    assert fill("{{Date}} {{time}}, {{clipboard}}: {{who=you}} {{what}}", known) == Filled(
        "2026-11-26 09:05, pasted {{x}}: you {{what}}", (Stop("who", 32, 3), Stop("what", 36, 8))
    )


def test_a_megabyte_of_braces_is_read_at_once() -> None:
    for text in ("{{" * 500_000, "{{ " * 300_000, "{{a=" * 250_000, "{{a" + " " * 10**6):
        assert "".join(piece.source for piece in parse(text)) == text


@pytest.mark.parametrize(
    ("before", "whole", "query"),
    [
        ("/", True, ""),
        ("/sum", True, "sum"),
        ("see /two words", True, "two words"),
        ("and/or", True, None),
        ("1 / 2", True, None),
        ("/sum", False, None),
        ("x", True, None),
        ("", True, None),
    ],
)
def test_a_slash_begins_a_query(before: str, whole: bool, query: str | None) -> None:
    assert slash_query(before, whole_line=whole) == query


def test_names_come_before_texts() -> None:
    prompts = [Prompt("Alpha", "beta"), Prompt("Beta", "x"), Prompt("Gamma", "y")]
    assert [one.name for one in matching(prompts, "BETA")] == ["Beta", "Alpha"]
    assert [one.name for one in matching(prompts, "al be")] == ["Alpha"]
    assert matching(prompts, "") == prompts
    assert matching(prompts, "nothing") == []
