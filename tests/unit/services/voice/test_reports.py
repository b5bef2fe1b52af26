from __future__ import annotations

import asyncio
import time

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.voice.reports import HandOver, VoiceReport


async def test_a_busy_window_is_told_once_and_misses_nothing() -> None:
    told: list[VoiceReport] = []
    reports = HandOver(asyncio.get_running_loop(), told.append)

    def many() -> None:
        for number in range(1_000):
            usages = {str(number): LiveUsage(total=number)}
            notices = (AIProxyError("Once"),) if number == 3 else ()
            changed = None if number % 2 else 1_000 - number
            reports.put(VoiceReport(changed_from=changed, usages=usages, notices=notices, number=1))

    thread = asyncio.ensure_future(on_thread(many))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - the window is busy
    await thread
    await asyncio.sleep(0)
    assert len(told) <= 3
    assert min(one.changed_from for one in told if one.changed_from is not None) == 2
    assert sum(len(one.usages) for one in told) >= 1_000
    assert sum(len(one.notices) for one in told) == 1


async def test_another_sessions_report_is_not_mixed_with_the_one_before() -> None:
    told: list[VoiceReport] = []
    reports = HandOver(asyncio.get_running_loop(), told.append)
    reports.put(VoiceReport(changed_from=0, usages={"a": LiveUsage()}, number=1))
    reports.put(VoiceReport(changed_from=4, number=2))
    await asyncio.sleep(0)
    assert [(one.number, one.changed_from, dict(one.usages)) for one in told] == [(2, 4, {})]
