"""`aiproxy-desktop serve` as a process, with what it says on standard error."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ports import free_port
from tests.waiting import until

COMMAND = (sys.executable, "-m", "aiproxy_desktop", "serve")


class Serving:
    """The process; `said` is its standard error so far, by lines."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.said: list[str] = []

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def children(self) -> list[int]:
        """Ids of its child processes."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(each) for file in tasks for each in file.read_text().split()]

    async def ready(self) -> None:
        """It has said that it answers, or that it cannot."""
        await until(
            lambda: any("is at" in line for line in self.said) or self.process.returncode is not None, "ready"
        )
        assert self.process.returncode is None, self.said

    def terminate(self) -> None:
        """As a service manager does."""
        self.process.send_signal(signal.SIGTERM)

    async def listen(self) -> None:
        """Take down what it says, until its end."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip())


@asynccontextmanager
async def serving(*arguments: str, **environ: str) -> AsyncIterator[Serving]:
    """A process that serves, ended with the block if it has not ended before."""
    port = free_port()
    environment: Mapping[str, str] = {**os.environ, **environ}
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "--port", str(port), *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    server = Serving(process, port)
    listening = asyncio.create_task(server.listen())
    try:
        yield server
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 60)
        await listening
