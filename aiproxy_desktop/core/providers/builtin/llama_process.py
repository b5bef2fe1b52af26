"""One child process with one model in it: started, watched, ended."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiproxy_desktop.core.credentials import without_keys
from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.system import MODEL_PROCESS_ARGUMENT, background_process

_CHILD_MODULE = "aiproxy_desktop.core.providers.builtin._llama_child"
_LOG_LINES = 200
_LONGEST_LINE = 4096
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What the child needs to know. `context` is in tokens, shared by `slots` requests side by side.

    `threads` write an answer, `reading_threads` read the prompt before it.
    After `sleep_seconds` without a request the model leaves memory until the next one. Two are equal where
    they run the same model in the same way.
    """

    path: str
    alias: str
    context: int
    slots: int
    threads: int
    reading_threads: int
    sleep_seconds: int
    key: str = field(default_factory=lambda: os.urandom(32).hex(), repr=False, compare=False)


def child_command() -> tuple[str, ...]:
    """How the child is started, from source or an installed package, and in a frozen build."""
    if getattr(sys, "frozen", False):
        return (sys.executable, MODEL_PROCESS_ARGUMENT)
    # -P: a module beside the current folder must not stand in for one of the library's.
    return (sys.executable, "-P", "-m", _CHILD_MODULE)


class LlamaProcess:
    """A running child. It starts with the object; a daemon thread listens to it until its end."""

    def __init__(self, config: ServerConfig, command: Sequence[str]) -> None:
        """Start it; returns long before the model is loaded.

        Raises:
            LocalModelError: it could not be started.
        """
        self.config = config
        self._mark = f"answer {os.urandom(8).hex()} "
        self._answer: Future[dict[str, Any]] = Future()
        self._ended: Future[int] = Future()
        self._stopped = False
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the command is the application itself
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                env=_environment(),
                **background_process(),
            )
        except OSError as error:
            raise LocalModelError(
                f"The built-in model could not be started ({error.strerror})",
                "Reinstall the application, or pick another model.",
            ) from error
        threading.Thread(target=self._attend, name="built-in model", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False once it was stopped or has ended, for whatever reason."""
        return not self._stopped and not self._ended.done()

    @property
    def log(self) -> str:
        """The last lines that native code printed."""
        return "\n".join(self._log)

    async def port(self) -> int:
        """Where it listens, once the model is loaded. Cancelling only stops waiting.

        Raises:
            LocalModelError: the model could not be loaded.
        """
        answer = await _outcome(self._answer)
        if "port" in answer:
            port: int = answer["port"]
            return port
        raise self._not_loaded(answer)

    async def ended(self, within: float) -> bool:
        """Whether it ends within so many seconds."""
        await asyncio.wait([asyncio.wrap_future(self._ended)], timeout=within)
        return self._ended.done()

    def stop(self) -> None:
        """End it now. There is nothing in it to save."""
        self._stopped = True
        self._process.kill()

    async def aclose(self) -> None:
        """End it and wait until it is gone."""
        self.stop()
        await self.ended(_END_SECONDS)

    def _attend(self) -> None:
        """Runs on the thread: hand over the configuration, then read until the child's end."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        order = json.dumps({**asdict(self.config), "mark": self._mark, "parent": os.getpid()})
        with suppress(OSError):  # it may have ended already; its output says why
            stdin.write(order.encode() + b"\n")
        for line in _lines(stdout.fileno()):
            if line.startswith(self._mark):
                self._answer.set_result(json.loads(line[len(self._mark) :]))
            elif line:
                self._log.append(line)
        code = self._process.wait()
        stdin.close()
        stdout.close()
        if not self._answer.done():
            self._answer.set_result({"error": "ended", "detail": f"exit code {code}"})
        self._ended.set_result(code)

    def _not_loaded(self, answer: dict[str, Any]) -> LocalModelError:
        title, advice = _FAILURES.get(answer["error"], _FAILURES["ended"])
        detail = answer.get("detail", "")
        name = Path(self.config.path).name
        return LocalModelError(
            title.format(name=name, detail=detail),
            advice,
            detail=self.log[-1500:] or detail,
        )


_FAILURES = {
    "not_a_model": ("{name} is not a model file", "Only GGUF files can be run here; pick another."),
    "unreadable": (
        "The model file {name} cannot be read ({detail})",
        "Put it back, or pick another model.",
    ),
    "no_runtime": ("The runtime of the built-in model is not installed", "Install the package xllamacpp."),
    "not_loaded": (
        "The model {name} could not be loaded",
        "The file may be damaged, or of a kind that is not supported; pick another model.",
    ),
    "ended": (
        "The built-in model ended while it was loading {name}",
        "Close other programs if memory is short, then try again, or pick a smaller model.",
    ),
}


async def _outcome(future: Future[dict[str, Any]]) -> dict[str, Any]:
    return await asyncio.shield(asyncio.wrap_future(future))


def _environment() -> dict[str, str]:
    """This process's environment without its keys, with the package it runs from on the child's path."""
    root = str(Path(__file__).resolve().parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**without_keys(os.environ), "PYTHONPATH": os.pathsep.join(paths)}


def _lines(descriptor: int) -> Iterator[str]:
    """Lines as they come, each cut at `_LONGEST_LINE` bytes, until the other end closes."""
    # Not through a buffered file: a daemon thread inside one can stop the interpreter from ending.
    rest = b""
    while chunk := os.read(descriptor, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[:_LONGEST_LINE]
        for line in lines:
            yield line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip()
    if rest:
        yield rest.decode("utf-8", "replace")
