"""Highlighting on one thread of its own, which lets the window work in between."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.ui.markdown.highlight import Highlighting

_KEPT: Final = 200
_WORK: Final = 0.001
_REST: Final = 0.001


class Highlighter(QObject):
    """Colours code. `done` comes on the thread that owns this object.

    The thread starts with the first request and ends when there is nothing left to do.
    """

    done = Signal(str, str, object)  # language, code, Highlighting | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: OrderedDict[tuple[str, str], Highlighting | None] = OrderedDict()
        self._waiting: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.done.connect(self._remember)

    def request(self, language: str, code: str) -> tuple[bool, Highlighting | None]:
        """(True, the runs or None for plain) if known already; else (False, None), and `done` follows."""
        key = (language, code)
        if key in self._known:
            self._known.move_to_end(key)
            return True, self._known[key]
        with self._lock:
            if not self._closed and key not in self._waiting:
                self._waiting[key] = None
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="highlighter", daemon=True)
                    self._thread.start()
        return False, None

    def close(self) -> None:
        """Drop what waits and let the thread end; nothing is reported any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()

    def _remember(self, language: str, code: str, highlighting: Highlighting | None) -> None:
        self._known[language, code] = highlighting
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _work(self) -> None:
        from aiproxy_desktop.ui.markdown.highlight import highlight

        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                language, code = next(iter(self._waiting))
            result = highlight(language, code, _Pause(self))
            with self._lock:
                self._waiting.pop((language, code), None)
                if self._closed:
                    self._thread = None
                    return
                self.done.emit(language, code, result)

    @property
    def closed(self) -> bool:
        """Whether nobody waits any more."""
        return self._closed


class _Stopped(Exception):  # noqa: N818 - it reports no error
    """Nobody waits for the result."""


class _Pause:
    """Rests after each millisecond of work: the window's thread waits for the interpreter no longer."""

    def __init__(self, owner: Highlighter) -> None:
        self._owner = owner
        self._since = time.perf_counter()

    def __call__(self) -> None:
        if self._owner.closed:
            raise _Stopped
        if time.perf_counter() - self._since > _WORK:
            time.sleep(_REST)
            self._since = time.perf_counter()
