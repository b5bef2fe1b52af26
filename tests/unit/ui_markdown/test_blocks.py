"""The block structure of Markdown, leaf by leaf."""

from __future__ import annotations

import pytest

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import (
    Alignment,
    Block,
    Code,
    Heading,
    Item,
    Paragraph,
    Place,
    Quote,
    Rule,
    TableRow,
)
from aiproxy_desktop.ui.markdown.document import StreamingDocument, parse

TOP = Place()
SPACED = Place(spaced=True)


def _place(*containers: Quote | Item, opened: int = 0, spaced: bool = False) -> Place:
    return Place(containers, opened, spaced)


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("\n\n", []),
        ("one\ntwo", [Paragraph(TOP, "one\ntwo")]),
        ("one\n\ntwo", [Paragraph(TOP, "one"), Paragraph(SPACED, "two")]),
        ("# One #", [Heading(TOP, 1, "One")]),
        ("###### six", [Heading(TOP, 6, "six")]),
        ("####### seven", [Paragraph(TOP, "####### seven")]),
        ("#hash", [Paragraph(TOP, "#hash")]),
        ("One\n===", [Heading(TOP, 1, "One")]),
        ("One\n---", [Heading(TOP, 2, "One")]),
        ("***", [Rule(TOP)]),
        ("- - -", [Rule(TOP)]),
        ("**bold** start", [Paragraph(TOP, "**bold** start")]),
        ("    code\n\n      more", [Code(TOP, "", ("code", "", "  more"), closed=True, fenced=False)]),
        ("List<String> and <div>", [Paragraph(TOP, "List<String> and <div>")]),
        ("<div>\n**b**\n</div>", [Paragraph(TOP, "<div>\n**b**\n</div>")]),
    ],
)
def test_leaves(text: str, blocks: list[Block]) -> None:
    assert list(parse(text)) == blocks


def test_lists_nest_and_count_on() -> None:
    text = "1. one\n1. two\n   - sub\n\n     more\n2) other\n\nend"
    two = Item(2, ".")
    assert list(parse(text)) == [
        Paragraph(_place(Item(1, "."), opened=1), "one"),
        Paragraph(_place(two, opened=1), "two"),
        Paragraph(_place(two, Item(), opened=1), "sub"),
        Paragraph(_place(two, Item(), spaced=True), "more"),
        Paragraph(_place(Item(2, ")"), opened=1), "other"),
        Paragraph(SPACED, "end"),
    ]


def test_tasks() -> None:
    assert list(parse("- [x] done\n- [ ] open\n- [y] text")) == [
        Paragraph(_place(Item(checked=True), opened=1), "done"),
        Paragraph(_place(Item(checked=False), opened=1), "open"),
        Paragraph(_place(Item(), opened=1), "[y] text"),
    ]


def test_an_empty_item_is_shown_and_filled_by_the_next_line() -> None:
    assert list(parse("-\n\nend")) == [
        Paragraph(_place(Item(), opened=1), ""),
        Paragraph(SPACED, "end"),
    ]
    assert list(parse("-\n  text")) == [Paragraph(_place(Item(), opened=1), "text")]


def test_a_number_in_a_paragraph_begins_no_list() -> None:
    assert list(parse("It was\n1986. A good year.")) == [Paragraph(TOP, "It was\n1986. A good year.")]
    assert len(parse("It was\n1. A good year.")) == 2


def test_quotes_hold_blocks_and_go_on_lazily() -> None:
    assert list(parse("> one\ntwo\n> > three\n> - four")) == [
        Paragraph(_place(Quote(), opened=1), "one\ntwo"),
        Paragraph(_place(Quote(), Quote(), opened=1), "three"),
        Paragraph(_place(Quote(), Item(), opened=1), "four"),
    ]


def test_fences() -> None:
    text = "~~~ {.python}\nx\n```\n~~~\n````sql\n```\n````"
    assert list(parse(text)) == [
        Code(TOP, "python", ("x", "```"), closed=True),
        Code(TOP, "sql", ("```",), closed=True),
    ]
    # Not a fence: a backtick in its info string.
    assert list(parse("``` a`b")) == [Paragraph(TOP, "``` a`b")]


