"""A connection that is opened while the one before it still speaks, so that it stands when that one ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.link import Link


class Standby:
    """At most one; whoever takes it closes it.

    Args:
        open_one: opens a connection.
    """

    def __init__(self, open_one: Callable[[], Awaitable[Link]]) -> None:
        self._open_one = open_one
        self._opening: asyncio.Task[Link | None] | None = None

    def prepare(self) -> None:
        """Open it, where that was not begun; it is tried once."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open(), name="live standby")

    async def take(self) -> Link | None:
        """It, once it stands; None where there is none."""
        opening, self._opening = self._opening, None
        if opening is None:
            return None
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._opening = opening
            raise

    async def drop(self) -> None:
        """It is not wanted, or not any more."""
        opening, self._opening = self._opening, None
        if opening is None:
            return
        opening.cancel()
        await asyncio.wait([opening])
        link = None if opening.cancelled() else opening.result()
        if link is not None:
            await link.aclose()

    async def _open(self) -> Link | None:
        try:
            return await self._open_one()
        except AIProxyError:
            return None  # it is tried again when its time has come, and then it is told what came of it
