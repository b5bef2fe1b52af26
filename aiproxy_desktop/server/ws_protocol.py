"""WebSockets: uvicorn's, with an end to the patience for those who read nothing or send without end."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from aiproxy_desktop.server.rules import Limits

# A message in more pieces than this is sent to fill the memory.
_MOST_PIECES = 1024

# Bytes of the first message of who has shown no token: it brings that, with a configuration.
_MOST_UNKNOWN = 256 * 1024

# Bytes that wait for a client that reads slowly, beyond which its pings are answered no more.
_MOST_UNREAD = 1024 * 1024

# What uvicorn says of WebSockets, which is what clients did wrong: anybody could fill the log with it.
_UNHEARD = logging.Logger("unheard", logging.CRITICAL + 1)  # noqa: LOG001 - nobody is to configure it


class Stall:
    """Ends a connection whose client reads nothing of what it was sent."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport) -> None:
        """The client reads no further."""
        self.end()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, transport.abort)

    def end(self) -> None:
        """It does again, or is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Socket(WebSocketsSansIOProtocol):
    """One WebSocket."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], limits: Limits
    ) -> None:
        """Take over a connection that has asked for it; as uvicorn makes its own."""
        super().__init__(config, server_state, app_state)
        self.logger = _UNHEARD
        self._stall = Stall(limits.write_seconds)
        self._too_many_pings = False
        self._unknown: int | None = 0  # bytes so far, until the first message is whole

    async def run_asgi(self) -> None:
        """Hold the conversation; the guard has told and logged whatever went wrong."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        finally:
            if not self.handshake_complete:
                self.transport.abort()
            elif self.close_timer is None:
                self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Some bytes came; few are kept of who may turn out to be nobody."""
        super().data_received(data)
        if self._unknown is None or self.close_sent:
            return
        self._unknown += len(data)
        if self._unknown > _MOST_UNKNOWN and not self.scope["state"].get("admitted"):
            self._fail(1009, "the first message is too long")

    def send_receive_event_to_app(self) -> None:
        """A message is whole; whoever may not send another is let go of at the first."""
        self._unknown = None
        super().send_receive_event_to_app()

    def handle_cont(self, event: Any) -> None:
        """Another piece of a message."""
        if len(self.frames) >= _MOST_PIECES:
            self._fail(1009, "too many pieces")
            return
        super().handle_cont(event)

    def pause_writing(self) -> None:
        """The client reads slowly; it is heard all the same, as what it says may be that it wants no more."""
        super().pause_writing()
        self._stall.begin(self.transport)

    def resume_writing(self) -> None:
        """It reads again."""
        self._stall.end()
        super().resume_writing()
        if self._too_many_pings:
            self._too_many_pings = False
            if not self.read_paused:
                self.transport.resume_reading()

    def handle_ping(self) -> None:
        """Each ping is answered; who sends them and reads no answer is heard no further."""
        super().handle_ping()
        if self.transport.get_write_buffer_size() > _MOST_UNREAD and not self._too_many_pings:
            self._too_many_pings = True
            if not self.read_paused:
                self.transport.pause_reading()

    def _fail(self, code: int, reason: str) -> None:
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    async def receive(self) -> Any:
        """The next thing that the client did."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            if not self._too_many_pings:
                self.transport.resume_reading()
        return message

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stall.end()
        super().connection_lost(exc)
