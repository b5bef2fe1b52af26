"""Text that changed is laid out as if it had never been anything else, and the start of it not at all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout

from aiproxy_desktop.ui.chat.transcript import flow as flow_module
from aiproxy_desktop.ui.chat.transcript.display import inline_display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow
from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.chat.transcript.sheet import metrics, styled_font
from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, parse_inline

_QUIET = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
_PARTS = st.sampled_from(
    ["word ", "a", "long" * 30, "x" * 700, "\n", "**", "`", "é ", "🎉", "שלום ", "word " * 120, "\u0301", " "]
)
_TEXT = st.lists(_PARTS, max_size=20).map("".join)


def _flow(*, listing: bool = False) -> TextFlow:
    flow = TextFlow(styled_font("reading", 0), metrics("reading"))
    if listing:
        flow.set_listing(wrap=False)
    return flow


def _formats() -> dict[int, QTextCharFormat]:
    made = {}
    for style in (BOLD, CODE):
        made[style] = QTextCharFormat()
        made[style].setFont(styled_font("reading", style))
    return made


def _set(flow: TextFlow, source: str, width: int, formats: dict[int, QTextCharFormat]) -> None:
    display = inline_display(parse_inline(source), padded=True)
    stretches = [
        Stretch(run.start, run.length, formats[style], chip=style == CODE)
        for run in display.runs
        if (style := run.style & (BOLD | CODE)) in formats
    ]
    flow.set(display.text, stretches, width)


@_QUIET
@given(st.lists(_TEXT, min_size=1, max_size=5), st.booleans(), st.booleans(), st.integers(60, 700))
def test_lines_do_not_depend_on_what_was_before(
    qapp: object, texts: list[str], grows: bool, listing: bool, width: int
) -> None:
    del qapp
    formats = _formats()
    flow, source = _flow(listing=listing), ""
    for text in texts:
        source = source + text if grows else text
        _set(flow, source, width, formats)
    fresh = _flow(listing=listing)
    _set(fresh, source, width, formats)
    assert flow.lines == fresh.lines
    if listing:
        assert flow.lines == 1 + flow.text.count("\u2028")
    assert flow.end_point() == fresh.end_point()
    for line in range(fresh.lines):
        for x in (0, width // 2, width):
            assert flow.position_at(x, line * 24 + 5) == fresh.position_at(x, line * 24 + 5)


class _Counting(QTextLayout):
    laid_out = 0

    def __init__(self, text: str, font: QFont) -> None:
        super().__init__(text, font)
        _Counting.laid_out += len(text)


def test_growing_text_is_laid_out_at_its_end_only(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    del qapp
    monkeypatch.setattr(flow_module, "QTextLayout", _Counting)
    flow, text = _flow(), ""
    for number in range(600):
        text += f"word{number} and some more of it, "
        _Counting.laid_out = 0
        flow.set(text, (), 600)
        assert _Counting.laid_out <= 3 * flow_module.WINDOW


def test_released_lines_come_again(qapp: object) -> None:
    del qapp
    flow = _flow()
    flow.set(plain_display("some words to break " * 300).text, (), 500)
    boxes, height = flow.rectangles(0, 4000), flow.height
    flow.release()
    assert flow.height == height
    assert flow.rectangles(0, 4000) == boxes


@_QUIET
@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 500)), max_size=20),
    st.integers(0, 60),
    st.integers(0, 40_000),
)
def test_heights_add_up(heights: list[int], changes: list[tuple[int, int]], keep: int, y: int) -> None:
    index = HeightIndex(heights)
    for position, height in changes:
        if position < len(heights):
            heights[position] = height
            index.set(position, height)
    del heights[max(1, keep) :]
    index.truncate(max(1, keep))
    index.append(7)
    heights.append(7)
    assert index.total == sum(heights)
    assert [index.top(position) for position in range(len(heights))] == [
        sum(heights[:position]) for position in range(len(heights))
    ]
    found, within = index.find(y)
    if y < sum(heights):
        assert index.top(found) + within == y
        assert within < heights[found]
    else:
        assert found == len(heights) - 1
