"""Events on their way to the one who consumes them: in order, and never more than so many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from aiproxy_desktop.core.live.events import LiveEvent, SessionEnded


class Outlet:
    """A bounded queue with one end: after SessionEnded nothing comes.

    Args:
        most: events that may wait.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: deque[LiveEvent] = deque()
        self._changed = asyncio.Event()
        self._ended = False

    @property
    def full(self) -> bool:
        """Whether `put` would wait."""
        return len(self._events) >= self._most and not self._ended

    async def put(self, event: LiveEvent) -> None:
        """Hand an event over, waiting while too many wait already."""
        while self.full:
            self._changed.clear()
            await self._changed.wait()
        self.tell(event)

    def tell(self, event: LiveEvent) -> None:
        """Hand over one of those few that never wait."""
        if not self._ended:
            self._ended = isinstance(event, SessionEnded)
            self._events.append(event)
            self._changed.set()

    async def events(self) -> AsyncGenerator[LiveEvent]:
        """Each event once; ends after SessionEnded."""
        while True:
            while self._events:
                event = self._events.popleft()
                self._changed.set()
                yield event
                if isinstance(event, SessionEnded):
                    return
            if self._ended:
                return
            self._changed.clear()
            await self._changed.wait()
