"""Bodies: read whole, within bounds of size, time, and memory for all of them."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from aiproxy_desktop.server.asgi import Message, Receive
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate.checks import BodyKind, Headers
from aiproxy_desktop.server.rules import MEBIBYTE, Limits

# All of a body. One that came in pieces grew in place: joined, for a moment it would be there twice.
Whole: TypeAlias = bytes | bytearray

# A body makes its time longer by a second with so many bytes.
_BYTES_A_SECOND = 16 * 1024

# Of a body that nobody reads, as some clients send one with GET.
_MOST_IGNORED = 64 * 1024

# Of a value of JSON in memory, where it is a small one.
_EACH_VALUE = 100

# Of a body that is refused so much is still taken, so that its sender comes to read why.
_MOST_DISCARDED = 64 * MEBIBYTE


class Budget:
    """Bytes of all bodies that are in memory, and of what was made of them."""

    def __init__(self) -> None:
        self.held = 0

    def take(self, size: int, limits: Limits) -> None:
        """Count some more.

        Raises:
            Refusal: there are too many.
        """
        if self.held + size > limits.memory:
            raise busy()
        self.held += size

    def give_back(self, size: int) -> None:
        """So many are gone."""
        self.held -= size


def busy() -> Refusal:
    """What a client is told when there is too much to do."""
    sentence = "The server has too many requests to answer. Try again in a moment."
    return Refusal(503, sentence, kind="server_error", code="overloaded", headers=(("retry-after", "1"),))


class Body:
    """The body of one request; `size` is what the budget has counted for it."""

    def __init__(self, receive: Receive, headers: Headers, budget: Budget, limits: Limits) -> None:
        self.size = 0
        self._receive, self._headers, self._budget, self._limits = receive, headers, budget, limits
        self._ended = False

    async def read(self, kind: BodyKind) -> Whole:
        """All of it.

        Raises:
            Refusal: it is too large, too slow, or ends early.
        """
        sizes = {"json": self._limits.body, "files": self._limits.upload, "ignored": _MOST_IGNORED}
        most = sizes[kind]
        if self._announced > most:
            raise _too_large(most)
        try:
            return await self._whole(most)
        except TimeoutError:
            self._ended = True
            raise Refusal(408, "The request came too slowly.", headers=(("connection", "close"),)) from None

    async def discard(self) -> None:
        """Take what is left of one that is refused: many clients read nothing before they have sent all.

        One that asks first (`Expect`) is told at once, and one that sends without end is not heard out.
        """
        chunked = b"transfer-encoding" in self._headers.by_name
        nothing = not (chunked or self._announced)
        if self._ended or nothing or self._headers.by_name.get(b"expect"):
            return
        left = _MOST_DISCARDED
        if self._announced > left:
            return
        try:
            async with asyncio.timeout(self._limits.linger_seconds):
                while left > 0 and not self._ended:
                    left -= len((await self._next()).get("body", b""))
        except (TimeoutError, Refusal):
            return

    def hold(self, values: int) -> None:
        """It has been read into so many values.

        Raises:
            Refusal: there are too many, of all bodies.
        """
        self._budget.take(values * _EACH_VALUE, self._limits)
        self.size += values * _EACH_VALUE

    def close(self) -> None:
        """It is no longer in memory."""
        self._budget.give_back(self.size)
        self.size = 0

    async def _whole(self, most: int) -> Whole:
        """All of it.

        Raises:
            TimeoutError: it is too slow; the first piece of it, too.
        """
        loop = asyncio.get_running_loop()
        began, allowed = loop.time(), self._limits.body_seconds
        async with asyncio.timeout_at(began + allowed) as deadline:
            part, ended = await self._part(most)
            if ended:
                return part
            whole = bytearray(part)
            while not ended:
                deadline.reschedule(began + allowed + self.size / _BYTES_A_SECOND)
                part, ended = await self._part(most)
                whole += part
            return whole

    async def _part(self, most: int) -> tuple[bytes, bool]:
        """The next piece, and whether it is the last."""
        part: bytes = (await self._next()).get("body", b"")
        self._count(part, most)
        return part, self._ended

    @property
    def _announced(self) -> int:
        said = self._headers.by_name.get(b"content-length", b"")
        return int(said[:20]) if said.isdigit() else 0

    async def _next(self) -> Message:
        message = await self._receive()
        self._ended = not message.get("more_body", False)
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The request ended early.")
        return message

    def _count(self, part: bytes, most: int) -> None:
        if self.size + len(part) > most:
            raise _too_large(most)
        self._budget.take(len(part), self._limits)
        self.size += len(part)


def _too_large(most: int) -> Refusal:
    size = f"{most // MEBIBYTE} MiB" if most >= MEBIBYTE else f"{most // 1024} KiB"
    return Refusal(413, f"The request is too large. At most {size} can be sent.")
