"""A server on an event loop: opened, and ended without breaking off what is being answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from aiproxy_desktop.server.guard import App
from aiproxy_desktop.server.rules import Limits
from aiproxy_desktop.server.sockets import listen

__all__ = ["RunningServer", "listen"]

# What is still being answered may end by itself for so long.
PATIENCE = 5


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the process."""
        yield


class RunningServer:
    """One server on the loop that awaits `start`; that loop has to await `stop`."""

    def __init__(
        self, app: App, sockets: list[socket.socket], limits: Limits, patience: int = PATIENCE
    ) -> None:
        """Describe it.

        Args:
            app: what answers.
            sockets: bound and listening; closed by `stop`.
            limits: of frames and connections.
            patience: seconds in which what is being answered may still end, once it is stopped.
        """
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            ws_max_size=limits.frame,
            limit_concurrency=limits.connections,
            timeout_graceful_shutdown=patience,
        )
        self._server = _Server(config)
        self._sockets = sockets
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve from now on."""
        self._serving = asyncio.create_task(self._server.serve(self._sockets), name="local API")
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)

    async def wait(self) -> None:
        """Until it has ended, for whatever reason."""
        if self._serving is not None:
            await asyncio.wait((self._serving,))

    async def stop(self) -> None:
        """Take no more, let what is being answered end, then close."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
