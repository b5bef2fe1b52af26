"""What every test is held to: silence in the logs, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import psutil

GRACE_SECONDS = float(os.environ.get("AIPROXY_TEST_GRACE", "10"))
_KEPT_FOR_THE_SESSION = ("Xvfb",)


class LogGuard(logging.Handler):
    """Collects records at WARNING and above; those nobody announced are an error.

    `expect(pattern)` announces one that must come, `allow(pattern)` one that may. Patterns are searched
    in `LEVEL logger: message`.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._expected: list[re.Pattern[str]] = []
        self._allowed: list[re.Pattern[str]] = []
        self.lines: list[str] = []

    def expect(self, pattern: str) -> None:
        """A record like this must come before the test ends."""
        self._expected.append(re.compile(pattern))

    def allow(self, pattern: str) -> None:
        """A record like this may come."""
        self._allowed.append(re.compile(pattern))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as one line."""
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f" ({record.exc_info[1]!r})"
        self.lines.append(line)

    def problems(self) -> list[str]:
        """One sentence for each unexpected record and for each expected one that did not come."""
        known = self._expected + self._allowed
        found = [
            f"unexpected log record: {line}"
            for line in self.lines
            if not any(pattern.search(line) for pattern in known)
        ]
        missing = [
            f"expected log record never came: {pattern.pattern}"
            for pattern in self._expected
            if not any(pattern.search(line) for line in self.lines)
        ]
        return found + missing


class LeftOvers:
    """Threads, child processes and Qt objects there were before; what is new afterwards was left over."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._children = {child.pid for child in _children()}
        self._widgets = set(_widgets())
        self._timers = {id(timer) for timer in _active_timers()}
        self._allowed: list[re.Pattern[str]] = []

    def allow_thread(self, pattern: str) -> None:
        """A thread whose name matches may outlive the test (one stuck in foreign code, say)."""
        self._allowed.append(re.compile(pattern))

    def problems(self) -> list[str]:
        """One sentence for each thing left over, after a grace in which it may still end."""
        _finish_deferred_deletes()
        gc.collect()
        found: list[str] = []
        found += _settled("thread", self._new_threads)
        found += _settled("child process", self._new_children)
        found += _settled("top-level widget", self._new_widgets)
        found += _settled("active QTimer", self._new_timers)
        return found

    def _new_threads(self) -> Iterable[str]:
        for thread in threading.enumerate():
            # A dummy stands for a foreign thread (Qt's) which Python cannot see the end of.
            if thread in self._threads or isinstance(thread, threading._DummyThread):
                continue
            if not any(pattern.search(thread.name) for pattern in self._allowed):
                yield thread.name

    def _new_children(self) -> Iterable[str]:
        for child in _children():
            if child.pid in self._children:
                continue
            try:
                if child.name() not in _KEPT_FOR_THE_SESSION:
                    yield f"{child.pid} {child.name()} ({child.status()})"
            except psutil.NoSuchProcess:
                continue

    def _new_widgets(self) -> Iterable[str]:
        return [name for pointer, name in _widgets().items() if pointer not in self._widgets]

    def _new_timers(self) -> Iterable[str]:
        return [repr(timer) for timer in _active_timers() if id(timer) not in self._timers]


def left_over_tasks(before: set[asyncio.Task[Any]]) -> list[str]:
    """Tasks of the running loop that have not ended; the caller's own is not counted."""
    own = asyncio.current_task()
    return [
        f"task left over: {task!r}"
        for task in asyncio.all_tasks()
        if task is not own and task not in before and not task.done()
    ]


def _settled(what: str, look: Callable[[], Iterable[str]]) -> list[str]:
    deadline = time.monotonic() + GRACE_SECONDS
    while names := list(look()):
        if time.monotonic() > deadline:
            return [f"{what} left over: {name}" for name in names]
        time.sleep(0.02)
        _finish_deferred_deletes()
    return []


def _children() -> list[psutil.Process]:
    return psutil.Process().children()


def _qt_widgets() -> ModuleType | None:
    """QtWidgets, when this process has a QApplication; Qt is never imported for the check alone."""
    module = sys.modules.get("PySide6.QtWidgets")
    return module if module is not None and module.QApplication.instance() is not None else None


def _widgets() -> dict[int, str]:
    module = _qt_widgets()
    if module is None:
        return {}
    import shiboken6

    return {
        shiboken6.getCppPointer(widget)[0]: f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in module.QApplication.topLevelWidgets()
    }


def _active_timers() -> list[Any]:
    if _qt_widgets() is None:
        return []
    import shiboken6
    from PySide6.QtCore import QTimer

    timers = [thing for thing in gc.get_objects() if issubclass(type(thing), QTimer)]
    return [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]


def _finish_deferred_deletes() -> None:
    if _qt_widgets() is None:
        return
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()
