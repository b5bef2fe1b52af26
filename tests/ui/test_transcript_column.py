"""Whatever happens to a column, in whatever order: what is shown hangs together, no view is moved."""

from __future__ import annotations

import gc
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.ui.chat.transcript.column import BOTTOM, TOP, Column
from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, MessageState, TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.theme.tokens import load_themes

# Id of the message that is still being written.
_LIVE: Final = "2"

_TEXTS = st.sampled_from(
    [
        *("word ", "**bold", "\n\n", "- item\n", "```py\n", "x = 1\n", "```\n", "\n> quote\n", "# Title\n"),
        *("| a | b |\n|---|---|\n", "| 1 | 2 |\n", "long text " * 80, "paragraph\n\n" * 30),
    ]
)
_STATES = st.sampled_from(["complete", "streaming", "interrupted", "failed"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), _TEXTS),
        st.tuples(st.just("reason"), _TEXTS),
        st.tuples(st.just("state"), _STATES),
        st.tuples(st.just("message"), st.sampled_from(["user", "assistant"])),
        st.tuples(st.just("scroll"), st.integers(-3000, 3000)),
        st.tuples(st.just("jump"), st.integers(0, 20_000)),
        st.tuples(st.just("width"), st.integers(220, 720)),
        st.tuples(st.just("height"), st.integers(50, 900)),
        st.tuples(st.just("reveal"), st.integers(0, 30)),
        st.tuples(st.just("open"), st.integers(0, 30)),
        st.tuples(st.just("theme"), st.integers(0, 1)),
        st.tuples(st.just("before"), st.integers(1, 5)),
        st.tuples(st.just("branch"), st.integers(0, 4)),
    ),
    max_size=40,
)


class _Played:
    """A column, and the steps that can be taken with it."""

    def __init__(self) -> None:
        self.column = Column(Sheet(load_themes()[0]))
        self.column.view_height = 500
        long = "Some paragraph of words.\n\n" * 40
        self.column.set_messages(
            [TranscriptMessage("0", "user", "Why?"), TranscriptMessage("1", "assistant", long)]
        )
        self.column.append(TranscriptMessage("2", "assistant", "", state="streaming"))
        self.texts = ""
        self.made = 3
        self.column.settle()

    @property
    def live(self) -> int:
        """Index of the message that is still being written."""
        index = self.column.index_of(_LIVE)
        assert index is not None
        return index

    def take(self, step: str, value: Any) -> None:
        getattr(self, step)(value)
        self.column.settle()

    def append(self, text: str) -> None:
        self.texts += text
        self.column.views[self.live].append_text(text)
        self.column.changed(self.live)

    def reason(self, text: str) -> None:
        self.column.views[self.live].append_reasoning(text)
        self.column.changed(self.live)

    def state(self, state: MessageState) -> None:
        view = self.column.views[self.live]
        error = ErrorCard("It failed", "Try again.", "why") if state == "failed" else None
        view.update(TranscriptMessage("2", "assistant", view.text, view.reasoning, state, "facts", error))
        self.column.changed(self.live)

    def message(self, role: Role) -> None:
        self.column.append(self.fresh(role, "More of it. " * 30))

    def fresh(self, role: Role, text: str) -> TranscriptMessage:
        self.made += 1
        return TranscriptMessage(str(self.made), role, text)

    def before(self, count: int) -> None:
        self.column.prepend([self.fresh("assistant", "Earlier words.\n\n" * 9) for _ in range(count)])

    def branch(self, count: int) -> None:
        others = [self.fresh("assistant", "Other words. " * 40) for _ in range(count)]
        self.column.replace_from(self.live + 1, others)

    def scroll(self, delta: int) -> None:
        self.column.scroll_by(delta)

    def jump(self, place: int) -> None:
        self.column.scroll_to(place)

    def width(self, width: int) -> None:
        self.column.set_width(width)

    def height(self, height: int) -> None:
        self.column.view_height = height

    def reveal(self, message: int) -> None:
        self.column.reveal(message % len(self.column.views))

    def open(self, message: int) -> None:
        message %= len(self.column.views)
        self.column.views[message].toggle_reasoning()
        self.column.changed(message)

    def theme(self, theme: int) -> None:
        self.column.set_sheet(Sheet(load_themes()[theme]))

    def check(self) -> None:
        column = self.column
        assert 0 <= column.value <= column.most or column.total <= column.view_height
        y = column.shown[0].top
        assert y <= TOP
        for shown in column.shown:
            piece = column.piece(shown.message, shown.piece)
            assert piece.exact
            assert shown.top == y
            y += piece.height
        assert y + BOTTOM >= column.view_height or column.total <= column.view_height
        if column.following:
            assert column.value == column.most
        assert all(column.index_of(view.id) == index for index, view in enumerate(column.views))
        assert column.total == TOP + BOTTOM + sum(view.height for view in column.views)


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(_STEPS)
def test_it_hangs_together(qapp: object, steps: list[tuple[str, Any]]) -> None:
    del qapp
    played = _Played()
    for step, value in steps:
        before = list(played.column.shown)
        followed = played.column.following
        live = played.live
        played.take(step, value)
        played.check()
        if step in {"append", "message", "branch"} and not followed and before[-1].message < live:
            assert played.column.shown == before
        if step == "before" and not followed:
            here = [(shown.message + value, shown.piece, shown.top) for shown in before]
            now = [(shown.message, shown.piece, shown.top) for shown in played.column.shown]
            assert now[-len(here) :] == here or here[0][2] > 0
    assert played.column.views[played.live].text == played.texts


def test_what_almost_fits_is_followed_to_its_very_end() -> None:
    column = Column(Sheet(load_themes()[0]))
    column.view_height = 2000
    column.set_messages([TranscriptMessage("0", "user", "Why?"), TranscriptMessage("1", "assistant", "So.")])
    column.settle()
    whole = column.total
    for height in range(whole - 2 * TOP, whole + TOP):
        column.view_height = height
        column.settle()
        assert column.value == column.most, height


def test_a_message_that_was_never_looked_at_is_one_object(qapp: object) -> None:
    """For the garbage collector, which walks them all."""
    messages = [TranscriptMessage(str(number), "assistant", "Words.") for number in range(2000)]
    column = Column(Sheet(load_themes()[0]))
    gc.collect()
    before = len(gc.get_objects())
    column.set_messages(messages)
    assert len(gc.get_objects()) - before < 2100
