"""A server on an event loop: opened, and ended without breaking off what is being answered."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import replace

import uvicorn
from uvicorn.server import ServerState

from aiproxy_desktop.server.asgi import App
from aiproxy_desktop.server.protocol import Connection
from aiproxy_desktop.server.rules import Limits
from aiproxy_desktop.server.sockets import BACKLOG, listen
from aiproxy_desktop.system import allow_open_files

__all__ = ["PATIENCE", "RunningServer", "listen"]

# What is still being answered may end by itself for so long.
PATIENCE = 5.0

# Files that are open for other reasons: the window's, logs, libraries.
_OTHER_FILES = 512
_FEWEST = 64

# Of every answer: it is what its type says, and no page elsewhere has it as a picture or a script.
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class RunningServer:
    """One server on the loop that awaits `start`; that loop has to await `stop`. It minds no signals."""

    def __init__(
        self, app: App, sockets: list[socket.socket], limits: Limits, patience: float = PATIENCE
    ) -> None:
        """Describe it.

        Args:
            app: what answers.
            sockets: bound and listening; closed by `stop`.
            limits: of sizes, times and connections.
            patience: seconds in which what is being answered may still end, once it is stopped.
        """
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            ws_max_size=limits.frame,
            ws_per_message_deflate=False,
        )
        self._limits, self._patience = limits, patience
        self._sockets = sockets
        self._state = ServerState()
        self._state.default_headers = _HEADERS
        self._listening: list[asyncio.Server] = []
        self._ended = asyncio.Event()

    @property
    def connections(self) -> int:
        """Open now."""
        return len(self._state.connections)

    async def start(self) -> None:
        """Serve from now on."""
        if not self._config.loaded:
            self._config.load()
        # Two for each connection, as most have one to a provider; less than asked for means fewer of them.
        files = allow_open_files(2 * self._limits.connections + _OTHER_FILES)
        most = max(_FEWEST, (files - _OTHER_FILES) // 2)
        self._limits = replace(self._limits, connections=min(self._limits.connections, most))
        loop = asyncio.get_running_loop()
        for opened in self._sockets:
            serving = await loop.create_server(self._connection, sock=opened, backlog=BACKLOG)
            self._listening.append(serving)

    async def wait(self) -> None:
        """Until it has been stopped."""
        await self._ended.wait()

    async def stop(self) -> None:
        """Take no more, let what is being answered end, then close."""
        for serving in self._listening:
            serving.close()
        for connection in tuple(self._state.connections):
            connection.shutdown()
        await self._answered()
        for connection in tuple(self._state.connections):
            connection.transport.abort()
        for task in tuple(self._state.tasks):
            task.cancel()
        while self._state.tasks:
            await asyncio.wait(tuple(self._state.tasks))
        for opened in self._sockets:
            opened.close()
        self._listening.clear()
        self._ended.set()

    async def _answered(self) -> None:
        """Until everything is answered and has gone out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while self._state.tasks:
                    await asyncio.wait(tuple(self._state.tasks))
                while self._state.connections:  # noqa: ASYNC110 - transports tell nobody when they are empty
                    await asyncio.sleep(0.01)

    def _connection(self) -> Connection:
        return Connection(self._config, self._state, self._limits)
