"""One attempt at a download: a pull that a server does, or a file that is written here."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from aiproxy_desktop.core.downloading import FileAnswer, FileFetcher, file_name
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError, ProviderFailureError
from aiproxy_desktop.core.provider import ModelAdministrator
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.threads import on_thread, outlasting, start_on_thread
from aiproxy_desktop.services.download_values import Download, DownloadStatus, PullCount, Speed
from aiproxy_desktop.storage.downloads import DownloadRecord
from aiproxy_desktop.storage.errors import DiskFullError
from aiproxy_desktop.storage.model_files import SUFFIX, PartFile, Write, choose_target, disk_full

T = TypeVar("T")

# What is written at once; less where so many seconds have passed, so that a slow line is seen to move.
_PIECE_BYTES = 1024 * 1024
_PIECE_SECONDS = 0.25

# In the words of a server whose disk is full, on any system.
_FULL = re.compile(
    r"no space left|not enough (?:disk )?space|disk is full|disk quota exceeded|ENOSPC", re.IGNORECASE
)
# In the words of one whose own connection to its library broke.
_BROKEN = re.compile(
    r"time(?:d )?out|connection (?:reset|refused|aborted)|broken pipe|\bEOF\b|no such host|unreachable"
    r"|stalled|max retries",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Job:
    """A download with what is going on in it. `moved` counts the bytes that came in this run."""

    record: DownloadRecord
    status: DownloadStatus
    completed: int = 0
    total: int | None = None
    moved: int = 0
    status_text: str = ""
    retry_in: float | None = None
    task: asyncio.Task[None] | None = None
    speed: Speed = field(default_factory=Speed)

    @property
    def host(self) -> str:
        """Whom it keeps busy."""
        record = self.record
        if record.kind == "pull":
            return f"pull:{record.provider}"
        return record.url.partition("://")[2].partition("/")[0]

    def view(self) -> Download:
        """What others see of it."""
        record, running = self.record, self.status == "running" and self.retry_in is None
        total = self.total
        return Download(
            record.id,
            record.kind,
            record.provider,
            record.name,
            self.status,
            self.completed,
            total,
            self.speed.rate if running else None,
            self.speed.seconds_left(total - self.completed) if running and total else None,
            self.status_text,
            record.error_title,
            record.error_advice,
            record.url,
            record.path,
            self.retry_in,
            record.state == "spoiled",
        )


async def run_pull(job: Job, registry: Registry, changed: Callable[[], None]) -> None:
    """Have a server fetch a model.

    Raises:
        AIProxyError: and nothing else.
    """
    record = job.record
    provider: object = registry.get(record.provider)
    if not isinstance(provider, ModelAdministrator):
        raise ConfigurationError(
            f"The server “{record.provider}” is not set up any more", "Add it again, or dismiss this."
        )
    count, former_total, before = PullCount(), job.total or 0, job.moved
    try:
        async with aclosing(provider.pull(record.name)) as steps:
            async for step in steps:
                count.feed(step)
                job.status = "running" if step.digest or not count.total else "checking"
                job.status_text = step.status
                if count.total:
                    job.completed, job.total = count.completed, max(count.total, former_total)
                    job.moved = before + count.moved
                changed()
    except ProviderFailureError as error:
        if not _FULL.search(error.detail):
            raise
        more = job.total - job.completed if job.total else None
        raise disk_full(more, "the folder of Ollama’s models") from None


def may_pass(error: AIProxyError) -> bool:
    """Whether another attempt a little later may go better."""
    if isinstance(error, ProviderFailureError) and error.status is None:
        return bool(_BROKEN.search(error.detail))
    return error.retryable and not isinstance(error, DiskFullError)


class FileRuns:
    """Downloads of files into one folder."""

    def __init__(self, fetcher: FileFetcher, folder: Path, write: Write | None = None) -> None:
        """Describe where they go; `write` is the seam for disks that are full."""
        self._fetcher = fetcher
        self._folder = folder
        self._write = write
        self._choosing = asyncio.Lock()

    async def run(
        self,
        job: Job,
        taken: Callable[[], Collection[str]],
        changed: Callable[[], None],
        keep: Callable[[], None],
    ) -> None:
        """Fetch a file, or what is missing of it, check it, and give it its name.

        Args:
            job: its record gets the path and the validator.
            taken: the paths of all downloads.
            changed: called when there is progress.
            keep: called when the record is to be kept.

        Raises:
            AIProxyError: and nothing else; SpoiledFileError where what came is of no use.
        """
        await self._choose_path(job, taken)
        keep()
        part = self.part(job)
        try:
            if await _on_thread(lambda: part.done, part):
                job.completed = job.total = await _on_thread(lambda: part.target.stat().st_size, part)
                return
            await self._open(job, part, changed)
            answer = await self._fetcher.open(job.record.url, part.size, job.record.etag)
            try:
                await self._begin(job, part, answer)
                keep()
                job.status = "running"
                await self._receive(job, part, answer, changed)
            finally:
                answer.close()
            job.status = "checking"
            job.total = part.size
            changed()
            await _on_thread(lambda: part.finish(job.record.sha256), part)
        finally:
            part.close()

    def part(self, job: Job) -> PartFile:
        """The file that is coming."""
        target = Path(job.record.path)
        return PartFile(target) if self._write is None else PartFile(target, self._write)

    async def discard(self, job: Job) -> None:
        """Remove what came of a file."""
        if job.record.path:
            part = self.part(job)
            await _on_thread(part.discard, part)

    async def _choose_path(self, job: Job, taken: Callable[[], Collection[str]]) -> None:
        if job.record.path:
            return
        last = file_name(job.record.url)
        name = last if last.lower().endswith(SUFFIX) else job.record.name
        async with self._choosing:
            paths = taken()
            path = await on_thread(
                lambda: choose_target(self._folder, name, paths, job.record.sha256), "download"
            )
            job.record = replace(job.record, path=str(path))

    async def _open(self, job: Job, part: PartFile, changed: Callable[[], None]) -> None:
        """Read what is there already, which takes a while for gigabytes."""
        job.status = "checking" if job.completed else "running"
        changed()
        job.completed = await _on_thread(part.open, part)
        changed()

    async def _begin(self, job: Job, part: PartFile, answer: FileAnswer) -> None:
        head = answer.head
        if head.start < part.size:
            await _on_thread(part.restart, part)
        job.completed, job.total = part.size, head.total
        job.record = replace(job.record, etag=head.validator)
        if head.total is not None:
            total = head.total
            await _on_thread(lambda: part.check_room(total), part)

    async def _receive(
        self, job: Job, part: PartFile, answer: FileAnswer, changed: Callable[[], None]
    ) -> None:
        held: list[bytes] = []
        size, last = 0, time.monotonic()

        async def write_held() -> None:
            nonlocal size, last
            data, size, last = b"".join(held), 0, time.monotonic()
            held.clear()
            if data:
                try:
                    await _on_thread(lambda: part.write(data, job.total), part)
                finally:
                    job.moved += part.size - job.completed
                    job.completed = part.size
                changed()

        try:
            async for piece in answer:
                held.append(piece)
                size += len(piece)
                if size >= _PIECE_BYTES or time.monotonic() - last >= _PIECE_SECONDS:
                    await write_held()
        finally:
            # Whatever ended it, a cancelled task too: what came is kept.
            await write_held()


async def _on_thread(work: Callable[[], T], part: PartFile) -> T:
    """The result of work on a thread, which has ended when this has, cancelled or not."""
    future = start_on_thread(work, "download")
    try:
        return await outlasting(future)
    except asyncio.CancelledError:
        part.give_up()
        await asyncio.wait([future])
        raise
