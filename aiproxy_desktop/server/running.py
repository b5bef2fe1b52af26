"""A server on an event loop: opened, and ended without breaking off what is being answered."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from aiproxy_desktop.server.guard import App
from aiproxy_desktop.server.rules import Limits

# What is still being answered may end by itself for so long.
_PATIENCE = 5


class RunningServer:
    """One server on the loop that awaits `start`; that loop has to await `stop`."""

    def __init__(self, app: App, sockets: list[socket.socket], limits: Limits) -> None:
        """Describe it.

        Args:
            app: what answers.
            sockets: bound and listening; closed by `stop`.
            limits: of frames and connections.
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
            timeout_graceful_shutdown=_PATIENCE,
        )
        self._server = uvicorn.Server(config)
        self._sockets = sockets
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve from now on."""
        self._serving = asyncio.create_task(self._server.serve(self._sockets), name="local API")
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Take no more, let what is being answered end, then close."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        OSError: the address is taken, or none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: asyncio sets TCP_NODELAY on accepted connections only where it reads TCP there.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(2048)
        opened.setblocking(False)
    except BaseException:
        opened.close()
        raise
    return opened
