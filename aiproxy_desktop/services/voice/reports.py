"""How the engine's thread tells the window: the newest values, at most one hand-over under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceFigures, VoiceState


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """How everything stands.

    `changed_from` is the first entry that is not as it was, None where none changed. `usages` are the counts
    of the answers by the id of their first turn; `notices` are to be said once. `number` is that of
    the session, `recording` its file.
    """

    state: VoiceState = field(default_factory=VoiceState)
    entries: tuple[VoiceEntry, ...] = ()
    changed_from: int | None = None
    figures: VoiceFigures = field(default_factory=VoiceFigures)
    usages: Mapping[str, LiveUsage] = field(default_factory=dict)
    notices: tuple[AIProxyError, ...] = ()
    number: int = 0
    recording: Path | None = None


class HandOver:
    """Values from one thread to a loop on another. A report that was not taken yet gives way to the next."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[VoiceReport], None]) -> None:
        self._loop = loop
        self._deliver = deliver
        self._lock = threading.Lock()
        self._waiting: VoiceReport | None = None

    def put(self, report: VoiceReport) -> None:
        """Tell, from any thread."""
        with self._lock:
            former, self._waiting = self._waiting, report
            if former is not None:
                self._waiting = _joined(former, report)
                return
        try:
            self._loop.call_soon_threadsafe(self._take)
        except RuntimeError:
            return  # the loop has ended, and with it whoever would hear

    def _take(self) -> None:
        with self._lock:
            report, self._waiting = self._waiting, None
        if report is not None:
            self._deliver(report)


def _joined(former: VoiceReport, newer: VoiceReport) -> VoiceReport:
    if former.number != newer.number:
        return replace(newer, notices=(*former.notices, *newer.notices))
    places = [one for one in (former.changed_from, newer.changed_from) if one is not None]
    return replace(
        newer,
        changed_from=min(places, default=None),
        usages={**former.usages, **newer.usages},
        notices=(*former.notices, *newer.notices),
    )