def test_a_fence_in_an_item_ends_with_the_item() -> None:
    assert list(parse("- ```\n  a\n\n    b\nend")) == [
        Code(_place(Item(), opened=1), "", ("a", "", "  b"), closed=True),
        Paragraph(TOP, "end"),
    ]


def test_an_open_fence_is_open_until_the_text_ends() -> None:
    document = StreamingDocument()
    document.append("```py\nx = 1\ny")
    block = document.blocks[0]
    assert isinstance(block, Code)
    assert (block.lines, block.closed) == (("x = 1", "y"), False)
    document.finish()
    block = document.blocks[0]
    assert isinstance(block, Code)
    assert block.closed


def test_long_code_comes_in_several_leaves_that_make_up_the_whole() -> None:
    lines = [f"line {number}" for number in range(100)]
    leaves = [block for block in parse("```\n" + "\n".join(lines) + "\n```") if isinstance(block, Code)]
    assert [line for leaf in leaves for line in leaf.lines] == lines
    assert [leaf.first for leaf in leaves] == [True, False, False, False]
    assert [leaf.last for leaf in leaves] == [False, False, False, True]
    assert [leaf.number for leaf in leaves] == [0, 32, 64, 96]


def test_tables() -> None:
    text = "Before\n| a | b |\n|:--|--:|\n| 1 | 2 | 3 |\n| x\\|y |\nafter"
    columns: tuple[Alignment, ...] = ("left", "right")
    assert list(parse(text)) == [
        Paragraph(TOP, "Before"),
        TableRow(TOP, ("a", "b"), columns, 0),
        TableRow(TOP, ("1", "2 | 3"), columns, 1),
        TableRow(TOP, ("x|y", ""), columns, 2),
        Paragraph(TOP, "after"),
    ]


def test_a_table_too_wide_to_read_stays_text() -> None:
    columns = limits.COLUMNS + 1
    text = "|" + "a|" * columns + "\n|" + "-|" * columns
    assert list(parse(text)) == [Paragraph(TOP, text)]


def test_long_lines_and_paragraphs_are_cut_and_lose_nothing() -> None:
    line = "word " * 5000
    blocks = [block for block in parse(line) if isinstance(block, Paragraph)]
    assert len(blocks) > 5
    assert all(block.place.glued for block in blocks[1:])
    assert "".join(block.source + " " for block in blocks).split() == line.split()
    many = "\n".join(["some words"] * 2000)
    blocks = [block for block in parse(many) if isinstance(block, Paragraph)]
    assert "\n".join(block.source for block in blocks) == many
    assert not any(block.place.glued for block in blocks)


def test_containers_beyond_the_depth_are_text() -> None:
    last = parse(">" * 50 + " deep")[-1]
    assert isinstance(last, Paragraph)
    assert len(last.place.containers) == limits.DEPTH
    assert last.source == ">" * (50 - limits.DEPTH) + " deep"


def test_text_beyond_the_limit_is_counted_and_left_out() -> None:
    document = StreamingDocument()
    document.append("a\n\n" * (limits.MESSAGE // 3))
    assert document.append("beyond the limit") == len(document.blocks) - 1 or document.omitted
    assert document.omitted == 15
    assert document.append("more") == len(document.blocks)


@pytest.mark.parametrize("start", ["-", "1", "12.", "#", "```", "|", "* ", "- [", ">", "==="])
def test_what_may_become_anything_is_not_shown_yet(start: str) -> None:
    document = StreamingDocument()
    document.append("Text\n\n")
    shown = list(document.blocks)
    document.append(start)
    assert list(document.blocks) == shown
    document.finish()
    assert list(document.blocks) == list(parse("Text\n\n" + start))


def test_closed_blocks_are_the_same_objects_for_good() -> None:
    document = StreamingDocument()
    document.append("# One\n\ntwo\n\n- three\n")
    before = list(document.blocks)
    for _ in range(50):
        changed = document.append("more *words* to it ")
        assert changed == 2
        assert all(now is then for now, then in zip(document.blocks[:2], before[:2], strict=True))
