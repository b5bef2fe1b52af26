"""Ordinary Markdown means here what it means to a CommonMark implementation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aiproxy_desktop.ui.markdown.blocks import Block, Code, Heading, Paragraph, Rule, TableRow
from aiproxy_desktop.ui.markdown.document import parse
from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, ITALIC, STRIKE, parse_inline

_REFERENCE = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_STYLES = {"strong": BOLD, "em": ITALIC, "s": STRIKE}


def _ours(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for block in blocks:
        match block:
            case Paragraph() if block.source:
                found.append(("paragraph", parse_inline(block.source).text))
            case Heading():
                found.append((f"h{block.level}", parse_inline(block.source).text))
            case Code() if block.first:
                found.append(("code", "\n".join(block.lines)))
            case Code():
                found[-1] = ("code", found[-1][1] + "\n" + "\n".join(block.lines))
            case TableRow():
                found += [("cell", parse_inline(cell).text) for cell in block.cells]
            case Rule():
                found.append(("rule", ""))
    return found


def _theirs(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    kind = ""
    for token in _REFERENCE.parse(text):
        if token.type.endswith("_open"):
            kind = token.tag if token.type == "heading_open" else token.type.removesuffix("_open")
            kind = "cell" if kind in {"td", "th"} else kind
        elif token.type == "inline":
            found.append((kind, _text(token.children or [])))
        elif token.type in {"fence", "code_block"}:
            found.append(("code", token.content.removesuffix("\n")))
        elif token.type == "hr":
            found.append(("rule", ""))
    return found


def _text(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif token.type == "image":
            parts.append(_text(token.children or []))
        else:
            parts.append(token.content)
    return "".join(parts)


DOCUMENT = """# Title

A paragraph with **bold**, *italic*, `code` and [a link](https://example.org "t").
It goes on.

1. first
2. second
   with more

   and a paragraph
   - nested
     - deeper
3. third

> quoted
still quoted
>
> - in a quote
>   more

```python
def f():
    return 1

```

~~~
tilde
~~~

| a | b |
|---|---|
| 1 | 2 |
| 3 | 4 |

Setext
------

    indented code

      deeper

* * *

+ plus
+ list
"""


def test_a_document_of_everything() -> None:
    assert _ours(parse(DOCUMENT)) == _theirs(DOCUMENT)


@pytest.mark.parametrize("start", range(0, len(DOCUMENT), 40))
def test_a_document_that_stops_anywhere(start: int) -> None:
    text = DOCUMENT[:start]
    if text.rstrip(" ").endswith("|"):
        text += "\n"
    assert _ours(parse(text)) == _theirs(text)


_WORDS = st.text("ab .,!é", min_size=1, max_size=8)
_INLINE = st.lists(st.one_of(_WORDS, st.sampled_from(["*", "**", "_", "__", "`", "~~", "\\*"])), max_size=14)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(_INLINE.map("".join))
def test_emphasis_is_paired_as_commonmark_pairs_it(source: str) -> None:
    source = "x" + source.strip() + "x"
    assume("~~~" not in source)  # GitHub makes nothing of three tildes, the reference something
    inline = parse_inline(source)
    ours = [0] * len(inline.text)
    for span in inline.spans:
        ours[span.start : span.end] = [span.style] * (span.end - span.start)
    text, theirs = _styles(source)
    assert inline.text == text
    assert ours == theirs


def _styles(source: str) -> tuple[str, list[int]]:
    text, styles, style = "", list[int](), 0
    outer: list[int] = []
    for token in _REFERENCE.parseInline(source)[0].children or []:
        name = token.tag
        if token.nesting == 1:
            # Nested marks of one kind are one mark to the eye.
            outer.append(style)
            style |= _STYLES[name]
        elif token.nesting == -1:
            style = outer.pop()
        else:
            content = token.content
            text += content
            styles += [style | (CODE if token.type == "code_inline" else 0)] * len(content)
    return text, styles
