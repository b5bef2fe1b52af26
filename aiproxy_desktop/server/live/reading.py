"""A client's frames as messages: what is none is refused, and told, within reason."""

from __future__ import annotations

import asyncio
import time

from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.goodbyes import told
from aiproxy_desktop.server.live.client_line import ClientLine
from aiproxy_desktop.server.live.messages import ClientMessage, read_frame

# Of frames that are nothing; then nobody is there who means it.
_MOST_UNREADABLE = 50
# The same sentence is told again after so many seconds, however often it applies.
_SAY_AGAIN_SECONDS = 1.0


class Reading:
    """The messages that come over a line."""

    def __init__(self, line: ClientLine) -> None:
        self._line = line
        self._unreadable = 0
        self._told, self._since = "", 0.0

    async def next(self) -> ClientMessage:
        """The next one.

        Raises:
            Refusal: too many were none.
        """
        while True:
            frame = await self._line.receive()
            try:
                return read_frame(frame)
            except Refusal as no:
                await self.complain(no)
                self._unreadable += 1
                if self._unreadable > _MOST_UNREADABLE:
                    raise Refusal(400, "Too many messages could not be read. Connect again.") from None

    async def first(self, seconds: float | None) -> ClientMessage | None:
        """The first one; None where nothing comes in that time.

        Raises:
            Refusal: as `next`.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self.next()
        except TimeoutError:
            return None

    async def complain(self, no: Refusal) -> None:
        """Tell what is wrong, and the same thing not for each of fifty pieces of sound a second."""
        now = time.monotonic()
        if no.sentence != self._told or now - self._since > _SAY_AGAIN_SECONDS:
            self._told, self._since = no.sentence, now
            await self._line.send(told(no, fatal=False))
