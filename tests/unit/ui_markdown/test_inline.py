"""Inline Markdown: styles, links, and what stays text."""

from __future__ import annotations

import pytest

from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, IMAGE, ITALIC, STRIKE, Span, parse_inline


def _styled(source: str, *, open_end: bool = False) -> list[tuple[str, int, str]]:
    inline = parse_inline(source, open_end=open_end)
    return [(inline.text[span.start : span.end], span.style, span.href) for span in inline.spans]


@pytest.mark.parametrize(
    ("source", "text", "styled"),
    [
        ("plain", "plain", []),
        ("**bold** *it* ~~no~~ `co de`", "bold it no co de",
         [("bold", BOLD, ""), ("it", ITALIC, ""), ("no", STRIKE, ""), ("co de", CODE, "")]),
        ("***both***", "both", [("both", BOLD | ITALIC, "")]),
        ("*a **b** c*", "a b c", [("a ", ITALIC, ""), ("b", BOLD | ITALIC, ""), (" c", ITALIC, "")]),
        ("snake_case_word and 2*3*4", "snake_case_word and 234", [("3", ITALIC, "")]),
        ("2 * 3 * 4", "2 * 3 * 4", []),
        ("\\*no\\* \\d C:\\", "*no* \\d C:\\", []),
        ("`` a`b `` and ` `", "a`b and  ", [("a`b", CODE, ""), (" ", CODE, "")]),
        ("`**no**`", "**no**", [("**no**", CODE, "")]),
        ("a  \nb\\\nc\nd<br>e", "a\nb\nc\nd\ne", []),
        ("&lt;b&gt; &amp; &#65; &nosuch; AT&T", "<b> & A &nosuch; AT&T", []),
        ("List<String> <b>x</b>", "List<String> <b>x</b>", []),
        ("~5 to ~10", "~5 to ~10", []),
    ],
)  # fmt: skip
def test_styles(source: str, text: str, styled: list[tuple[str, int, str]]) -> None:
    assert parse_inline(source).text == text
    assert _styled(source) == styled


@pytest.mark.parametrize(
    ("source", "text", "styled"),
    [
        ("[a](https://b.c)", "a", [("a", 0, "https://b.c")]),
        ("[**a** b](<https://b.c/d e> \"t\")", "[a b](<https://b.c/d e> \"t\")",
         [("a", BOLD, ""), ("https://b.c/d", 0, "https://b.c/d")]),
        ("[a](https://b.c/(d) 'title')", "a", [("a", 0, "https://b.c/(d)")]),
        ("[a](mailto:x@y.z)", "a", [("a", 0, "mailto:x@y.z")]),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))", []),
        ("[a](file:///etc/passwd)", "[a](file:///etc/passwd)", []),
        ("[a](data:text/html,x)", "[a](data:text/html,x)", []),
        ("[a](relative/path)", "[a](relative/path)", []),
        ("[a] (https://b.c)", "[a] (https://b.c)", [("https://b.c", 0, "https://b.c")]),
        ("![alt *t*](https://b.c/p.png)", "alt t",
         [("alt ", IMAGE, "https://b.c/p.png"), ("t", IMAGE | ITALIC, "https://b.c/p.png")]),
        ("![alt](file:///p.png)", "alt", [("alt", IMAGE, "")]),
        ("![](data:image/png;base64,AAAA)", "image", [("image", IMAGE, "")]),
        ("<https://b.c> <mailto:x@y.z> <x@y>", "https://b.c x@y.z <x@y>",
         [("https://b.c", 0, "https://b.c"), ("x@y.z", 0, "mailto:x@y.z")]),
        ("see https://b.c/d_e_f).", "see https://b.c/d_e_f).", [("https://b.c/d_e_f", 0, "https://b.c/d_e_f")]),
        ("**https://b.c**", "https://b.c", [("https://b.c", BOLD, "https://b.c")]),
        ("[a [b](https://c.d) e](https://f.g)", "[a b e](https://f.g)",
         [("b", 0, "https://c.d"), ("https://f.g", 0, "https://f.g")]),
        ("[https://good.example](https://bad.example)", "https://good.example",
         [("https://good.example", 0, "https://bad.example")]),
    ],
)  # fmt: skip
def test_links(source: str, text: str, styled: list[tuple[str, int, str]]) -> None:
    assert parse_inline(source).text == text
    assert _styled(source) == styled


def test_targets_hide_no_control_or_override() -> None:
    for source in ("[a](https://b.c/&#x202E;gpj)", "&#x202E;gpj", "&#0;"):
        inline = parse_inline(source)
        shown = inline.text + "".join(span.href for span in inline.spans)
        assert "\u202e" not in shown
        assert "\x00" not in shown


@pytest.mark.parametrize(
    ("source", "text", "styled"),
    [
        ("some **bo", "some bo", [("bo", BOLD, "")]),
        ("some `co", "some co", [("co", CODE, "")]),
        ("an *it", "an it", [("it", ITALIC, "")]),
        ("5*3", "5*3", []),
        ("see [the page](https://exam", "see the page", []),
        ("see [1", "see [1", []),
        ("~~go", "go", [("go", STRIKE, "")]),
        ("ends **", "ends **", []),
    ],
)
def test_an_open_end_shows_marks_as_if_they_closed(
    source: str, text: str, styled: list[tuple[str, int, str]]
) -> None:
    assert parse_inline(source, open_end=True).text == text
    assert _styled(source, open_end=True) == styled


def test_spans_that_touch_are_one() -> None:
    assert parse_inline("**a\\*b**").spans == (Span(0, 3, BOLD),)
