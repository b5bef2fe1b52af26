"""The newest requests to the local API. Written by the server's thread, read by the window's."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.services.local_api.values import ApiRequest

KEPT = 500
KEPT_REFUSED = 50


class RequestLog:
    """A bounded log in memory; nothing of it is written anywhere, and nothing that was said is in it."""

    def __init__(
        self,
        on_changed: Callable[[], None] | None = None,
        kept: int = KEPT,
        kept_refused: int = KEPT_REFUSED,
    ) -> None:
        """Begin empty.

        Args:
            on_changed: called after each change, on the thread that made it; must not block.
            kept: how many requests; the oldest go first, of those that have ended.
            kept_refused: how many of them may be `refused` ones; a flood of those pushes out no others.
        """
        self.on_changed = on_changed
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._entries: dict[int, ApiRequest] = {}
        self._refused: deque[int] = deque()
        self._most, self._most_refused = kept, kept_refused

    def recent(self) -> tuple[ApiRequest, ...]:
        """What is kept, oldest first."""
        with self._lock:
            return tuple(self._entries.values())

    def begin(self, client: ClientContext, peer: str, method: str, path: str) -> int:
        """A request came; its number."""
        number = next(self._numbers)
        with self._lock:
            self._add(ApiRequest(number, datetime.now(UTC), client, peer, method, path))
        self._tell()
        return number

    def refused(
        self,
        client: ClientContext,
        peer: str,
        method: str,
        path: str,
        *,
        status: int,
        seconds: float,
        error: str,
    ) -> None:
        """A request came and was turned away before anybody took it up; see `ApiRequest` for its facts."""
        number, came = next(self._numbers), datetime.now(UTC) - timedelta(seconds=seconds)
        entry = ApiRequest(
            number, came, client, peer, method, path, status=status, seconds=seconds, error=error
        )
        with self._lock:
            if len(self._refused) >= self._most_refused:
                self._entries.pop(self._refused.popleft(), None)
            self._refused.append(number)
            self._add(entry)
        self._tell()

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
            self._refused.clear()
        self._tell()

    def _add(self, entry: ApiRequest) -> None:
        self._entries[entry.number] = entry
        if len(self._entries) > self._most:
            ended = (number for number, one in self._entries.items() if one.seconds is not None)
            del self._entries[next(ended, next(iter(self._entries)))]

    def _tell(self) -> None:
        if self.on_changed is not None:
            self.on_changed()
