from __future__ import annotations

import asyncio
import threading

import pytest

from aiproxy_desktop.core.threads import on_thread, outlasting, start_on_thread


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
