"""An Ollama that reports a pull so many times a second, in a process of its own.

with flood(1000) as url: ...
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.benchmarks.harness import REPOSITORY

STEP = 20_000  # bytes from one line to the next
_TOTAL = 4_661_211_808
_LINE = (
    b'{"status":"pulling dde5aa3fc5ff","digest":"sha256:dde5aa3fc5ffc17176b5e8bdc82f587b24b2678c6c66101bf7'
    b'da77af9f7ccdff","total":%d,"completed":%d}\n'
)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: int) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError, asyncio.IncompleteReadError):  # some only look whether anyone is there
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        began, sent = loop.time(), 0
        while not writer.is_closing():
            # Each line is an HTTP chunk of its own, as Ollama's server flushes it.
            while sent < (loop.time() - began) * rate:
                sent += 1
                line = _LINE % (_TOTAL, sent * STEP)
                writer.write(b"%x\r\n%b\r\n" % (len(line), line))
            await writer.drain()
            await asyncio.sleep(1 / rate)


async def _main(rate: int) -> None:
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, rate), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def flood(rate: int) -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.pull_flood", str(rate)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
