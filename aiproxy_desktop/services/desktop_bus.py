"""One connection to the session's D-Bus, for a thread of its own that may be woken. No Qt.

The messages are jeepney's; the waiting is ours: jeepney's own waits for an answer as long as it takes, and
nothing can end that.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

_CONNECT_SECONDS = 5.0
_READ = 65_536
# Room for a message of the bus; a longer one is none of a portal's.
_MOST_BUFFERED = 8 * 1024 * 1024


class BusError(Exception):
    """There is no bus, it went away, or whoever was asked did not answer or refused."""


class BusLost(BusError):  # noqa: N818 - it says what became of it
    """The connection is no more."""


class BusStopped(BusError):  # noqa: N818 - as above
    """Whoever owns the thread wants it to end."""


class DesktopBus:
    """Connected once made. All but `wake` belongs to one thread."""

    def __init__(self, stopping: Callable[[], bool], address: str = "") -> None:
        """Connect; that takes at most some seconds.

        Args:
            stopping: looked at whenever `wake` was called; true ends a wait.
            address: of the bus, else the session's own as DBUS_SESSION_BUS_ADDRESS says.

        Raises:
            BusError: there is none, or it cannot be spoken with.
            BusStopped: `stopping` became true.
        """
        try:
            from jeepney.bus import get_bus  # type: ignore[import-untyped]  # it ships none
            from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # it ships none
            from jeepney.io.blocking import prep_socket  # type: ignore[import-untyped]  # it ships none
            from jeepney.low_level import Parser  # type: ignore[import-untyped]  # it ships none
        except ImportError as error:
            raise BusError("this system has no D-Bus") from error
        try:
            self._socket: socket.socket = prep_socket(
                get_bus(address or _session()), timeout=_CONNECT_SECONDS
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise BusError("the session's bus cannot be reached") from error
        self._stopping = stopping
        self._parser: Any = Parser()
        self._serials = count(1)
        self._waiting: deque[Any] = deque()
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._socket.settimeout(_CONNECT_SECONDS)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        try:
            self.name: str = self.call(message_bus.Hello(), _CONNECT_SECONDS)[0]
        except BaseException:
            self.close()
            raise

    def wake(self) -> None:
        """Have `receive` return, and a call look whether it shall stop. From any thread."""
        try:
            self._waker.send(b"\0")
        except OSError:
            return  # full: it wakes anyway; closed: nobody waits

    def call(self, message: Any, seconds: float) -> tuple[Any, ...]:
        """Send a method call, and what it returned; what else arrives meanwhile is kept for `receive`.

        Raises:
            BusError: refused, or no answer within that time.
            BusLost: the connection is no more.
            BusStopped: see the constructor.
        """
        from jeepney.low_level import HeaderFields, MessageType

        serial = next(self._serials)
        self._send(message.serialise(serial=serial))
        deadline = time.monotonic() + seconds
        while True:
            found = self._next(deadline)
            if found is None:
                if time.monotonic() >= deadline:
                    raise BusError("no answer")
                continue
            if found.header.fields.get(HeaderFields.reply_serial) != serial:
                self._waiting.append(found)
            elif found.header.message_type == MessageType.error:
                raise BusError(str(found.header.fields.get(HeaderFields.error_name, "refused")))
            else:
                return tuple(found.body)

    def receive(self) -> Any | None:
        """The next message, however long it takes; None where the thread was woken.

        Raises:
            BusLost: the connection is no more.
            BusStopped: see the constructor.
        """
        return self._waiting.popleft() if self._waiting else self._next(None)

    def put_back(self, messages: Sequence[Any]) -> None:
        """Have `receive` give these again, before all others."""
        self._waiting.extendleft(reversed(messages))

    def close(self) -> None:
        """Let go of the connection."""
        self._selector.close()
        for one in (self._socket, self._woken, self._waker):
            one.close()

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise BusLost("the session's bus has gone") from error

    def _next(self, deadline: float | None) -> Any | None:
        """A message; None where the time is over or the thread was woken."""
        while True:
            if self._stopping():
                raise BusStopped("it ends")
            try:
                found = self._parser.get_next_message()
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise BusLost("the session's bus does not speak D-Bus") from error
            if found is not None:
                return found
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            ready = {key.fileobj for key, _events in self._selector.select(left)}
            if self._socket in ready:
                self._read()
            if self._woken in ready:
                self._woken.recv(_READ)
                return None
            if not ready:
                return None

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except OSError as error:
            raise BusLost("the session's bus has gone") from error
        if not data or self._parser.buf.bytes_buffered > _MOST_BUFFERED:
            raise BusLost("the session's bus has gone")
        self._parser.add_data(data)


def _session() -> str:
    """Where the session's bus listens: as the environment says, else where systemd puts it."""
    said = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if said or not runtime:
        return said
    return f"unix:path={runtime}/bus"
