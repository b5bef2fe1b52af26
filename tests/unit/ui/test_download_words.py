from __future__ import annotations

import pytest

from aiproxy_desktop.core.administration import PullProgress
from aiproxy_desktop.core.providers.ollama.models import read_progress
from aiproxy_desktop.core.providers.ollama.steps import read_step
from aiproxy_desktop.services.download_values import Download, PullCount, Speed
from aiproxy_desktop.ui.models.downloads import words

GB = 10**9


def download(**facts: object) -> Download:
    defaults: dict[str, object] = {"id": "a", "kind": "pull", "provider": "ollama", "name": "qwen3"}
    return Download(**(defaults | {"status": "running"} | facts))  # type: ignore[arg-type]  # the test's own facts


def test_a_row_reads_as_a_sentence() -> None:
    here = download(completed=int(1.2 * GB), total=int(1.9 * GB), bytes_per_second=18.4e6, seconds_left=38.0)
    assert words.percent(here) == "63 %"
    assert words.facts(here) == "1.2 of 1.9 GB · 18 MB/s · 40 s left"
    assert words.spoken(here) == "qwen3: 63 % 1.2 of 1.9 GB · 18 MB/s · 40 s left"


def test_what_is_not_known_is_left_out() -> None:
    assert words.facts(download()) == "Starting"
    assert words.facts(download(completed=1_500_000)) == "1.5 MB"
    assert words.percent(download(completed=1_500_000)) == ""
    assert words.facts(download(completed=0, total=GB)) == "0.0 of 1.0 GB"


@pytest.mark.parametrize(
    ("status", "said"),
    [("waiting", "Waiting for its turn"), ("paused", "Paused · 0.5 of 1.0 GB"), ("done", "Done")],
)
def test_a_state_has_its_word(status: str, said: str) -> None:
    assert words.facts(download(status=status, completed=GB // 2, total=GB)) == said


def test_a_failure_says_what_to_do() -> None:
    failed = download(status="failed", error_title="The disk is full", error_advice="Free some space.")
    assert words.problem(failed) == "The disk is full. Free some space."
    retrying = download(retry_in=4.0, error_title="The connection broke off")
    assert words.facts(retrying) == "The connection broke off, trying again"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "a few seconds left"),
        (11.0, "15 s left"),
        (61.0, "65 s left"),
        (95.0, "2 min left"),
        (7_500.0, "2 h 5 min left"),
        (1e9, "more than two days left"),
    ],
)
def test_times_are_rounded_up(seconds: float, said: str) -> None:
    assert words.time_left(seconds) == said


def test_the_whole_is_not_there_before_the_end() -> None:
    assert words.percent(download(completed=999_999, total=10**6)) == "99 %"
    assert words.percent(download(completed=2 * 10**6, total=10**6)) == "99 %"


def test_a_speed_is_smoothed_and_steady_before_it_tells_the_time() -> None:
    assert Speed().rate is None
    speed = Speed()
    for tick in range(13):
        speed.feed(tick / 4, tick * 250_000)
        assert (speed.seconds_left(10**7) is None) == (tick < 12)
    assert speed.rate == pytest.approx(1_000_000)
    assert speed.seconds_left(10**7) == pytest.approx(10)
    for tick in range(13, 100):
        speed.feed(tick / 4, 3_000_000)
    assert speed.rate == 0
    assert speed.seconds_left(10**7) is None


def test_what_a_pull_had_already_is_not_its_speed() -> None:
    count = PullCount()
    count.feed(PullProgress("pulling", "a", 500, 1000))
    count.feed(PullProgress("pulling", "a", 700, 1000))
    count.feed(PullProgress("pulling", "b", 40, 40))
    count.feed(PullProgress("verifying"))
    assert (count.completed, count.total, count.moved) == (740, 1040, 200)


def test_a_pull_of_absurd_figures_fits_into_memory_and_database() -> None:
    count = PullCount()
    for number in range(3_000):
        count.feed(PullProgress("pulling", f"sha256:{number}", 10**30, 10**31))
    count.feed(PullProgress("pulling", "sha256:0", -5, -7))
    assert 0 < count.completed <= count.total < 2**63
    assert 0 <= count.moved < 2**63
    assert len(count._totals) == len(count._completed) == 1_000
    line = b'{"status":"%s","digest":"%s","total":99999999999999999999999,"completed":1}'
    assert read_step(line % (b"p", b"d")) is None
    step = read_step(b'{"status":"%s","digest":"%s","total":10}' % (b"p" * 9_000, b"d" * 9_000))
    assert step is not None
    assert (len(step.status), len(step.digest)) == (200, 200)
    told = read_progress({"status": "p" * 9_000, "digest": "d", "total": 10**30, "completed": -1})
    assert told == PullProgress("p" * 200, "d", None, None)
