"""Qt's loop as asyncio's: started here, and left only when nothing runs any more."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

import qasync
from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

_log = logging.getLogger(__name__)


def run_on_qt(application: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run `main` to its end on one loop shared by Qt and asyncio, and return what it returns."""
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    # qasync's own executor would start ten QThreads at the first name lookup.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="worker"))
    try:
        result: int = loop.run_until_complete(main)
        _report_leftovers(loop)
        return result
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _report_leftovers(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        if not task.done():
            _log.error("a task outlived its owner: %s", task.get_name())


@contextmanager
def termination_signals(handler: Callable[[], None]) -> Iterator[None]:
    """Call `handler` on the Qt loop for SIGINT and SIGTERM.

    Python runs signal handlers only between byte codes, and an idle Qt loop executes none: the
    wake-up descriptor makes it.
    """
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: reader.recv(64))

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        handler()

    former = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    former_fd = signal.set_wakeup_fd(writer.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(former_fd)
        for number, previous in former.items():
            signal.signal(number, previous)
        notifier.setEnabled(False)
        notifier.deleteLater()
        reader.close()
        writer.close()
