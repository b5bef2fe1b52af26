"""How fast the frozen application is there."""

from __future__ import annotations

import pytest

from tests.benchmarks.first_paint import FROZEN, measure_starts
from tests.packaged.conftest import Figures

pytestmark = pytest.mark.skipif(not FROZEN.is_file(), reason="nothing is frozen: `make package` does that")
REPEATS = 3


def test_its_first_paint_comes_about_when_the_checkouts_does(figures: Figures) -> None:
    starts = measure_starts(REPEATS)
    # Told, not judged: `make bench` judges it, on a quiet machine.
    figures.add("frozen start to first paint over the checkout's", str(starts), "1.2 x")
    assert starts.frozen.seconds > 0
