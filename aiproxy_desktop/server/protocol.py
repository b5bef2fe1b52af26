"""Connections: uvicorn's, with an end to the patience for those who are slow, silent, or one too many.

uvicorn waits for headers, and for the rest of a body nobody wants, for ever, and reads headers of any size.
Here everything has a deadline or a size, what is no HTTP is no warning in the log, and the task of a request
is cancelled as soon as its client has left.

One request is answered at a time: who sends the next before the answer (pipelining, which no client of today
does) has that answered by a closed connection, and may come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate.bodies import busy
from aiproxy_desktop.server.gate.ws_door import check_handshake
from aiproxy_desktop.server.rules import Limits
from aiproxy_desktop.server.ws_protocol import Socket, Stall

# Where a connection stands: nothing is asked, a head comes, its body comes, its answer is made.
_Phase: TypeAlias = Literal["idle", "head", "body", "answer"]


class Connection(HttpToolsProtocol):
    """One connection that speaks HTTP."""

    def __init__(self, config: Config, state: ServerState, limits: Limits) -> None:
        """Wait for a client.

        Args:
            config: uvicorn's, loaded.
            state: the connections and tasks of its server.
            limits: of size and time.
        """
        super().__init__(config, state, {})
        self.ws_protocol_class = partial(Socket, limits=limits)  # type: ignore[assignment]  # made alike
        self.timeout_keep_alive = limits.idle_seconds  # type: ignore[assignment]  # any number of seconds
        self._limits = limits
        self._phase: _Phase = "idle"
        self._size = 0
        self._fresh = False
        self._saw_body = False
        self._deaf = False
        self._deadline: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._stall = Stall(limits.write_seconds)

    @property
    def is_idle(self) -> bool:
        """Whether it waits between two requests."""
        return self.timeout_keep_alive_task is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected; its request has to come."""
        super().connection_made(transport)  # type: ignore[arg-type]  # a stream's, always
        if len(self.connections) > self._limits.connections and not self._make_room():
            self._refuse(busy())
            self.transport.close()  # at once, since these are the many
            return
        self._wait(self._limits.header_seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: so is what was done for it."""
        self._end_waiting()
        self._stall.end()
        self._unset_keepalive_if_required()
        under_way = self._under_way
        super().connection_lost(exc)
        if under_way is not None and self._task is not None:
            self._task.cancel()
        self._task = None

    def eof_received(self) -> None:
        """It sends no more, which is how a client leaves: nothing that was written holds it here."""
        if self._under_way is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        self._unset_keepalive_if_required()
        if self._deaf:
            return
        self._fresh = self._saw_body = False
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgrade()
            return
        except httptools.HttpParserError:
            self._give_up(Refusal(400, "That is no HTTP request."))
            return
        if not self.transport.is_closing():
            self._count(len(data))

    # What the parser finds.

    def on_message_begin(self) -> None:
        """Another request."""
        if self._under_way is not None:
            self._deaf = True
            raise ValueError("a request before the answer to the last one")
        self._phase, self._fresh, self._size = "head", True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of its address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes behind a body (a trailer) is nobody's."""
        self._count_head(len(name) + len(value) + 4)
        if self._phase == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._end_waiting()
        super().on_headers_complete()
        self._phase, self._size = "body", 0

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        self._saw_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete. Reading goes on, since it tells when the client leaves."""
        self._end_waiting()
        super().on_message_complete()
        self._phase = "answer" if self._under_way is not None else "idle"
        self.flow.resume_reading()

    def on_response_complete(self) -> None:
        """The answer is out."""
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._deaf:
            self.transport.close()
        elif self._phase == "body":
            self._unset_keepalive_if_required()
            self._wait(self._limits.linger_seconds, self.transport.close)
        else:
            self._phase = "idle"

    def pause_writing(self) -> None:
        """The client reads slowly."""
        super().pause_writing()
        self._stall.begin(self.transport)

    def resume_writing(self) -> None:
        """It reads again."""
        self._stall.end()
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        task = self.loop.create_task(self._answer(cycle, app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        self._task = task

    async def _answer(self, cycle: RequestResponseCycle, app: Any) -> None:
        try:
            await app(cycle.scope, cycle.receive, cycle.send)
        except asyncio.CancelledError as left:
            # Where it was raised there is all of the request, and a circle that holds it for long.
            left.__traceback__ = left.__context__ = None
            raise
        finally:
            if not cycle.response_complete:  # the client can tell that something is missing
                self.transport.abort()
            cycle.on_response = _nothing  # which would keep the connection alive in a circle

    @property
    def _under_way(self) -> RequestResponseCycle | None:
        """The request whose answer is not out."""
        cycle: RequestResponseCycle | Any = self.cycle  # which is None before the first
        return None if cycle is None or cycle.response_complete else cycle

    def _count(self, size: int) -> None:
        """What came besides whole headers and body: an unfinished head, or a chunked body's own writing."""
        if self._phase in {"idle", "head"} and self._deadline is None:
            self._wait(self._limits.header_seconds, self._late)
        if (self._phase == "head" and not self._fresh) or (self._phase == "body" and not self._saw_body):
            self._size += size
            if self._size > self._limits.headers:
                self._give_up(_too_long())

    def _count_head(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.headers:
            raise ValueError("too long")

    def _upgrade(self) -> None:
        """To a WebSocket; a request for anything else is answered as it is, and is the last."""
        if self._should_upgrade():
            self._end_waiting()
            try:
                check_handshake(self.scope["method"], self.headers)
            except Refusal as no:
                self._refuse(no)
                return
            self.handle_websocket_upgrade()
            return
        self._deaf = True
        if self._under_way is not None:
            self._under_way.keep_alive = False

    def _late(self) -> None:
        if self._phase == "head":
            self._refuse(Refusal(408, "The request came too slowly."))
        else:
            self.transport.close()

    def _give_up(self, no: Refusal) -> None:
        """Hear no more. An answer under way is finished; where there is none, this is it."""
        self._deaf = True
        if self._size > self._limits.headers:
            no = _too_long()
        under_way = self._under_way
        if under_way is not None and self._phase != "body":
            under_way.keep_alive = False
        elif under_way is not None:  # the route will never have all of its request
            self.transport.abort()
        elif self._phase == "body":  # answered before all of it was there
            self.transport.close()
        else:
            self._refuse(no)

    def _refuse(self, no: Refusal) -> None:
        self._deaf = True
        body = no.encoded
        head = (
            f"HTTP/1.1 {no.status} {HTTPStatus(no.status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n"
        )
        more = "".join(f"{name}: {value}\r\n" for name, value in no.headers)
        self.transport.write(f"{head}{more}\r\n".encode() + body)
        # Not closed at once: what is still on its way here would undo what was just said.
        with suppress(OSError, RuntimeError):  # asyncio's and uvloop's way to say that the client is gone
            self.transport.write_eof()
        self._wait(self._limits.linger_seconds, self.transport.abort)

    def _make_room(self) -> bool:
        """Close another connection that nobody uses now. Whether there was one."""
        for other in self.connections:
            if isinstance(other, Connection) and other.is_idle:
                other.transport.close()
                return True
        return False

    def _wait(self, seconds: float, then: Callable[[], object]) -> None:
        self._end_waiting()
        self._deadline = self.loop.call_later(seconds, then)

    def _end_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _nothing() -> None:
    pass


def _too_long() -> Refusal:
    return Refusal(431, "The request's headers are too long.")
