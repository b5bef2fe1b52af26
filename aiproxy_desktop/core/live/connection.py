"""One WebSocket of a live session: bounded both ways, watched for signs of life, silent about keys."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from aiproxy_desktop.core.endpoints import is_loopback
from aiproxy_desktop.core.errors import AIProxyError, ProtocolError, UnreachableError
from aiproxy_desktop.core.live.codec import Frames, LiveAddress
from aiproxy_desktop.core.live.events import ReconnectReason
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.threads import on_thread

if TYPE_CHECKING:
    import ssl

    from websockets.asyncio.client import ClientConnection

# The library writes headers, and with them the key, at DEBUG: it is given a logger that tells nobody.
_SILENT = logging.Logger("live wire", logging.CRITICAL + 1)  # noqa: LOG001 - out of reach of every setting

# A machine that was suspended: the clock on the wall went on, the other stood still. A clock that was set
# looks the same, so the connection is only asked for a sign of life, and soon.
_JUMP_SECONDS, _PROBE_SECONDS = 3.0, 2.0


class LostError(Exception):
    """The connection ended; `reason` says how, `error` what a person is told."""

    def __init__(self, error: AIProxyError, reason: ReconnectReason) -> None:
        super().__init__(error.title)
        self.error = error
        self.reason = reason


class LiveConnection:
    """An open WebSocket. One reader, one writer; `aclose` in any case.

    Args:
        socket: as `open_socket` gives it.
        label: what a person calls the service.
        provider: its id.
        closed: what a close code of the service means.
        policy: its bounds.
    """

    def __init__(
        self,
        socket: ClientConnection,
        label: str,
        provider: str,
        closed: Callable[[int, str], AIProxyError],
        policy: LivePolicy,
    ) -> None:
        self._socket = socket
        self._label = label
        self._provider = provider
        self._closed = closed
        self._policy = policy
        self._dead = False
        self._heard = time.monotonic()
        self.held = False  # whoever reads is waiting for something else: silence is no sign of death
        self._pulse = asyncio.get_running_loop().create_task(self._beat(), name="live pulse")

    async def send(self, frames: Frames) -> None:
        """Put messages on the wire, waiting while it is full.

        Raises:
            LostError: the connection has ended.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            for frame in frames:
                await self._socket.send(frame, text=True)
        except ConnectionClosed:
            pass
        else:
            return
        raise self._lost()

    async def receive(self) -> bytes:
        """The next message.

        Raises:
            LostError: the connection has ended.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            frame = await self._socket.recv(decode=False)
        except ConnectionClosed:
            pass
        else:
            self._heard = time.monotonic()
            return frame
        raise self._lost()

    async def aclose(self) -> None:
        """Say goodbye, for a moment only; then it is dropped."""
        self._pulse.cancel()
        try:
            async with asyncio.timeout(self._policy.close_seconds):
                await self._socket.close()
        except TimeoutError:
            self._socket.transport.abort()
        except BaseException:
            self._socket.transport.abort()
            raise
        finally:
            await asyncio.gather(self._pulse, return_exceptions=True)

    def _lost(self) -> LostError:
        received = self._socket.protocol.close_rcvd
        if self._dead:
            silent = UnreachableError(
                f"The connection to {self._label} went dead",
                "Check the connection to the network.",
                provider=self._provider,
            )
            return LostError(silent, "network")
        if received is None and self._socket.close_code == 1009:
            large = ProtocolError(
                f"{self._label} sent more at once than can be taken", "Try again.", provider=self._provider
            )
            return LostError(large, "closed")
        if received is None:
            broken = UnreachableError(
                f"The connection to {self._label} broke",
                "Check the connection to the network.",
                provider=self._provider,
            )
            return LostError(broken, "network")
        return LostError(self._closed(received.code, received.reason), "closed")

    async def _beat(self) -> None:
        """Ask for a sign of life now and then, and at once where the machine seems to have slept."""
        wall, steady = time.time(), time.monotonic()
        asked = steady
        while True:
            await asyncio.sleep(min(1.0, self._policy.ping_seconds))
            slept = time.time() - wall - (time.monotonic() - steady) > _JUMP_SECONDS
            wall, steady = time.time(), time.monotonic()
            due = steady - max(asked, self._heard) >= self._policy.ping_seconds
            if slept or due:
                await self._probe(_PROBE_SECONDS if slept else self._policy.ping_seconds)
                asked = time.monotonic()

    async def _probe(self, patience: float) -> None:
        from websockets.exceptions import ConnectionClosed

        before = self._heard
        with suppress(ConnectionClosed):
            try:
                async with asyncio.timeout(patience):
                    await (await self._socket.ping())
            except TimeoutError:
                if not self.held and self._heard == before:
                    self._dead = True
                    self._socket.transport.abort()


async def open_socket(
    address: LiveAddress,
    label: str,
    provider: str,
    closed: Callable[[int, str], AIProxyError],
    policy: LivePolicy,
) -> LiveConnection:
    """Connect.

    Raises:
        AIProxyError: there is no way there, or it was refused.
    """
    from aiproxy_desktop.core.live.errors import host_of, opening_failure

    loopback = is_loopback(host_of(address.url))
    trust = await on_thread(lambda: _prepare(address.url.startswith("wss:")), "live opening")

    from websockets.asyncio.client import connect

    failed: AIProxyError
    try:
        async with asyncio.timeout(policy.open_seconds):
            socket = await connect(
                address.url,
                additional_headers=dict(address.headers),
                user_agent_header="aiproxy-desktop",
                ssl=trust,
                proxy=None if loopback else True,
                compression=None,  # sound in base64 hardly shrinks
                logger=_SILENT,
                open_timeout=None,
                close_timeout=policy.close_seconds,
                ping_interval=None,  # see `_beat`
                max_size=policy.frame_bytes,
                max_queue=policy.frames,
            )
    except Exception as error:  # noqa: BLE001 - of the library, of TLS and of the system; mapped, and not chained
        failed = opening_failure(error, address, label, provider)
    else:
        return LiveConnection(socket, label, provider, closed, policy)
    # Raised here, outside `except`: no exception that holds the request, and with it the key, hangs from it.
    raise failed


def _prepare(secure: bool) -> ssl.SSLContext | None:
    """What takes too long for the loop: the library is read, and the certificates."""
    import websockets.asyncio.client  # noqa: F401 - read here, so that it is there

    return _trust() if secure else None


def _trust() -> ssl.SSLContext:
    """SSL_CERT_FILE and SSL_CERT_DIR, else the system's store, else the certificates that come with httpx."""
    import os
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    told = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    if not (told or paths.cafile or paths.capath or context.get_ca_certs()):
        import certifi

        context.load_verify_locations(certifi.where())
    return context
