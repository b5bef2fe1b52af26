"""What is said of built-in models, word for word."""

from __future__ import annotations

import pytest

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.memory import ModelShape
from aiproxy_desktop.services.local_models import Added, LocalFile, Memory
from aiproxy_desktop.ui.models.local.words import added_lines, facts_line, fit_line

GB = 10**9
SHAPE = ModelShape((8 * 256,) * 32, 4096)

CLOSE = "Close other programs first, or choose"
ANOTHER = "Add a smaller model, or the same one with a lower quantisation."


def file(
    size: int, memory: Memory, shape: ModelShape | None = SHAPE, name: str = "m", context: int = 8192
) -> LocalFile:
    return LocalFile("/m.gguf", name, name, size, memory, trained=32768, context=context, shape=shape)


def test_what_is_not_known_is_left_out_of_the_facts() -> None:
    assert facts_line(file(98_362_432, Memory(None, None))) == "98 MB"


@pytest.mark.parametrize(
    ("model", "text", "tone"),
    [
        (file(GB, Memory(9 * GB, 16 * GB)), "Needs about 2.2 GB; 9.0 GB are free.", "secondary"),
        (
            file(5 * GB, Memory(int(6.5 * GB), 16 * GB)),
            f"Needs about 6.2 GB, nearly all of the 6.5 GB that are free. {CLOSE} a context of 4,096 tokens.",
            "warning",
        ),
        (
            file(5 * GB, Memory(5 * GB, 16 * GB)),
            "Needs about 6.2 GB; only 5.0 GB are free. Close other programs first, or it will be slow.",
            "warning",
        ),
        (
            file(12 * GB, Memory(15 * GB, 16 * GB), context=32768),
            "Needs about 16 GB, which is all that this computer has. A context of 8,192 tokens fits.",
            "danger",
        ),
        (
            file(42 * GB, Memory(9 * GB, 16 * GB)),
            f"Needs about 43 GB; this computer has 16 GB. {ANOTHER}",
            "danger",
        ),
        (
            file(42 * GB, Memory(9 * GB, 16 * GB), None),
            f"It is larger than the 16 GB of this computer. {ANOTHER}",
            "danger",
        ),
        (file(GB, Memory(9 * GB, 16 * GB), None), "How much memory it needs is unknown.", "muted"),
        (file(GB, Memory(None, None)), "Needs about 2.2 GB; how much is free is unknown.", "muted"),
    ],
)
def test_the_fit_is_told_with_what_would_help(model: LocalFile, text: str, tone: str) -> None:
    assert fit_line(model, model.context) == (text, tone)


def test_what_became_of_many_files_is_told_in_a_few_lines() -> None:
    good = file(GB, Memory(9 * GB, 16 * GB), name="good")
    large = file(42 * GB, Memory(9 * GB, 16 * GB), name="large")
    errors = tuple(LocalModelError(f"{at} is bad", "Pick another.") for at in range(4))
    assert added_lines(Added((good,))) == ("“good” is added.",)
    assert added_lines(Added((large,)))[0].startswith(
        "“large” is added. Needs about 43 GB; this computer has"
    )
    assert added_lines(Added((good, large), ("a", "b", "c"), errors)) == (
        "2 models added.",
        "a is already here.",
        "b is already here.",
        "0 is bad. Pick another.",
        "1 is bad. Pick another.",
        "3 more files were left out.",
    )
