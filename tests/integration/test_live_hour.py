"""A long session holds no more at its end than at its beginning."""

from __future__ import annotations

import pytest

from tests.live_hour import talk_for


@pytest.mark.parametrize("kind", ["gemini", "openai"])
async def test_a_long_session_is_flat(kind: str) -> None:
    # The benchmark `live` talks for the whole hour.
    hour = await talk_for(kind, 40, live=10)
    assert hour.answered_once
    assert hour.answers == 40
    assert 40 * 6.0 <= hour.sound_seconds < 44 * 6.0  # of an answer that broke off, some came twice
    assert hour.connections >= 3
    assert hour.late.bytes - hour.early.bytes < 8_000_000
    assert abs(hour.late.tasks - hour.early.tasks) <= 3
    assert hour.late.threads == hour.early.threads
