"""How a release that failed leaves no trace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from shipping.errors import GitError, ShippingError
from shipping.releasing.repository import Repository

_PATIENCE = 20.0
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DistAside:
    """`dist` of before, out of the way meanwhile: what failed must not lie there to be published."""

    def __init__(self, top: Path) -> None:
        self._dist = top / "dist"
        self._aside = top / "build" / "dist-before"
        self._there = self._dist.exists()
        self._begun = False

    def move(self) -> None:
        """Have an empty place for what is built."""
        self.forget()
        self._aside.parent.mkdir(exist_ok=True)
        self._begun = True  # from here on `put_back` finds out how far it came
        if self._there:
            self._dist.rename(self._aside)

    def put_back(self) -> None:
        """As it was before `move`; nothing where that was not called."""
        if not self._begun:
            return
        if self._aside.exists() or not self._there:
            shutil.rmtree(self._dist, ignore_errors=True)
        if self._aside.exists():
            self._aside.rename(self._dist)

    def forget(self) -> None:
        """What was there before is not wanted any more."""
        shutil.rmtree(self._aside, ignore_errors=True)


class Running:
    """A program in a group of its own, which ends with the block, whatever ends that."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def __enter__(self) -> Running:
        return self

    def wait(self) -> int:
        """Until it ends by itself; its exit code."""
        return self._process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
                return


def stopped_once() -> None:
    """Have each way to stop this process raise KeyboardInterrupt, and no other interrupt what that undoes."""
    for number in _STOPS:
        signal.signal(number, _stop)


def undisturbed() -> None:
    """From here on nobody can stop this process in the middle of what it does."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


def _stop(*_: object) -> None:
    undisturbed()
    raise KeyboardInterrupt


def restored(repository: Repository, head: str, made: str, files: Mapping[str, tuple[str, str]]) -> None:
    """Take back what a release wrote, as far as nobody else has written there since.

    Args:
        repository: where.
        head: the commit it began with.
        made: the commit it made; empty if it came not so far.
        files: paths from the top, each with its text before and after.
    """
    for name, (before, after) in files.items():
        path = repository.top / name
        found = read(path)
        if found == after:
            write(path, before)
        elif found != before:
            sys.stderr.write(f"{name} was changed by someone else meanwhile and stays as it is.\n")
    try:
        if made and repository.head() == made:
            repository.uncommit(head)
        repository.unstage(files)
    except GitError as error:
        sys.stderr.write(f"{error}\n")


def read(path: Path) -> str:
    """A text, its line ends as they are.

    Raises:
        ShippingError: it is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise ShippingError(f"{path.name} is not UTF-8 from byte {error.start} on: mend it first.") from error


def write(path: Path, text: str) -> None:
    """A text, its line ends as they are; whole, or what was there stays."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
