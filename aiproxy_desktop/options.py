"""What a person asks for when starting the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_SMOKE_PROMPT = "Say hello in one short sentence."


@dataclass(frozen=True, slots=True)
class AppOptions:
    """Options of the window.

    `data_dir` overrides AIPROXY_HOME. With `smoke_file` the window asks the default model
    `smoke_prompt`, saves a picture of itself there once the whole answer has come, and leaves. `files` are
    absolute; the window shows them, or the one that is open already does.
    """

    data_dir: str | None = None
    smoke_file: Path | None = None
    smoke_prompt: str = DEFAULT_SMOKE_PROMPT
    files: tuple[Path, ...] = ()
