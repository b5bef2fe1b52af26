from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.records import StoredMessage, ThreadPage, Totals
from aiproxy_desktop.ui.chat.conversation.thread import Thread

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(number: int, *, version: str = "", tokens: int | None = 10) -> StoredMessage:
    """The n-th of a branch; answers stand at odd places."""
    return StoredMessage(
        id=f"{number}{version}",
        conversation_id="c",
        parent_id=f"{number - 1}" if number else None,
        role="assistant" if number % 2 else "user",
        text=f"text {number}{version}",
        created_at=NOW,
        usage=None if tokens is None else Usage(tokens, tokens),
        cost=0.25,
    )


def branch(first: int, end: int) -> tuple[StoredMessage, ...]:
    return tuple(message(number) for number in range(first, end))


def ids(thread: Thread) -> list[str]:
    return [one.id for one in thread]


def summed(messages: Sequence[StoredMessage]) -> Totals:
    totals = Totals()
    for one in messages:
        totals = totals.with_answer(one)
    return totals


@given(st.lists(st.integers(1, 9), max_size=8), st.integers(1, 9))
def test_pages_that_come_before_make_the_whole_thread(sizes: list[int], tail: int) -> None:
    whole = branch(0, sum(sizes) + tail)
    first = sum(sizes)
    thread = Thread(whole[first:], whole[first - 1].id if first else None)
    if first:
        assert thread.known_totals is None
        thread.count_earlier(summed(whole[:first]))
    for size in sizes:
        page = whole[first - size : first]
        first -= size
        thread.prepend(ThreadPage(page, whole[first - 1].id if first else None))
        assert thread.index_of(whole[first].id) == 0
    assert ids(thread) == [one.id for one in whole]
    assert [thread.index_of(one.id) for one in whole] == list(range(len(whole)))
    assert thread.known_totals == summed(whole)
    assert thread.before_id is None


def test_totals_follow_an_answer_that_ends() -> None:
    thread = Thread(branch(0, 1))
    asked = replace(message(1), status="streaming", usage=None)
    thread.append(asked)
    assert thread.totals.answers == 0
    assert thread.replace(message(1))
    assert thread.totals == Totals(answers=1, tokens=20, counted=1, cost=0.25, priced=1)
    assert not thread.replace(message(7))


def test_another_version_leaves_what_stands_before_it() -> None:
    thread = Thread(branch(0, 6))
    other = (message(3, version="b"),)
    assert thread.adopt(ThreadPage(other, "2")) == 3
    assert ids(thread) == ["0", "1", "2", "3b"]
    assert thread.totals == summed([*branch(0, 3), *other])


def test_an_end_that_begins_earlier_differs_from_its_first_other_message_on() -> None:
    thread = Thread(branch(0, 6))
    assert thread.adopt(ThreadPage((*branch(2, 5), message(5, version="b")), "1")) == 5
    assert ids(thread) == ["0", "1", "2", "3", "4", "5b"]


def test_an_end_with_nothing_in_common_changes_nothing() -> None:
    thread = Thread(branch(0, 4))
    assert thread.adopt(ThreadPage((message(0, version="b"),), None)) is None
    assert ids(thread) == ["0", "1", "2", "3"]
