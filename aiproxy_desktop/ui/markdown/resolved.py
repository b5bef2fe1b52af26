"""A text whose references are followed: what is read instead of them, and where it leads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from aiproxy_desktop.ui.markdown.inline import Inline, Reference, Span, parse_inline


class Names(Protocol):
    """Where references lead."""

    def link(self, label: str) -> str:
        """An address, or ""."""

    def number(self, label: str) -> int | None:
        """The number of a note."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the read text; `shown` stands there instead of it: the number of a `note`, or nothing."""

    span: Span
    shown: str | None = None
    note: str = ""


def resolved(inline: Inline, names: Names | None) -> Iterator[Part]:
    """The styled stretches of a text, cut where references begin and end.

    Without `names` no reference leads anywhere.
    """
    edits = [] if names is None else list(_edits(inline, names))
    if not edits:
        yield from map(Part, inline.spans)
        return
    edges = sorted({edge for edit in edits for edge in (edit.span.start, edit.span.end)})
    spans = list(_split(inline.spans, edges))
    for edit in edits:
        first = bisect_left(spans, edit.span.start, key=lambda span: span.start)
        last = bisect_left(spans, edit.span.end, key=lambda span: span.start)
        inside = spans[first:last]
        if edit.shown is not None:
            spans[first:last] = [edit.span]
            continue
        # What is linked keeps its styles; what lies between them is linked too.
        spans[first:last] = list(_linked(inside, edit.span))
    instead = {(edit.span.start, edit.span.end): edit for edit in edits if edit.shown is not None}
    for span in spans:
        yield instead.get((span.start, span.end), Part(span))


def _edits(inline: Inline, names: Names) -> Iterator[Part]:
    linked = [span for span in inline.spans if span.href]
    for reference in inline.references:
        after = bisect_left(linked, reference.end, key=lambda span: span.start)
        if after and linked[after - 1].end > reference.start:
            continue
        if reference.note:
            number = names.number(reference.label)
            if number is not None:
                yield Part(Span(reference.start, reference.end, 0), str(number), reference.label)
            continue
        href = names.link(reference.label)
        if href:
            yield from _unbracketed(reference, href)


def _unbracketed(reference: Reference, href: str) -> Iterator[Part]:
    yield Part(Span(reference.start, reference.first, 0), "")
    yield Part(Span(reference.first, reference.last, 0, href))
    yield Part(Span(reference.last, reference.end, 0), "")


def _split(spans: tuple[Span, ...], edges: list[int]) -> Iterator[Span]:
    """Spans cut at the edges; both in order."""
    for span in spans:
        start = span.start
        index = bisect_left(edges, start + 1)
        while index < len(edges) and edges[index] < span.end:
            yield replace(span, start=start, end=edges[index])
            start = edges[index]
            index += 1
        yield replace(span, start=start)


def _linked(inside: list[Span], link: Span) -> Iterator[Span]:
    position = link.start
    for span in inside:
        if span.start > position:
            yield Span(position, span.start, 0, link.href)
        yield replace(span, href=link.href)
        position = span.end
    if position < link.end:
        yield Span(position, link.end, 0, link.href)


def read(source: str, names: Names | None = None, start: int = 0, end: int | None = None) -> str:
    """Inline Markdown as it is read: what links by name are called, and the numbers of notes in brackets.

    `start` and `end` count characters of the text before references are followed.
    """
    inline = parse_inline(source)
    end = len(inline.text) if end is None else end
    if names is None or not inline.references:
        return inline.text[start:end]
    out: list[str] = []
    position = start
    for part in resolved(inline, names):
        if part.shown is None:
            continue
        out.append(inline.text[position : min(end, part.span.start)])
        if part.note and part.span.start < end and part.span.end > start:
            out.append(f"[{part.shown}]")
        position = max(position, part.span.end)
    out.append(inline.text[position:end])
    return "".join(out)
