"""A real nginx on loopback, with a file of examples/ or of a test in its `http` block.

    async with nginx(tmp_path, text) as web: ...   # `text` listens on PORT, which is replaced

It runs as one process in a folder of its own, and ends with the block.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.ports import free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

_AROUND = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{inside}
}}
"""


@asynccontextmanager
async def nginx(folder: Path, inside: str) -> AsyncIterator[int]:
    """The port it listens on.

    Args:
        folder: empty, and its own.
        inside: of the `http` block; PORT in it becomes the port.
    """
    process, port = await _started(folder, inside)
    try:
        yield port
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _started(folder: Path, inside: str) -> tuple[asyncio.subprocess.Process, int]:
    """It listens; a port that somebody else took in the meantime is given up for another."""
    log = folder / "error.log"
    for _ in range(3):
        port = free_port()
        (folder / "nginx.conf").write_text(_AROUND.format(inside=inside.replace("PORT", str(port))))
        process = await asyncio.create_subprocess_exec(
            *(NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", str(log)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        while process.returncode is None and not _listens(port):  # noqa: ASYNC110 - nginx tells nobody
            await asyncio.sleep(0.01)
        if process.returncode is None:
            return process, port
    raise AssertionError(log.read_text())


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
