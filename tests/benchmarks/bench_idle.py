"""What an idle window costs."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

from tests.benchmarks.harness import REPOSITORY, Figure, window_environment

SETTLE_SECONDS = 25
WATCH_SECONDS = 30
MOST_PERCENT = 1.0


def _cpu(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(member.cpu_times().user + member.cpu_times().system for member in family)


def measure() -> list[Figure]:
    """CPU of the application and its children, as a share of one core, long after the start."""
    with window_environment() as environment:
        process = subprocess.Popen(
            [sys.executable, "-m", "aiproxy_desktop"],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(SETTLE_SECONDS)
            if process.poll() is not None:
                raise RuntimeError(f"the application ended with {process.returncode}")
            watched = psutil.Process(process.pid)
            before, began = _cpu(watched), time.monotonic()
            time.sleep(WATCH_SECONDS)
            percent = 100 * (_cpu(watched) - before) / (time.monotonic() - began)
        finally:
            process.terminate()
            process.wait(timeout=60)
    return [
        Figure(
            f"idle window, over {WATCH_SECONDS} s",
            f"{percent:.2f} % of a core",
            f"below {MOST_PERCENT:.0f} %",
            percent < MOST_PERCENT,
        )
    ]
