from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.compare.figures import (
    badges,
    column_facts,
    facts_that_fit,
    heading,
    money,
    still_writing,
)

ASKED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WRITING = StoredMessage("a", "c", "q", "assistant", "", ASKED, status="streaming")


def after(seconds: float) -> datetime:
    return ASKED + timedelta(seconds=seconds)


def done(seconds: float, cost: float | None = None) -> StoredMessage:
    return replace(
        WRITING,
        status="complete",
        first_token_at=after(seconds / 2),
        finished_at=after(seconds),
        usage=Usage(10, 100),
        cost=cost,
    )


def test_all_that_is_known_of_an_answer_stands_on_one_line() -> None:
    assert column_facts(done(4.0, 0.005), after(9)) == (
        "4.0 s · 2.0 s to first · 50 tok/s · 100 tokens · $0.0050"
    )
    assert column_facts(done(4.0, 0.0), after(9)).endswith("Free")
    assert column_facts(done(4.0), after(9)).endswith("Cost unknown")


def test_one_that_writes_tells_how_long_it_has_taken() -> None:
    assert column_facts(WRITING, after(1.5)) == "1.5 s"
    assert column_facts(WRITING, ASKED) == "0.1 s"


@pytest.mark.parametrize(
    ("cost", "words"),
    [(0.0, "Free"), (0.00001, "under $0.0001"), (0.0123, "$0.0123"), (1234.5, "$1,234.50")],
)
def test_nothing_is_free_by_rounding(cost: float, words: str) -> None:
    assert money(cost) == words


def test_the_fastest_is_the_one_that_no_other_can_overtake() -> None:
    assert badges([done(4), done(1.4), WRITING], after(5)) == ("done", "fastest", "writing")
    # Asked again a second ago, it may still be the quicker one.
    late = replace(WRITING, created_at=after(4.5))
    assert badges([done(4), late], after(5)) == ("done", "writing")
    assert badges([done(4)], after(5)) == ("done",)


def test_what_did_not_end_well_is_no_fastest() -> None:
    stopped = replace(done(0.2), status="interrupted")
    failed = replace(done(0.1), status="failed")
    assert badges([stopped, failed, done(3)], after(5)) == ("stopped", "failed", "fastest")


def test_the_whole_cost_is_told_where_all_of_it_is_known() -> None:
    assert heading(2, [done(1, 0.005), done(2, 0.0004)]) == "Comparing 2 models · $0.0054 so far"
    assert heading(2, [done(1, 0.005), done(2)]) == "Comparing 2 models"
    assert heading(2, [WRITING]) == "Comparing 2 models"


def test_why_nothing_can_be_sent_yet() -> None:
    assert still_writing(0, 3) == ""
    assert still_writing(1, 3) == "1 of 3 is still writing"
    assert still_writing(2, 3) == "2 of 3 are still writing"


def test_how_long_is_not_told_where_nobody_saw_the_end() -> None:
    lost = replace(WRITING, status="interrupted", finished_at=ASKED)
    assert column_facts(lost, after(9)) == ""


def test_time_and_cost_stay_where_a_column_is_narrow() -> None:
    facts = column_facts(done(4.0, 0.005), after(9))
    assert facts_that_fit(facts, lambda _: True) == facts
    assert facts_that_fit(facts, lambda text: "tok/s" not in text) == (
        "4.0 s · 2.0 s to first · 100 tokens · $0.0050"
    )
    assert facts_that_fit(facts, lambda _: False) == "4.0 s · $0.0050"
