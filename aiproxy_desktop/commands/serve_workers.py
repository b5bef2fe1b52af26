"""Several processes that answer at one address. One that ends is replaced; all end with this one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from aiproxy_desktop.commands.common import note
from aiproxy_desktop.commands.serve_model import LentModel
from aiproxy_desktop.commands.serve_one import PATIENCE
from aiproxy_desktop.commands.serve_plan import ServePlan
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError
from aiproxy_desktop.system import (
    API_WORKER_ARGUMENT,
    background_process,
    lending_sockets,
    lent_socket,
)

# Ends of a worker that never came up, after which another one would not either.
_MOST_FAILURES = 3

# Seconds until a worker that ended early is replaced; doubled each time it happens in a row.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0

# A worker that has answered for so long may be replaced at once.
_SOUND = 60.0


class Supervisor:
    """Owner of the workers. `run` is awaited once."""

    def __init__(
        self,
        data_dir: str | None,
        plan: ServePlan,
        sockets: Sequence[socket.socket],
        model: LentModel | None,
        ready: Callable[[], None],
    ) -> None:
        """Describe it; nothing is started.

        Args:
            data_dir: as it was given on the command line.
            plan: what each worker serves.
            sockets: one for each worker; closed at the end. A worker that ends leaves its socket here, so
                that whoever has just connected is answered by the next one.
            model: the built-in one, which they share; None where there is none.
            ready: called once all of them answer.
        """
        self._sockets = sockets
        self._told = {
            "data_dir": data_dir,
            "token": plan.token,
            "settings": msgspec.to_builtins(plan.settings),
            "model": None if model is None else model.told(),
        }
        self._ready = ready
        self._answering: set[int] = set()
        self._all_ready = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and until the last worker has ended.

        Raises:
            AIProxyError: the workers do not come up.
        """
        try:
            async with asyncio.TaskGroup() as keeping:
                for number, sock in enumerate(self._sockets, 1):
                    keeping.create_task(self._keep(number, sock, stop), name=f"worker {number}")
        except* AIProxyError as several:
            raise several.exceptions[0] from None
        finally:
            for sock in self._sockets:
                sock.close()

    async def _keep(self, number: int, sock: socket.socket, stop: asyncio.Event) -> None:
        """Have one worker there, whatever becomes of it."""
        loop = asyncio.get_running_loop()
        failures, pause = 0, _FIRST_PAUSE
        while not stop.is_set():
            began = loop.time()
            worker = await _Worker.start(number, sock, self._told)
            was_ready = await worker.attend(stop, lambda: self._is_ready(number))
            self._answering.discard(number)
            if stop.is_set():
                return
            failures = 0 if was_ready else failures + 1
            if failures >= _MOST_FAILURES or worker.problem:
                raise ConfigurationError(
                    "The local API could not be started",
                    worker.problem or f"Worker {number} ended {_MOST_FAILURES} times before it could answer.",
                )
            pause = _FIRST_PAUSE if loop.time() - began >= _SOUND else min(_LONGEST_PAUSE, pause * 2)
            note(f"Worker {number} ended ({worker.end}); another one takes its place.")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    def _is_ready(self, number: int) -> None:
        self._answering.add(number)
        if len(self._answering) == len(self._sockets) and not self._all_ready:
            self._all_ready = True
            self._ready()


class _Worker:
    """One process, from its start to its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.problem = ""

    @classmethod
    async def start(cls, number: int, sock: socket.socket, common: dict[str, Any]) -> _Worker:
        program, *arguments = _command()
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
            **lending_sockets([sock]),
            **background_process(),
        )
        assert process.stdin is not None
        # The token goes where no list of processes shows it.
        told = {**common, "number": number, "socket": lent_socket(sock, process.pid)}
        with suppress(ConnectionError):  # it has ended already, as `attend` will see
            process.stdin.write(json.dumps(told).encode() + b"\n")
            await process.stdin.drain()
        return cls(process)

    async def attend(self, stop: asyncio.Event, ready: Callable[[], None]) -> bool:
        """Wait for its end, which `stop` brings about; whether it ever answered."""
        listening = asyncio.create_task(self._listen(ready))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
            assert self._process.stdin is not None
            self._process.stdin.close()  # that is how it is told
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), PATIENCE + 10)
            return await listening if self._process.returncode is not None else False
        finally:
            stopping.cancel()
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            await asyncio.gather(listening, stopping, return_exceptions=True)

    @property
    def end(self) -> str:
        """How it ended."""
        code = self._process.returncode or 0
        return f"signal {-code}" if code < 0 else f"code {code}"

    async def _listen(self, ready: Callable[[], None]) -> bool:
        was_ready = False
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line == b"ready\n":
                was_ready = True
                ready()
            elif line.startswith(b"problem "):
                self.problem = line[8:].decode(errors="replace").strip()
        return was_ready


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, API_WORKER_ARGUMENT]
    # -P: a module beside the current folder must not stand in for one of the library's.
    return [sys.executable, "-P", "-m", "aiproxy_desktop", API_WORKER_ARGUMENT]


def _environment() -> dict[str, str]:
    """This one's, so that it finds the same package."""
    here = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{known}" if known else here}
