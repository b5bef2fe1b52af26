"""Blocks as HTML: the elements, their nesting, and nothing of the text ever taken for markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.markdown.blocks import Paragraph
from aiproxy_desktop.ui.markdown.copying import Piece, as_plain, block_text
from aiproxy_desktop.ui.markdown.document import parse
from aiproxy_desktop.ui.markdown.html import html_of, html_of_pieces
from aiproxy_desktop.ui.markdown.plain import plain_blocks
from aiproxy_desktop.ui.markdown.whole import read_message

_EMPTY = {"br", "hr", "input"}
_KNOWN = _EMPTY | {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("table", "tr", "th", "td", "a", "em", "strong", "del", "sup", "div"),
}


class _Reader(HTMLParser):
    """Reads the HTML back: elements that nest wrongly raise, and text and links are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _KNOWN
        assert {name for name, _ in attrs} <= {
            *("role", "href", "dir", "style", "start", "class", "type", "checked", "disabled"),
        }
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def _html(source: str) -> str:
    return html_of(parse(source)).replace(' dir="auto"', "").replace(' dir="ltr"', "")


CASES = {
    "One *two* **three** `four` ~~five~~": (
        "<p>One <em>two</em> <strong>three</strong> <code>four</code> <del>five</del></p>\n"
    ),
    "one\ntwo\n\nthree": "<p>one<br>\ntwo</p>\n<p>three</p>\n",
    "## Title & more": "<h2>Title &amp; more</h2>\n",
    "- a\n- b\n  - c\n\n1. d\n2. e": (
        "<ul>\n<li>a</li>\n<li>b<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n<ol>\n<li>d</li>\n<li>e</li>\n</ol>\n"
    ),
    "3) a\n4) b": '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n',
    "- a\n\n  b": "<ul>\n<li>a<p>b</p>\n</li>\n</ul>\n",
    "- [x] done\n- [ ] open": (
        '<ul>\n<li><input type="checkbox" disabled checked> done</li>\n'
        '<li><input type="checkbox" disabled> open</li>\n</ul>\n'
    ),
    "> a\n> > b\n\nc": (
        "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n<p>c</p>\n"
    ),
    "|a|b|c|\n|-|:-:|-:|\n|1|**2**|<3>|": (
        '<table>\n<tr><th>a</th><th style="text-align: center">b</th>'
        '<th style="text-align: right">c</th></tr>\n'
        '<tr><td>1</td><td style="text-align: center"><strong>2</strong></td>'
        '<td style="text-align: right">&lt;3&gt;</td></tr>\n</table>\n'
    ),
    "```py\na < b\n\nc\n```": '<pre><code class="language-py">a &lt; b\n\nc</code></pre>\n',
    "[a *b* c](https://x.org/?a=1&b=2)": ('<p><a href="https://x.org/?a=1&amp;b=2">a <em>b</em> c</a></p>\n'),
    "---": "<hr>\n",
    '```a"onclick="b\nx\n```': '<pre><code class="language-a&quot;onclick=&quot;b">x</code></pre>\n',
}


@pytest.mark.parametrize(("source", "html"), CASES.items())
def test_each_kind_of_block(source: str, html: str) -> None:
    assert _html(source) == html


def test_markup_and_links_of_other_schemes_stay_text() -> None:
    read = _read(html_of(parse("<script>alert(1)</script> [x](javascript:alert(1)) <b>")))

    assert read.text.strip() == "<script>alert(1)</script> [x](javascript:alert(1)) <b>"
    assert read.links == []


def test_plain_text_keeps_its_spaces_and_lines() -> None:
    read = _read(html_of(plain_blocks("a   b\n  *c*")))

    assert read.text == "a   b\n  *c*\n"


def test_a_long_code_block_is_one_listing() -> None:
    code = "\n".join(f"line {number}" for number in range(200))
    html = html_of(parse(f"```\n{code}\n```"))

    assert html.count("<pre") == 1
    assert _read(html).text.strip() == code


def test_a_part_of_a_paragraph_keeps_its_styles() -> None:
    (block,) = parse("one **two three** four")

    html = html_of_pieces([Piece(block, 2, 7)])

    assert html == '<p dir="auto">e <strong>two</strong></p>\n'


def test_a_part_of_a_table_row_keeps_to_its_cells() -> None:
    header, row = parse("|ab|cd|\n|-|-|\n|ef|gh|")

    html = html_of_pieces([Piece(header, 1), Piece(row, 0, 4)]).replace(' dir="auto"', "")

    assert html == "<table>\n<tr><th>b</th><th>cd</th></tr>\n<tr><td>ef</td><td>g</td></tr>\n</table>\n"


_SIGNS = st.text("ab <>&\"'\n\t|-*_`#[]()>1.~:!x\\", max_size=120)


@given(_SIGNS)
def test_any_text_is_well_formed_and_says_what_is_read(source: str) -> None:
    blocks = parse(source)

    read = _read(html_of(blocks))

    wanted = "".join(block_text(block) for block in blocks)
    assert "".join(read.text.split()) == "".join(wanted.split())


@given(_SIGNS, st.integers(0, 6), st.integers(0, 6))
def test_any_part_of_any_text_is_well_formed(source: str, start: int, end: int) -> None:
    pieces = [Piece(block) for block in parse(source)]
    if pieces:
        pieces[0] = Piece(pieces[0].block, start)
        last = pieces[-1]
        pieces[-1] = Piece(last.block, last.start, last.start + end)

    _read(html_of_pieces(pieces))


def test_references_are_followed_and_formulas_are_their_source() -> None:
    text = (
        "See **[the *site*][s]**, [s] and [none], [^b] and [^none], $x<y$.\n\n"
        "| [s] | [^b] |\n|---|---|\n| $a$ | b |\n\n$$\nz\n$$\n\n"
        "[s]: https://example.org/?a=1&b=2\n[^b]: The **note**.\n\n    More of it.\n"
    )
    whole = read_message(text)
    html = html_of(whole.blocks, whole.references).replace(' dir="auto"', "").replace(' dir="ltr"', "")
    link = '<a href="https://example.org/?a=1&amp;b=2">'
    assert html == (
        f"<p>See {link}<strong>the </strong><strong><em>site</em></strong></a>, {link}s</a> and [none], "
        "<sup>[1]</sup> and [^none], <code>$x&lt;y$</code>.</p>\n"
        f"<table>\n<tr><th>{link}s</a></th><th><sup>[1]</sup></th></tr>\n"
        "<tr><td><code>$a$</code></td><td>b</td></tr>\n</table>\n"
        '<pre><code class="math">$$\nz\n$$</code></pre>\n'
        '<div role="doc-footnote">[1] The <strong>note</strong>.<p>More of it.</p>\n</div>\n'
    )
    _read(html)


@given(
    st.lists(st.sampled_from(["a", "**b** ", "[s]", "[t][s]", "[^n]", "$x$", "🎉", "*", "[x](http://y.z)"]))
)
def test_any_part_of_a_text_with_references_nests_rightly(parts: list[str]) -> None:
    whole = read_message("".join(parts) + "\n\n[s]: https://a.b\n[^n]: N\n")
    for block in whole.blocks:
        length = len(block_text(block))
        if isinstance(block, Paragraph) and not block.place.containers:
            shown = _read(html_of([block], whole.references)).text
            assert shown.strip() == as_plain([Piece(block)], whole.references).strip()
        for cut in range(length + 1):
            pieces = [Piece(block, 0, cut), Piece(block, cut)]
            for piece in pieces:
                _read(html_of_pieces([piece], whole.references))
