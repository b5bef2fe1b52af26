"""Work on one thread beside the window's, in order, each with something to do when it is done."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class Background(QObject):
    """Runs jobs; what follows them runs on the thread that owns this object.

    The thread starts with the first job and ends when there is nothing left to do.
    """

    _done = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._jobs: deque[Callable[[], Callable[[], None]]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._done.connect(self._follow)

    def run(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do `work`, which must not raise, then `then` with its result."""

        def job() -> Callable[[], None]:
            return partial(then, work())

        with self._lock:
            if self._closed:
                return
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Drop what waits and let the thread end; nothing is followed any more."""
        with self._lock:
            self._closed = True
            self._jobs.clear()

    def _follow(self, follow: Callable[[], None]) -> None:
        if not self._closed:
            follow()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
            follow = job()
            with self._lock:
                if self._closed:
                    self._thread = None
                    return
                self._done.emit(follow)
