"""The body of an answer while it arrives: bounded, sniffed, and let go of at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiproxy_desktop.core.errors import AIProxyError, ProtocolError
from aiproxy_desktop.core.framing import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpCall
    from aiproxy_desktop.core.http_transport import Answer
    from aiproxy_desktop.core.timeouts import Timeouts

MAX_ERROR_BYTES = 64 * 1024
# Copied in a millisecond.
_SMALL = 2 * 1024 * 1024
_ERROR_BODY_SECONDS = 10.0
_DRAIN_SECONDS = 0.2


class HttpBody:
    """The body of one answer, chunk by chunk as the network brings it."""

    def __init__(self, answer: Answer, call: HttpCall, timeouts: Timeouts) -> None:
        self.call = call
        self._answer = answer
        self._timeouts = timeouts
        from aiproxy_desktop.core.transport_errors import TRANSPORT_ERRORS, transport_failure

        self._errors = TRANSPORT_ERRORS
        self._fail = transport_failure
        self._head: bytes | None = None if call.bare else b""
        self._deadline: float | None = None
        self._spacing = 0.0

    @property
    def status(self) -> int:
        """Of the answer's head."""
        return self._answer.status

    def header(self, name: str) -> str:
        """A header of the answer, or nothing."""
        return self._answer.headers.get(name, "")

    def check_head(self) -> AIProxyError | None:
        """What is wrong with the headers, if anything."""
        encoding = self._answer.headers.get("content-encoding", "identity")
        if encoding not in {"", "identity"}:
            return ProtocolError(
                f"{self.call.label} sent a compressed answer",
                "It was asked not to, so this is not read.",
                provider=self.call.provider,
            )
        if self._answer.headers.get("content-type", "").lower().startswith("text/html"):
            return self._web_page()
        return None

    def __aiter__(self) -> HttpBody:
        return self

    async def __anext__(self) -> bytes:
        """The next chunk.

        Raises:
            AIProxyError: the connection broke or fell silent, or a web page came.
        """
        if self._spacing:
            await self._let_gather()
        if self._deadline is not None:
            chunk = await self._next_before(self._deadline)
        else:
            chunk = await self._next()
        if self._head is not None:
            self._sniff(chunk)
        return chunk

    def space(self, seconds: float) -> None:
        """Wait so long before each further chunk, so that what comes in small pieces is read in larger ones.

        Meanwhile the system holds what comes, and this process is not woken for it: for a server that reports
        a thousand times a second what nobody looks at more than a few times.
        """
        self._spacing = seconds

    def hurry(self, seconds: float) -> None:
        """The body ends by itself so many seconds from now."""
        import asyncio

        self._spacing = 0.0
        self._deadline = asyncio.get_running_loop().time() + seconds

    async def drain(self) -> None:
        """Read the little that may follow the end of an answer, so that the connection can be used again."""
        if self._answer.ended:
            return
        self.hurry(_DRAIN_SECONDS)
        size = 0
        try:
            async for chunk in self:
                size += len(chunk)
                if size > MAX_ERROR_BYTES:
                    return
        except AIProxyError:
            return  # the answer was whole already; how its connection ends does not matter

    async def read(self, limit: int) -> bytes:
        """All of it.

        Raises:
            ProtocolError: it exceeds `limit` bytes.
        """
        chunks: list[bytes] = []
        size = 0
        async for chunk in self:
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise ProtocolError(
                    f"{self.call.label} sent an answer that is too large",
                    f"It exceeds {limit // (1024 * 1024)} MiB, so reading stopped.",
                    provider=self.call.provider,
                )
        if size <= _SMALL:
            return b"".join(chunks)
        from aiproxy_desktop.core.threads import on_thread

        # Python lets go of the interpreter while it joins as much: 64 MB are 25 ms of copying.
        return await on_thread(lambda: b"".join(chunks), "body")

    async def read_some(self) -> bytes:
        """As much of an error's body as comes soon; a broken one never hides the error itself."""
        self._head = None
        self.hurry(_ERROR_BODY_SECONDS)
        found = bytearray()
        try:
            async for chunk in self:
                found += chunk
                if len(found) > MAX_ERROR_BYTES:
                    break
        except AIProxyError:
            pass  # the status says enough
        return bytes(found[:MAX_ERROR_BYTES])

    def close(self) -> None:
        """Let go of the connection; one with an unread answer is closed."""
        self._answer.close()

    async def _next(self) -> bytes:
        try:
            chunk = await self._answer.read()
        except self._errors as error:
            failed = self._fail(error, self.call, self._timeouts, answering=True)
        else:
            if not chunk:
                raise StopAsyncIteration
            return chunk
        raise failed

    async def _let_gather(self) -> None:
        import asyncio

        self._answer.pause()
        try:
            await asyncio.sleep(self._spacing)
        finally:
            self._answer.resume()

    async def _next_before(self, deadline: float) -> bytes:
        import asyncio

        if self._answer.ready and asyncio.get_running_loop().time() < deadline:
            return await self._next()  # a clock costs more than the reading
        try:
            async with asyncio.timeout_at(deadline):
                return await self._next()
        except TimeoutError:
            raise StopAsyncIteration from None

    def _sniff(self, chunk: bytes) -> None:
        """Refuse a web page whatever its headers say: a portal or a wrong address under status 200."""
        head = (self._head or b"") + chunk[:64]
        text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
        if BYTE_ORDER_MARK.startswith(head) or (not text and len(head) < 1024):
            self._head = head
            return
        self._head = None
        if text.startswith(b"<"):
            raise self._web_page()

    def _web_page(self) -> ProtocolError:
        return ProtocolError(
            f"{self.call.label} answered with a web page",
            "Check the base address in Settings, or whether this network asks you to sign in first.",
            provider=self.call.provider,
            status=self._answer.status,
        )
