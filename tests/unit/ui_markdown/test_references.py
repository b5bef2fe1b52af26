"""Links and notes by name: definitions come later, numbers follow the text."""

from __future__ import annotations

import pytest

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Code, Definition, Note, Paragraph, Place
from aiproxy_desktop.ui.markdown.copying import Piece, as_markdown, as_plain
from aiproxy_desktop.ui.markdown.document import StreamingDocument, parse
from aiproxy_desktop.ui.markdown.inline import parse_inline
from aiproxy_desktop.ui.markdown.references import References, arranged


def _named(source: str) -> list[tuple[str, str, str]]:
    inline = parse_inline(source)
    return [
        (inline.text[name.start : name.end], inline.text[name.first : name.last], name.key)
        for name in inline.references
    ]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("[a]", [("[a]", "a", "a")]),
        ("[a][B  c]", [("[a][B  c]", "a", "b c")]),
        ("[A b][]", [("[A b][]", "A b", "a b")]),
        ("[**a** `b`][c]", [("[a b][c]", "a b", "c")]),
        ("x[^1] y[^Long-One].", [("[^1]", "^1", "^1"), ("[^Long-One]", "^Long-One", "^long-one")]),
        ("[a](https://b.c) `[d]` ![e] \\[f]", []),
        ("[a [b] c](https://d.e)", []),
        ("[]", []),
        ("[" + "x" * (limits.LABEL + 1) + "]", []),
        ("[a][^1]", [("[a]", "a", "a"), ("[^1]", "^1", "^1")]),
    ],
)
def test_a_text_names_its_references(source: str, names: list[tuple[str, str, str]]) -> None:
    assert _named(source) == names


def test_definitions_are_leaves_of_their_own() -> None:
    blocks = parse("[a]: https://b.c 'T'\n[D  e]: <https://f.g>\n\n[h]: javascript:x\n")
    assert [(block.label, block.href) for block in blocks if isinstance(block, Definition)] == [
        ("a", "https://b.c"),
        ("d e", "https://f.g"),
    ]
    assert blocks[-1] == Paragraph(Place(spaced=True), "[h]: javascript:x")
    inside = parse("text\n[a]: https://b.c\n\n- [d]: https://e.f")
    assert not any(isinstance(block, Definition) for block in inside)


def test_a_note_holds_leaves() -> None:
    blocks = parse("[^A]: one\nlazily\n\n    two\n\n        code\n\nbehind")
    note = (Note("a"),)
    assert list(blocks) == [
        Paragraph(Place(note, 1), "one\nlazily"),
        Paragraph(Place(note, 0, spaced=True), "two"),
        Code(Place(note, 0, spaced=True), "", ("code",), closed=True, fenced=False),
        Paragraph(Place(spaced=True), "behind"),
    ]


def test_numbers_follow_the_first_mentions() -> None:
    blocks = parse("see [^b] and [^a], [^b]\n\n[^a]: A\n[^c]: C\n[^b]: B\n")
    references = References()
    references.take(blocks, len(blocks))
    assert {label: references.number(label) for label in "abcd"} == {"b": 1, "a": 2, "c": 3, "d": None}
    assert references.first_mention("a") == 0
    assert references.first_mention("c") is None
    texts = [block.source for block in arranged(blocks, references) if isinstance(block, Paragraph)]
    assert texts == ["see [^b] and [^a], [^b]", "B", "A", "C"]


def test_only_leaves_that_name_it_are_read_again() -> None:
    document = StreamingDocument()
    document.append("one [a]\n\ntwo [^1] `[^2]`\n\nthree\n\nfour [b][a] [^2]\n\n")
    references = References()
    assert references.take(document.blocks, document.final) == set()
    document.append("[a]: https://b.c\n\n")
    assert references.take(document.blocks, document.final) == {0, 3}
    assert references.link("a") == "https://b.c"
    document.append("[^2]: note\n\n")
    assert references.take(document.blocks, document.final) == {3, 5}
    assert references.number("2") == 1
    document.append("[^1]: before")
    # Its label is all there although its text is not: it is numbered at once.
    assert references.expect(document.blocks) == {1, 3, 5, 6}
    assert (references.number("1"), references.number("2")) == (1, 2)
    document.append(" it\n[a]: https://other.example\n[^1]: again\n")
    document.finish()
    assert references.take(document.blocks, document.final) == set()
    assert references.link("a") == "https://b.c"


def test_definitions_are_bounded() -> None:
    many = limits.DEFINITIONS + 5
    text = "".join(f"[^n{n}]: x\n[l{n}]: https://a.b/{n}\n\n" for n in range(many))
    references = References()
    blocks = parse(text)
    references.take(blocks, len(blocks))
    assert len(references.notes) == limits.DEFINITIONS
    assert references.link(f"l{many - 1}") == ""
    assert len(arranged(blocks, references)) == len(blocks)


def test_copying_keeps_definitions_and_marks() -> None:
    text = "see [^a] and [b]\n\n[b]: https://c.d\n\n[^a]: A note\n\n    with more"
    pieces = [Piece(block) for block in parse(text)]
    assert as_markdown(pieces) == text
    assert as_plain(pieces) == "see [^a] and [b]\n\n[^a]: A note\n\n    with more"
    numbered = Piece(Paragraph(Place((Note("a", 1),), 1), "A note"))
    assert as_plain([numbered]) == "1. A note"
