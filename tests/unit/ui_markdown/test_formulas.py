"""Maths in Markdown: what is a formula, what is money, and what becomes of formulas nobody closed."""

from __future__ import annotations

import pytest

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Block, Code, Formula, Item, Paragraph, Place
from aiproxy_desktop.ui.markdown.copying import Piece, as_markdown, as_plain
from aiproxy_desktop.ui.markdown.document import StreamingDocument, parse
from aiproxy_desktop.ui.markdown.formulas import Latex, latex_of
from aiproxy_desktop.ui.markdown.inline import CODE, MATH, parse_inline


def _formulas(source: str, *, open_end: bool = False) -> list[str]:
    inline = parse_inline(source, open_end=open_end)
    return [inline.text[span.start : span.end] for span in inline.spans if span.style & MATH]


@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("$x$", ["$x$"]),
        ("the $n$th of $a_1$, $a_2$ and **$y*z*$**", ["$n$", "$a_1$", "$a_2$", "$y*z*$"]),
        (r"\(a_b\) and \[c\] and $$d$$", [r"\(a_b\)", r"\[c\]", "$$d$$"]),
        ("$$a$$$$b$$", []),
        (r"$\$5$ of $\text{a\$b}$", [r"$\$5$", r"$\text{a\$b}$"]),
        ("$`a*b`$", ["$`a*b`$"]),
        ("$$a\nb$$ and \\(c\nd\\)", ["$$a\nb$$", "\\(c\nd\\)"]),
        (r"\(\begin{cases} a \\ b \end{cases}\)", [r"\(\begin{cases} a \\ b \end{cases}\)"]),
    ],
)
def test_formulas_stand_in_one_span(source: str, formulas: list[str]) -> None:
    assert _formulas(source) == formulas


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10.",
        "$5-$10, US$5, AU$6",
        "$10, or **$x",
        "$20,000 ($5)",
        "$HOME/$USER",
        "`$x$` and $5 `a$b`",
        "$ x$ and $x $",
        r"\$x\$",
        "$x",
        "$$x",
        "$$$$ $$ $$",
        r"\(x and \[y",
        r"\[1\] \[2, 3\] \[ \] \[a\](b) \[a\]: b",
        "$" + "x" * limits.FORMULA + "$",
    ],
)
def test_money_and_open_marks_stay_text(source: str) -> None:
    assert _formulas(source) == []
    assert _formulas(source, open_end=True) == []


def test_code_is_no_formula_and_a_formula_no_code() -> None:
    spans = parse_inline("`$a$` $b_c_d$").spans
    assert [span.style for span in spans] == [CODE, MATH]


@pytest.mark.parametrize(
    ("raw", "latex"),
    [
        ("$x$", Latex("x", display=False)),
        ("$`x`$", Latex("x", display=False)),
        (r"\(x\)", Latex("x", display=False)),
        ("$$ x $$", Latex("x", display=True)),
        ("\\[\nx\n\\]", Latex("x", display=True)),
        ("```math\nx\n```", Latex("x", display=True)),
    ],
)
def test_marks_come_off(raw: str, latex: Latex) -> None:
    assert latex_of(raw) == latex


TOP = Place()
ITEM = Item()


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("$$\nx\n$$", [Formula(TOP, "$$\nx\n$$")]),
        ("$$ x $$", [Formula(TOP, "$$ x $$")]),
        ("$$x\n  + y$$", [Formula(TOP, "$$x\n+ y$$")]),
        ("\\[\nx\n- y\n\\]", [Formula(TOP, "\\[\nx\n- y\n\\]")]),
        ("a\n$$x$$\nb", [Paragraph(TOP, "a"), Formula(TOP, "$$x$$"), Paragraph(TOP, "b")]),
        ("$$x$$ is", [Paragraph(TOP, "$$x$$ is")]),
        ("\\[\nx\n\\] where\ny", [Paragraph(TOP, "\\[\nx\n\\] where\ny")]),
        ("\\[1\\]", [Paragraph(TOP, "\\[1\\]")]),
        ("$$\nx", [Paragraph(TOP, "$$\nx")]),
        ("```math\nx\n```", [Formula(TOP, "```math\nx\n```")]),
        ("~~~math\nx\n~~~", [Formula(TOP, "```math\nx\n```")]),
        ("$$\nx\n\n# y", [Paragraph(TOP, "$$\nx")]),
        ("$$$\nx", [Paragraph(TOP, "$$$\nx")]),
        (
            "- a\n  $$\n  x\n  $$",
            [Paragraph(Place((ITEM,), 1), "a"), Formula(Place((ITEM,)), "$$\nx\n$$")],
        ),
    ],
)
def test_blocks(source: str, blocks: list[Block]) -> None:
    assert list(parse(source))[: len(blocks)] == blocks


def test_a_formula_that_never_ends_does_not_swallow_the_rest() -> None:
    blocks = parse("$$ is the shell's process number.\nAnd so on.\n\n- an item")
    assert [type(block) for block in blocks] == [Paragraph, Paragraph]
    long = parse("$$\n" + "x\n" * limits.FORMULA + "\n- an item")
    assert not any(isinstance(block, Formula) for block in long)
    assert blocks[-1].place.containers
    assert long[-1].place.containers


def test_a_fence_of_maths_is_code_while_it_is_open() -> None:
    document = StreamingDocument()
    document.append("```math\nx\n")
    assert isinstance(document.blocks[0], Code)
    document.append("```\n")
    document.finish()
    assert list(document.blocks) == [Formula(TOP, "```math\nx\n```")]


def test_an_open_formula_says_so() -> None:
    document = StreamingDocument()
    document.append("$$\nx = ")
    assert list(document.blocks) == [Formula(TOP, "$$\nx =", closed=False)]
    document.append("1\n$$\n")
    assert list(document.blocks) == [Formula(TOP, "$$\nx = 1\n$$")]


def test_copying_brings_the_source() -> None:
    text = "a $x_1$ b\n\n$$\ny\n$$\n\n```math\nz\n```"
    pieces = [Piece(block) for block in parse(text)]
    assert as_markdown(pieces) == text
    assert as_plain(pieces) == text
    assert as_markdown([Piece(pieces[0].block, 2, 7)]) == "$x_1$"
    assert as_markdown([Piece(pieces[1].block, 0, None)]) == "$$\ny\n$$"
