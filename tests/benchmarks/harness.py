"""Measuring processes: CPU time, memory, and the figures of the table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.display import private_display

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `met` is None for a figure that has no goal."""

    what: str
    measured: str
    goal: str
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What an ended process used and said. `cpu`: user and system seconds, its ended children's included."""

    output: str
    cpu: float
    peak_bytes: int


def run_python(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, python: str = sys.executable
) -> Finished:
    """Run this Python, or another, with arguments, to its end.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [python, *arguments],
            cwd=REPOSITORY,
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(arguments)[:80]} ended with {process.returncode}: {said[-500:]}")
    return Finished(output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def alternate(repeats: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure. They take turns, so that a busy moment of the machine meets all of them."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(repeats):
        for values, measure in zip(taken, measures, strict=True):
            values.append(measure())
    return [statistics.median(values) for values in taken]


@contextmanager
def window_environment(*display_options: str) -> Iterator[dict[str, str]]:
    """An environment with a display and a home of its own, as on a machine used for the first time.

    Args:
        display_options: more for the command line of Xvfb.
    """
    keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    with (
        private_display(*display_options) as display,
        tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as folder,
    ):
        runtime = Path(folder, "run")
        runtime.mkdir(mode=0o700)
        yield keep | {
            "HOME": folder,
            "AIPROXY_HOME": str(Path(folder, "aiproxy")),
            "XDG_RUNTIME_DIR": str(runtime),
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "OLLAMA_HOST": "127.0.0.1:1",
            "LANG": "C.UTF-8",
        }
