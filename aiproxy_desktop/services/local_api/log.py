"""The newest requests to the local API. Written by the server's thread, read by the window's."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.services.local_api.values import ApiRequest

KEPT = 500


class RequestLog:
    """A bounded log in memory; nothing of it is written anywhere, and nothing that was said is in it."""

    def __init__(self, on_changed: Callable[[], None] | None = None, kept: int = KEPT) -> None:
        """Begin empty.

        Args:
            on_changed: called after each change, on the thread that made it; must not block.
            kept: how many requests; the oldest go first.
        """
        self.on_changed = on_changed
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: deque[int] = deque()
        self._entries: dict[int, ApiRequest] = {}
        self._most = kept

    def recent(self) -> tuple[ApiRequest, ...]:
        """What is kept, oldest first."""
        with self._lock:
            return tuple(self._entries.values())

    def begin(self, client: ClientContext, peer: str, method: str, path: str) -> int:
        """A request came; its number."""
        number = next(self._numbers)
        entry = ApiRequest(number, datetime.now(UTC), client, peer, method, path)
        with self._lock:
            self._entries[number] = entry
            self._kept.append(number)
            if len(self._kept) > self._most:
                del self._entries[self._kept.popleft()]
        self._tell()
        return number

    def note(self, number: int, **facts: Any) -> None:
        """More is known of a request: fields of `ApiRequest`."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is None:
                return
            self._entries[number] = replace(entry, **facts)
        self._tell()

    def clear(self) -> None:
        """Forget all that have ended."""
        with self._lock:
            self._entries = {at: one for at, one in self._entries.items() if one.seconds is None}
            self._kept = deque(self._entries)
        self._tell()

    def _tell(self) -> None:
        if self.on_changed is not None:
            self.on_changed()
