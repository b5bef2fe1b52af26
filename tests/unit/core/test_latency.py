from __future__ import annotations

import pytest

from aiproxy_desktop.core.latency import LatencyBook


def test_the_usual_wait_is_the_median_of_the_last() -> None:
    book = LatencyBook(samples=3)
    assert book.usual("a:x") is None
    for seconds in (9.0, 1.0, 2.0, 30.0):
        book.note("a:x", seconds)
    assert book.usual("a:x") == 2.0
    assert book.usual("a:y") is None


def test_only_the_models_used_last_are_kept() -> None:
    book = LatencyBook(models=2)
    for name in ("a:x", "a:y", "a:x", "a:z"):
        book.note(name, 1.0)
    assert [book.usual(name) for name in ("a:x", "a:y", "a:z")] == [1.0, None, 1.0]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_what_is_no_time_is_passed_over(seconds: float) -> None:
    book = LatencyBook()
    book.note("a:x", seconds)
    assert book.usual("a:x") is None


def test_speeds_are_remembered_besides() -> None:
    book = LatencyBook()
    for speed in (10.0, 30.0, 50.0, 0.0, float("inf")):
        book.note_speed("a:x", speed)
    assert book.usual_speed("a:x") == 30.0
    assert book.usual("a:x") is None
