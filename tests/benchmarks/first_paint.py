"""How long a program takes to its first paint, seen from outside, in the memory of the screen."""

from __future__ import annotations

import mmap
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.harness import REPOSITORY, window_environment

FROZEN = REPOSITORY / "build" / "frozen" / "aiproxy-desktop" / "aiproxy-desktop"
_PATIENCE = 120.0
# A row of the screen that the window covers, and the pointer in the middle does not.
_ROW = 200


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of a process to its first paint, and seconds of the processor used by then."""

    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Starts:
    """The medians of the frozen application and of the checkout, one after the other in turns."""

    frozen: Start
    checkout: Start

    @property
    def ratio(self) -> float:
        """The frozen one's time over the checkout's."""
        return self.frozen.seconds / self.checkout.seconds

    def __str__(self) -> str:
        times = f"{self.frozen.seconds:.2f} s / {self.checkout.seconds:.2f} s"
        return f"{self.ratio:.2f} x ({times}; processor {self.frozen.cpu / self.checkout.cpu:.2f} x)"


def measure_starts(repeats: int, frozen: Path = FROZEN) -> Starts:
    """Start both so many times, once more beforehand without counting."""
    commands = ([str(frozen)], [sys.executable, "-m", "aiproxy_desktop"])
    taken: tuple[list[Start], list[Start]] = ([], [])
    with tempfile.TemporaryDirectory() as folder, window_environment("-fbdir", folder) as environment:
        blank = _screen(Path(folder, "Xvfb_screen0"))
        for repeat in range(repeats + 1):
            for command, starts in zip(commands, taken, strict=True):
                start = _first_paint(command, environment, blank)
                if repeat:
                    starts.append(start)
    return Starts(*(_median(starts) for starts in taken))


def _median(starts: Sequence[Start]) -> Start:
    return Start(
        statistics.median(start.seconds for start in starts), statistics.median(start.cpu for start in starts)
    )


def _first_paint(command: list[str], environment: Mapping[str, str], blank: Callable[[], bool]) -> Start:
    assert blank(), "the screen is not empty before the start"
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while blank():
            if process.poll() is not None or time.perf_counter() - begin > _PATIENCE:
                raise RuntimeError(f"{command[0]} painted nothing (it ended with {process.poll()})")
            time.sleep(0.002)
        seconds = time.perf_counter() - begin
        times = psutil.Process(process.pid).cpu_times()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        process.wait(timeout=_PATIENCE)
    while not blank():
        time.sleep(0.01)
    return Start(seconds, times.user + times.system)


def _screen(path: Path) -> Callable[[], bool]:
    """Whether one row of the screen is all black still.

    Args:
        path: the file that Xvfb keeps its screen in, as xwd(1) writes one (X11/XWDFile.h).
    """
    with path.open("rb") as file:
        memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    words = struct.unpack_from(">20I", memory)
    header, line, colours = words[0], words[12], words[19]
    start = header + colours * 12 + _ROW * line
    nothing = bytes(line)
    return lambda: memory[start : start + line] == nothing
