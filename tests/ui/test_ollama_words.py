"""What is said of sizes, times and steps of an Ollama server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aiproxy_desktop.core.administration import DeletionSpace, PullProgress, RunningModel
from aiproxy_desktop.ui.models.ollama.words import (
    deletion_question,
    memory_words,
    step_words,
    until_words,
)

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "vram", "said"),
    [
        (None, None, "Memory unknown"),
        (2_000_000_000, None, "2.0 GB"),
        (2_000_000_000, 0, "2.0 GB, none of it on a graphics card"),
        (2_000_000_000, 1_000_000_000, "2.0 GB, 50 % on the graphics card"),
        (2_000_000_000, 2_000_000_000, "2.0 GB, all on the graphics card"),
    ],
)
def test_memory(size: int | None, vram: int | None, said: str) -> None:
    assert memory_words(RunningModel("m", size, vram)) == said


def test_until() -> None:
    assert until_words(None, NOW) == "until when is unknown"
    assert until_words(NOW + timedelta(days=100_000), NOW) == "for ever"
    assert until_words(NOW - timedelta(seconds=1), NOW) == "about to be unloaded"
    assert "05" in until_words(NOW + timedelta(hours=2, minutes=5), NOW)
    assert len(until_words(NOW + timedelta(days=2), NOW)) > len(until_words(NOW + timedelta(hours=1), NOW))


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (None, "Delete llama3.2?"),
        (DeletionSpace(None), "Delete llama3.2? How much that frees is unknown."),
        (DeletionSpace(2_000_000_000), "Delete llama3.2? Frees 2.0 GB."),
        (DeletionSpace(0, ("a:latest",)), "Delete llama3.2? Frees nothing: a needs the same files."),
        (
            DeletionSpace(0, ("a", "b", "c")),
            "Delete llama3.2? Frees nothing: a, b, … need the same files.",
        ),
        (DeletionSpace(5_000_000, ("a",)), "Delete llama3.2? Frees 5.0 MB; a needs the rest."),
    ],
)
def test_the_question_before_deleting(space: DeletionSpace | None, said: str) -> None:
    assert deletion_question("llama3.2:latest", space) == said


def test_steps() -> None:
    assert step_words(PullProgress("uploading", "d", 1_500_000, 3_000_000)) == (
        "Sending the file: 1.5 MB of 3.0 MB"
    )
    assert step_words(PullProgress("uploading", "d", 3, 3)) == "Sending the file"
    assert step_words(PullProgress("using existing layer sha256:aa")) == "Putting the parts together"
    assert step_words(PullProgress("something new")) == "something new"
