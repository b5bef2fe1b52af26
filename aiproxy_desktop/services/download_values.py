"""One download as others see it, and how fast it goes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.administration import PullProgress
from aiproxy_desktop.storage.downloads import DownloadKind

DownloadStatus: TypeAlias = Literal["waiting", "running", "paused", "failed", "checking", "done"]

# The speed is that of the last seconds, and is told only once it has been watched for a while.
_WINDOW = 8.0
_STEADY = 3.0

# No model has as many layers; a server without end is not to fill memory.
_MOST_LAYERS = 1_000
# Bytes, 1 PiB. Beyond it a figure is a mistake, and a thousand of them still fit into a database.
_MOST_BYTES = 1 << 50


@dataclass(frozen=True, slots=True)
class Download:
    """A pull or a file that is under way, waits, has failed, or has just ended.

    `name` is the model's or the file's. `completed` and `total` are bytes, `total` None while nobody has
    said. `bytes_per_second` and `seconds_left` are None while they are not steady. `status_text` is the
    server's own word for what it does. `retry_in` is the wait in seconds before the next attempt, after a
    connection broke. `path` is where a file goes. `spoiled`: what came is of no use, another attempt begins
    anew.
    """

    id: str
    kind: DownloadKind
    provider: str
    name: str
    status: DownloadStatus
    completed: int = 0
    total: int | None = None
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    status_text: str = ""
    error_title: str = ""
    error_advice: str = ""
    url: str = ""
    path: str = ""
    retry_in: float | None = None
    spoiled: bool = False

    @property
    def fraction(self) -> float | None:
        """From 0.0 to 1.0; None as long as no size is known."""
        return min(1.0, self.completed / self.total) if self.total else None


class PullCount:
    """The bytes of a whole pull, summed over its layers as they come; cheap to feed."""

    def __init__(self) -> None:
        self._completed: dict[str, int] = {}
        self._totals: dict[str, int] = {}
        self.completed = 0
        self.total = 0
        self.moved = 0

    def feed(self, step: PullProgress) -> None:
        """Take in one step. `moved` counts what came since the first word of each layer."""
        digest = step.digest
        if not digest:
            return
        known = self._totals.get(digest)
        if known is None:
            if len(self._totals) >= _MOST_LAYERS:
                return
            known = self._totals[digest] = 0
        if step.total is not None:
            total = self._totals[digest] = min(max(step.total, 0), _MOST_BYTES)
            self.total += total - known
        if step.completed is not None:
            former, completed = self._completed.get(digest), min(max(step.completed, 0), _MOST_BYTES)
            grown = completed - (former or 0)
            self.completed += grown
            self.moved += grown if former is not None and grown > 0 else 0
            self._completed[digest] = completed


class Speed:
    """A smoothed rate. Fed with how many bytes have come, it forgets what is older than some seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def feed(self, at: float, moved: int) -> None:
        """At so many seconds, `moved` bytes have come in all."""
        seen = self._seen
        if seen and moved < seen[-1][1]:
            seen.clear()
        seen.append((at, moved))
        while len(seen) > 2 and at - seen[1][0] >= _WINDOW:
            seen.popleft()

    def clear(self) -> None:
        """Nothing came for a while that counts."""
        self._seen.clear()

    @property
    def rate(self) -> float | None:
        """Bytes a second; None before the first second."""
        if len(self._seen) < 2:
            return None
        (since, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - since) if now - since >= 1.0 else None

    def seconds_left(self, rest: int) -> float | None:
        """How long the rest takes at this speed; None while the speed is not steady."""
        rate = self.rate
        if not rate or rest < 0 or self._seen[-1][0] - self._seen[0][0] < _STEADY:
            return None
        return rest / rate
