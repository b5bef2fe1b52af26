"""Sockets that listen: one, or one for each of several processes at the same address."""

from __future__ import annotations

import socket
from contextlib import suppress

from aiproxy_desktop.system import spreads_connections

BACKLOG = 2048


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens.

    Args:
        host: an address of this machine, or a name of one.
        port: 0 for any that is free.
        shared: whether others of this user may listen at the same address.

    Raises:
        OSError: the address is taken, or none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: asyncio sets TCP_NODELAY on accepted connections only where it reads TCP there.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # For clients whose machine is gone without a word; what is accepted inherits it.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with suppress(OSError):  # answers are small pieces, each of which somebody waits for
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.bind((host, port))
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except BaseException:
        opened.close()
        raise
    return opened


def listen_for(host: str, port: int, processes: int) -> list[socket.socket]:
    """A socket for each of several processes, so that connections are spread over them.

    Where the system spreads nothing they share one: whoever is free takes what comes.

    Raises:
        OSError: as `listen`.
    """
    first = listen(host, port)
    if processes == 1 or not spreads_connections():
        return [first, *(first.dup() for _ in range(processes - 1))]
    # Only now is it known that nobody else listens there: those that share would not be told.
    port = int(first.getsockname()[1])
    first.close()
    opened: list[socket.socket] = []
    try:
        while len(opened) < processes:
            opened.append(listen(host, port, shared=True))
    except BaseException:
        for one in opened:
            one.close()
        raise
    return opened
