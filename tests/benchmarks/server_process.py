"""Servers to be measured, each in a process of its own, and the load on them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from tests.benchmarks.harness import REPOSITORY, run_python
from tests.benchmarks.versus import PEER, PEER_PYTHON
from tests.ports import free_port

TOKEN = "benchmark-token-of-the-local-api-0123456789"
MODEL = "openai:gpt-4.1"


def environment(upstream: str, home: str) -> dict[str, str]:
    """Nothing configured but the services at `upstream`."""
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": home,
        "AIPROXY_HOME": home,
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": f"{upstream}/v1",
        "OLLAMA_HOST": "127.0.0.1:1",
    }


@contextmanager
def our_server(upstream: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """Ours over some services: its address, and the id of its process."""
    with tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as home:
        token = f"{home}/token"
        with open(token, "w", encoding="ascii") as file:  # noqa: PTH123 - a line
            file.write(TOKEN)
        os.chmod(token, 0o600)  # noqa: PTH101 - likewise
        port = str(free_port())
        command = [sys.executable, "-m", "aiproxy_desktop", "serve", "--port", port, "--token-file", token]
        with _process([*command, *arguments], environment(upstream, home), int(port)) as pid:
            yield f"http://127.0.0.1:{port}", pid


@contextmanager
def peer_server(upstream: str) -> Iterator[str]:
    """The seed's, over the same.

    Raises:
        RuntimeError: it is not installed.
    """
    if not PEER_PYTHON.exists():
        raise RuntimeError(f"{PEER} is not installed: run .ci/setup peer")
    port = free_port()
    script = str(REPOSITORY / "tests" / "benchmarks" / "peer_server.py")
    with (
        tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as home,
        _process([str(PEER_PYTHON), script, upstream, str(port)], environment(upstream, home), port),
    ):
        yield f"http://127.0.0.1:{port}"


def load(task: str, url: str, count: int, at_once: int = 1, model: str = MODEL, **more: str) -> Any:
    """What `server_load` measured.

    Raises:
        RuntimeError: a request went wrong.
    """
    arguments = ["-m", "tests.benchmarks.server_load", task, url, model, str(count), str(at_once)]
    environ = {**os.environ, "LOAD_TOKEN": TOKEN, **more}
    return json.loads(run_python(arguments, environ).output)


@contextmanager
def _process(command: Sequence[str], environ: dict[str, str], port: int) -> Iterator[int]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        try:
            until_it_listens(process, port, said)
            yield process.pid
        finally:
            process.terminate()
            process.wait(60)


def until_it_listens(process: subprocess.Popen[Any], port: int, said: IO[bytes]) -> None:
    """Wait for a server.

    Raises:
        RuntimeError: it has ended; the message has what it `said`.
    """
    deadline = time.monotonic() + 60
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            said.seek(0)
            raise RuntimeError(f"no server: {said.read().decode(errors='replace')[-400:]}")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
