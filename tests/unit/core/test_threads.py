from __future__ import annotations

import asyncio
import threading

import pytest

from aiproxy_desktop.core.threads import on_thread, outlasting, start_on_thread, wait_for_threads


async def test_an_error_on_the_thread_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await on_thread(fail)


async def test_work_goes_on_when_its_waiter_is_cancelled() -> None:
    go = threading.Event()
    future = start_on_thread(go.wait, "waits")
    waiter = asyncio.ensure_future(outlasting(future))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    go.set()
    assert await future is True


def test_a_thread_that_is_done_after_its_loop_says_nothing() -> None:
    go = threading.Event()

    async def leave() -> None:
        start_on_thread(go.wait, "late")

    asyncio.run(leave())
    late = [thread for thread in threading.enumerate() if thread.name == "late"]
    go.set()
    for thread in late:
        thread.join(60)
    assert len(late) == 1


async def test_what_still_runs_at_the_end_is_waited_for_a_moment() -> None:
    go, ended = threading.Event(), threading.Event()

    def slow() -> None:
        go.wait()
        ended.set()

    work = start_on_thread(slow, "slow")
    wait_for_threads(0.01)  # one that hangs holds nobody up
    assert not ended.is_set()
    threading.Timer(0.05, go.set).start()
    wait_for_threads(60)
    assert ended.is_set()
    await work
