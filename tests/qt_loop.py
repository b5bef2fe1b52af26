"""The loop that async tests with widgets run on: Qt's and asyncio's in one, as in the application."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor


def qt_event_loop() -> asyncio.AbstractEventLoop:
    """A new qasync loop over the running QApplication."""
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    application = QApplication.instance()
    assert application is not None, "the qapp fixture comes first"
    loop: asyncio.AbstractEventLoop = QEventLoop(application)
    # qasync's own executor would start ten QThreads for each test that asks for one.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="worker"))
    return loop
