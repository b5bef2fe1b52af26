"""Whatever the text and however it is cut: no error, and the same blocks as the whole."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Block
from aiproxy_desktop.ui.markdown.cleaning import Cleaner, clean
from aiproxy_desktop.ui.markdown.document import StreamingDocument, parse
from aiproxy_desktop.ui.markdown.inline import parse_inline
from aiproxy_desktop.ui.markdown.references import References, arranged

_QUIET = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

# One mark a row, and those that only escapes can write.
_MARKUP = st.sampled_from(
    [
        *("# ", "## x #", "- ", "* ", "+ ", "1. ", "2) ", "> ", "    ", "  ", "\t", "- [x] "),
        *("```", "```py", "~~~", "---", "===", "| a | b |", "|---|:-:|", "|", "\n", "\n\n", "\r", "\r\n"),
        *("**", "*", "_", "~~", "`", "[", "](", ")", "![", "http://x.y/z", "<br>", "<b>", "&lt;", "\\"),
        *(
            "$",
            "$$",
            "$x$",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "```math\n",
            "[^1]",
            "[^1]: ",
            "[a]",
            "][a]",
            "[a]: http://x.y",
        ),
        *("word", "word " * 12, "x" * 40, "é", "e\u0301\u0301", "\u202e", "\u2028", "\x00", "\ud800"),
    ]
)
_TEXTS = st.one_of(st.lists(_MARKUP, max_size=60).map("".join), st.text(max_size=200))
_LONG = st.lists(st.one_of(_MARKUP, _MARKUP.map(lambda mark: mark * 900)), max_size=12).map("".join)


def _streamed(text: str, cuts: Sequence[int]) -> StreamingDocument:
    document = StreamingDocument()
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    seen: list[Block] = []
    for start, end in itertools.pairwise(edges):
        changed = document.append(text[start:end])
        assert list(document.blocks[:changed]) == seen[:changed]
        seen = list(document.blocks)
    changed = document.finish()
    assert list(document.blocks[:changed]) == seen[:changed]
    return document


@_QUIET
@given(st.one_of(_TEXTS, _LONG), st.lists(st.integers(0, 100_000), max_size=30))
def test_any_cutting_gives_the_same_blocks(text: str, cuts: list[int]) -> None:
    assert list(_streamed(text, cuts).blocks) == list(parse(text))


@_QUIET
@given(_TEXTS)
def test_character_by_character_gives_the_same_blocks(text: str) -> None:
    assert list(_streamed(text, range(len(text))).blocks) == list(parse(text))


@_QUIET
@given(_TEXTS, st.integers(0, 300))
def test_what_is_shown_midway_depends_on_the_text_alone(text: str, cut: int) -> None:
    whole, pieces = StreamingDocument(), StreamingDocument()
    whole.append(text)
    pieces.append(text[:cut])
    pieces.append(text[cut:])
    assert list(whole.blocks) == list(pieces.blocks)


@_QUIET
@given(st.text(st.sampled_from("a\u0301\u200b\r\n\x00\u202e\ud800é"), max_size=60), st.integers(0, 60))
def test_cleaning_does_not_depend_on_cuts(text: str, cut: int) -> None:
    cleaner = Cleaner()
    cleaned = cleaner.feed(text[:cut]) + cleaner.feed(text[cut:])
    assert cleaned == clean(text)
    cleaned.encode()
    assert "\u0301" * (limits.COMBINING + 1) not in cleaned


@_QUIET
@given(_TEXTS, st.booleans())
def test_spans_are_ordered_and_within_the_text(text: str, open_end: bool) -> None:
    inline = parse_inline(clean(text), open_end=open_end)
    position = 0
    for span in inline.spans:
        assert position <= span.start < span.end <= len(inline.text)
        assert span.style or span.href
        assert not span.href or span.href.lower().startswith(("http://", "https://", "mailto:"))
        position = span.end
    start = 0
    for name in inline.references:
        assert start <= name.start < name.first < name.last < name.end <= len(inline.text)
        start = name.end


@_QUIET
@given(_TEXTS, st.lists(st.integers(0, 100_000), max_size=20))
def test_references_do_not_depend_on_cuts(text: str, cuts: list[int]) -> None:
    whole, pieces = References(), References()
    blocks = parse(text)
    whole.take(blocks, len(blocks))
    document = StreamingDocument()
    for start, end in itertools.pairwise(sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})):
        document.append(text[start:end])
        pieces.take(document.blocks, document.final)
        pieces.expect(document.blocks)
    document.finish()
    pieces.take(document.blocks, document.final)
    assert list(pieces.notes) == list(whole.notes)
    assert [pieces.number(label) for label in whole.notes] == [whole.number(label) for label in whole.notes]
    assert (pieces.link("a"), pieces.notes) == (whole.link("a"), whole.notes)
    assert arranged(document.blocks, pieces) == arranged(blocks, whole)
    assert sorted(map(repr, arranged(blocks, whole))) == sorted(map(repr, blocks))


@_QUIET
@given(st.one_of(_TEXTS, _LONG))
def test_every_leaf_is_small(text: str) -> None:
    for block in parse(text):
        match block:
            case _ if hasattr(block, "source"):
                assert len(block.source) <= limits.PARAGRAPH + limits.LINE + 1
            case _ if hasattr(block, "raw"):
                assert len(block.raw) <= max(limits.FORMULA, limits.LINE) + 16
            case _ if hasattr(block, "lines"):
                assert sum(map(len, block.lines)) <= 2 * limits.LINE
        assert len(block.place.containers) <= limits.DEPTH
