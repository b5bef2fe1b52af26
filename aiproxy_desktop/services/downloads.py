"""Models that are being fetched: several at once, paused and resumed, going on after a restart."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from aiproxy_desktop.core.downloading import FileFetcher, check_address, file_host, file_name
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.download_keeping import DownloadKeeper, log_kept
from aiproxy_desktop.services.download_runs import FileRuns, Job, may_pass, run_pull
from aiproxy_desktop.services.download_values import Download, DownloadStatus
from aiproxy_desktop.services.pull_names import pull_name
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.storage.conversations import new_id
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadState, DownloadStore
from aiproxy_desktop.storage.model_files import SpoiledFileError, Write
from aiproxy_desktop.storage.model_settings import ModelAddress

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient

__all__ = ["Download", "DownloadService", "DownloadStatus"]

AT_ONCE = 3
# Seconds before another attempt after a connection broke; the count begins anew once bytes have come.
RETRY_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)
# A server that asks for more than this is left to the person.
_LONGEST_ASKED = 120.0

_TELL_SECONDS = 0.25
_TELLS_WITHOUT_NEWS = 4
_TELLS_BETWEEN_SAVES = 40
_DONE_SECONDS = 6.0
# As long as a toast offers to undo it, and a little longer.
_UNDO_SECONDS = 10.0

_ACTIVE = frozenset({"waiting", "running", "checking"})


class _Left(NamedTuple):
    """A download that was given up just now; `goes_on` once it is taken back."""

    job: Job
    goes_on: bool


class DownloadService:
    """All downloads of this run. `start` takes up those of the last one.

    Subscribers are called at once when a download begins, stops or ends, and at most four times a second
    while bytes come.
    """

    def __init__(
        self,
        store: DownloadStore,
        registry: Registry,
        http: HttpClient,
        folder: Path,
        on_done: Callable[[Download], Awaitable[None]],
        on_unexpected: Callable[[Exception], None],
        *,
        retry_waits: Sequence[float] = RETRY_WAITS,
        undo_seconds: float = _UNDO_SECONDS,
        write: Write | None = None,
    ) -> None:
        """Wire up; nothing is read or fetched yet.

        Args:
            store: where downloads are kept.
            registry: its providers that are `ModelAdministrator` pull.
            http: for files; its owner closes it.
            folder: where files go (`AppPaths.models`); made when the first one comes.
            on_done: makes what came usable; an AIProxyError it raises becomes the download's.
            on_unexpected: told of errors that are nobody's plan.
            retry_waits: seconds before each further attempt.
            undo_seconds: how long what was given up can be taken back.
            write: gives a file bytes; the seam for disks that are full.
        """
        self._store = store
        self._registry = registry
        self._files = FileRuns(FileFetcher(http), folder, write)
        self._on_done = on_done
        self._waits = tuple(retry_waits)
        self._undo_seconds = undo_seconds
        self._scope = TaskScope("downloads", on_unexpected)
        self._changed: Subscribers[[tuple[Download, ...]]] = Subscribers()
        self._jobs: dict[str, Job] = {}
        self._left: dict[str, _Left] = {}
        self._removing: dict[str, tuple[Job, asyncio.Task[None]]] = {}
        self._keeper = DownloadKeeper(store, self._scope, self._standing)
        self._closing = False
        self._news = False
        self._ticks = 0
        self._told: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fading: dict[str, asyncio.TimerHandle] = {}

    # Life

    async def start(self) -> None:
        """Take up what the last run left: what ran goes on, what was paused or had failed stays so.

        Raises:
            StorageError: the downloads cannot be read.
        """
        for record in await self._store.all():
            if record.state == "left":  # that run ended before its bytes were removed
                self._remove_later(Job(record, "paused"))
                continue
            status: DownloadStatus = "waiting"
            if record.state == "paused":
                status = "paused"
            elif record.state in {"failed", "spoiled"}:
                status = "failed"
            self._jobs[record.id] = Job(record, status, record.completed, record.total)
        self._begin_waiting()
        self._tell_soon()

    async def close(self) -> None:
        """Stop, so that the next run can go on; what came is kept."""
        for download_id in tuple(self._left):
            self._leave(download_id)
        self._closing = True
        for handle in (self._told, self._timer, *self._fading.values()):
            if handle is not None:
                handle.cancel()
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            cancel_once(task)
        if tasks:
            await asyncio.wait(tasks)
        while self._removing:
            await asyncio.wait([task for _, task in self._removing.values()])
        await self._keeper.close(key for key, job in self._jobs.items() if job.status != "done")
        await self._scope.close()

    def subscribe(self, callback: Callable[[tuple[Download, ...]], None]) -> Callable[[], None]:
        """Call with all downloads after each change; the answer unsubscribes."""
        return self._changed.add(callback)

    def downloads(self) -> tuple[Download, ...]:
        """All of them, the oldest first; one that has ended well stays for some seconds."""
        return tuple(job.view() for job in self._jobs.values())

    # What can be done

    def pull(self, provider_id: str, model: str) -> Download:
        """Have a server fetch a model; one that is under way already is given instead.

        Args:
            provider_id: that of the server.
            model: its name, the command that pulls it, or the address of its page.

        Raises:
            InvalidRequestError: there is no name in it.
        """
        record = DownloadRecord(new_id(), "pull", pull_name(model), datetime.now(UTC), provider=provider_id)
        return self._add(record)

    def fetch(self, address: ModelAddress) -> Download:
        """Download a file; one from the same address that is under way already is given instead.

        Raises:
            InvalidEndpointError: it is no address.
        """
        url = check_address(address.url)
        name = address.name.strip() or file_name(url) or file_host(url)  # the rest may hold a token
        return self._add(
            DownloadRecord(new_id(), "file", name, datetime.now(UTC), url=url, sha256=address.sha256)
        )

    def pause(self, download_id: str) -> None:
        """Stop for now; what came is kept. Nothing happens to what does not run."""
        job = self._jobs.get(download_id)
        if job is not None and job.status in _ACTIVE:
            self._stop(job, "paused")

    def resume(self, download_id: str) -> None:
        """Go on with what was paused or has failed."""
        job = self._jobs.get(download_id)
        if job is not None and job.status in {"paused", "failed"}:
            # Without what it is known by, the whole file is asked for.
            etag = "" if job.record.state == "spoiled" else job.record.etag
            job.record = replace(job.record, state="running", etag=etag, error_title="", error_advice="")
            job.status = "waiting"
            self._keep(job)
            self._begin_waiting()
            self._tell_soon()

    def cancel(self, download_id: str) -> None:
        """Give a download up: it leaves the list, and of a file what came is removed.

        For some seconds `take_back` can undo it.
        """
        job = self._jobs.pop(download_id, None)
        if job is None:
            return
        if (fading := self._fading.pop(download_id, None)) is not None:
            fading.cancel()
        goes_on = job.status in _ACTIVE
        if goes_on:
            self._stop(job, "paused")
        if job.status != "done":
            self._left[download_id] = _Left(job, goes_on)
            loop = asyncio.get_running_loop()
            self._fading[download_id] = loop.call_later(self._undo_seconds, self._leave, download_id)
        self._keeper.note(download_id)
        self._tell_soon()

    def take_back(self, download_id: str) -> None:
        """Undo `cancel` or `dismiss`, as long as what came is there."""
        left = self._left.pop(download_id, None)
        if left is not None:
            self._fading.pop(download_id).cancel()
            self._jobs[download_id] = left.job
            self._keep(left.job)
            if left.goes_on:
                self.resume(download_id)
            self._tell_soon()

    def dismiss(self, download_id: str) -> None:
        """Take one that has failed or ended out of the list; of a file that failed, what came is removed."""
        job = self._jobs.get(download_id)
        if job is not None and job.status in {"failed", "done"}:
            self.cancel(download_id)

    # The list

    def _add(self, record: DownloadRecord) -> Download:
        for job in (*self._jobs.values(), *(left.job for left in self._left.values())):
            there = job.record
            same = (there.kind, there.provider, there.url) == (record.kind, record.provider, record.url)
            if same and job.status != "done" and (record.kind == "file" or there.name == record.name):
                if record.sha256 and record.sha256 != there.sha256:
                    job.record = replace(there, sha256=record.sha256)
                self.take_back(there.id)
                self.resume(there.id)
                return job.view()
        job = self._jobs[record.id] = Job(record, "waiting")
        self._keep(job)
        self._begin_waiting()
        self._tell_soon()
        return job.view()

    def _begin_waiting(self) -> None:
        """Begin what waits, as far as its host is not busy with others."""
        if self._closing:
            return
        busy = Counter(job.host for job in self._jobs.values() if job.task is not None)
        for job in self._jobs.values():
            if job.status == "waiting" and job.task is None and busy[job.host] < AT_ONCE:
                busy[job.host] += 1
                job.status, job.status_text = "running", ""
                job.task = self._scope.start(self._work(job), "download")
                job.task.add_done_callback(lambda _task, job=job: self._ended(job))  # type: ignore[misc]  # its default is its type
        self._tick_later()

    def _ended(self, job: Job) -> None:
        job.task = None
        self._begin_waiting()

    def _stop(self, job: Job, status: DownloadStatus) -> None:
        job.status, job.retry_in, job.status_text = status, None, ""
        job.record = replace(job.record, error_title="", error_advice="")
        job.speed.clear()
        if job.task is not None:
            cancel_once(job.task)
        self._keep(job)
        self._tell_soon()

    def _leave(self, download_id: str) -> None:
        """It is not taken back any more."""
        self._fading.pop(download_id).cancel()
        self._remove_later(self._left.pop(download_id).job)

    def _remove_later(self, job: Job) -> None:
        task = self._scope.attempt(lambda: self._remove(job), log_kept, "remove")
        self._removing[job.record.id] = (job, task)
        task.add_done_callback(lambda _task: self._removed(job))

    async def _remove(self, job: Job) -> None:
        if job.task is not None:
            await asyncio.wait([job.task])
        if job.record.kind == "file":
            await self._files.discard(job)

    def _removed(self, job: Job) -> None:
        del self._removing[job.record.id]
        self._keeper.note(job.record.id)

    # One of them

    async def _work(self, job: Job) -> None:
        failures = 0
        while True:
            moved = job.moved
            try:
                await self._attempt(job)
                await self._on_done(job.view())
            except AIProxyError as error:
                failures = 0 if job.moved > moved else failures
                wait = self._wait_after(error, failures)
                if wait is None:
                    self._failed(job, error)
                    return
                failures += 1
                await self._wait(job, error, wait)
            except Exception:  # it is told elsewhere; here the download must not seem to go on
                self._failed(job, AIProxyError("Something unexpected ended the download", "Try again."))
                raise
            else:
                self._finished(job)
                return

    async def _attempt(self, job: Job) -> None:
        if job.record.kind == "pull":
            await run_pull(job, self._registry, self._progressed)
        else:
            await self._files.run(job, self._paths, self._progressed, lambda: self._keep(job))

    def _wait_after(self, error: AIProxyError, failures: int) -> float | None:
        if not may_pass(error) or failures >= len(self._waits):
            return None
        asked = error.retry_after
        if asked is not None and asked > _LONGEST_ASKED:
            return None
        return max(self._waits[failures], asked or 0.0)

    async def _wait(self, job: Job, error: AIProxyError, wait: float) -> None:
        job.status, job.retry_in = "running", wait
        job.record = replace(job.record, error_title=error.title, error_advice=error.advice)
        job.speed.clear()
        self._tell_soon()
        await asyncio.sleep(wait)
        job.retry_in = None
        job.record = replace(job.record, error_title="", error_advice="")
        self._tell_soon()

    def _failed(self, job: Job, error: AIProxyError) -> None:
        state: DownloadState = "spoiled" if isinstance(error, SpoiledFileError) else "failed"
        job.status, job.retry_in = "failed", None
        job.record = replace(job.record, state=state, error_title=error.title, error_advice=error.advice)
        job.speed.clear()
        self._keep(job)
        self._tell_soon()

    def _finished(self, job: Job) -> None:
        job.status, job.status_text = "done", ""
        job.completed = job.total = job.total or job.completed
        self._keeper.note(job.record.id)
        self._fading[job.record.id] = asyncio.get_running_loop().call_later(
            _DONE_SECONDS, self.dismiss, job.record.id
        )
        self._tell_soon()

    def _paths(self) -> set[str]:
        """Where files are being written to, or may be again."""
        going = [*(left.job for left in self._left.values()), *(job for job, _ in self._removing.values())]
        under_way = (job for job in (*self._jobs.values(), *going) if job.status != "done")
        return {job.record.path for job in under_way if job.record.path}

    # What is kept

    def _keep(self, job: Job) -> None:
        """Write down how a download stands."""
        if job.record.id in self._jobs:
            self._keeper.note(job.record.id)

    def _standing(self, download_id: str) -> DownloadRecord | None:
        """What is kept of a download, if anything is to be."""
        job = self._jobs.get(download_id)
        if job is not None:
            return None if job.status == "done" else _record(job)
        left, removing = self._left.get(download_id), self._removing.get(download_id)
        job = left.job if left is not None else removing[0] if removing is not None else None
        # Until its bytes are gone the next run has to know of them, should this one be killed.
        return replace(job.record, state="left") if job is not None and job.record.path else None

    # What is told

    def _progressed(self) -> None:
        """Bytes came: told with the next tick. This is called for every line of a pull."""
        self._news = True

    def _tell_soon(self) -> None:
        """Something began or ended: told before anything else happens, once however much it was."""
        if self._told is None and not self._closing:
            self._told = asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._told = None
        self._news = False
        self._changed(self.downloads())

    def _tick_later(self) -> None:
        running = any(job.task is not None for job in self._jobs.values())
        if self._timer is None and running and not self._closing:
            self._timer = asyncio.get_running_loop().call_later(_TELL_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._ticks += 1
        now = time.monotonic()
        running = [job for job in self._jobs.values() if job.status == "running" and job.retry_in is None]
        for job in running:
            job.speed.feed(now, job.moved)
        if self._ticks % _TELLS_BETWEEN_SAVES == 0:
            for job in running:
                self._keep(job)
        if self._news or (running and self._ticks % _TELLS_WITHOUT_NEWS == 0):
            self._tell()
        self._tick_later()


def _record(job: Job) -> DownloadRecord:
    """How a download stands, as it is kept."""
    state = job.record.state
    if job.status != "failed":
        state = "paused" if job.status == "paused" else "running"
    return replace(job.record, completed=job.completed, total=job.total, state=state)
