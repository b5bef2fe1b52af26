"""Programs in a process of their own, which know of no service but those on loopback."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.seed.services import ANTHROPIC_FOLDER
from tests.source import REPOSITORY


def environment(url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Keys for the services at this address, and `more`."""
    return {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "OPENAI_API_KEY": "sk-seed-0123456789",
        "OPENAI_BASE_URL": f"{url}/v1",
        "GEMINI_API_KEY": "seed-0123456789",
        "GOOGLE_GEMINI_BASE_URL": url,
        "OLLAMA_HOST": url,
        **(more or {}),
    }


def everyone(url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The same with Anthropic."""
    anthropic = {"ANTHROPIC_API_KEY": "sk-ant-0123456789", "ANTHROPIC_BASE_URL": f"{url}{ANTHROPIC_FOLDER}"}
    return environment(url, {**anthropic, **(more or {})})


async def python(
    *arguments: str, folder: Path, environ: Mapping[str, str], code: int = 0, errors: str = ""
) -> str:
    """What Python prints when run with these arguments in this folder. A warning is an error.

    Another exit code than `code`, or anything on standard error that `errors` (a pattern) does not match as a
    whole, fails the test.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", *arguments),
        cwd=folder,
        env=dict(environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    complaints = complaint.decode()
    assert process.returncode == code, f"it ended with {process.returncode}: {complaints}"
    assert re.fullmatch(errors, complaints, re.DOTALL), complaints
    return said.decode()


class Application:
    """A web application, served by `tests.seed.run` for a block, which is given the port."""

    def __init__(self, file: Path, folder: Path, environ: Mapping[str, str]) -> None:
        self._file = file
        self._folder = folder
        self._environ = dict(environ)

    async def __aenter__(self) -> int:
        # It is given the socket and not the port, which another test run could take in between.
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port: int = listening.getsockname()[1]
            number = listening.fileno()
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.seed.run", str(self._file), str(number)),
                cwd=self._folder,
                env=self._environ,
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(number,),
            )
        return port

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
