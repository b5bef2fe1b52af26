"""Formulas drawn on a thread of their own, and kept within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from typing import Final

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline, Stopped, outline
from aiproxy_desktop.ui.markdown.formulas import Latex

# Elements of paths: about ten megabytes of them.
_KEPT: Final = 300_000
_WAITING: Final = 200


class FormulaCache:
    """The outlines known so far, None for what cannot be read. The least used go first."""

    def __init__(self) -> None:
        self._known: OrderedDict[Latex, Outline | None] = OrderedDict()
        self._weight = 0

    def look(self, latex: Latex) -> tuple[bool, Outline | None]:
        """Whether a formula is known, and its outline."""
        if latex not in self._known:
            return False, None
        self._known.move_to_end(latex)
        return True, self._known[latex]

    def keep(self, latex: Latex, found: Outline | None) -> None:
        """Know one more."""
        before = self._known.pop(latex, None)
        self._weight += _weight(found) - _weight(before)
        self._known[latex] = found
        while self._weight > _KEPT or len(self._known) > _KEPT // 50:
            _, gone = self._known.popitem(last=False)
            self._weight -= _weight(gone)


def _weight(found: Outline | None) -> int:
    return 0 if found is None else found.weight


class FormulaDrawer(QObject):
    """Draws formulas into a cache. `done` comes on the thread that owns this object.

    The thread starts with the first request and ends when there is nothing left to do.
    """

    done = Signal(object, object)  # Latex, Outline | None

    def __init__(self, cache: FormulaCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = cache
        self._waiting: OrderedDict[Latex, None] = OrderedDict()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.done.connect(cache.keep)

    @property
    def closed(self) -> bool:
        """Whether nobody waits any more."""
        return self._closed

    def request(self, wanted: Iterable[Latex]) -> None:
        """Draw these, in this order, and nothing that was asked for before; `done` follows for each."""
        with self._lock:
            if self._closed:
                return
            drawing = list(self._waiting)[:1] if self._thread is not None else []
            self._waiting = OrderedDict.fromkeys((*drawing, *islice(wanted, _WAITING)))
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="formulas", daemon=True)
                self._thread.start()

    @property
    def waiting(self) -> int:
        """How many are still to come."""
        return len(self._waiting)

    def close(self) -> None:
        """Drop what waits and let the thread end; nothing is reported any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                latex = next(iter(self._waiting))
            try:
                found = outline(latex, self)
            except Stopped:
                found = None
            with self._lock:
                self._waiting.pop(latex, None)
                if self._closed:
                    self._thread = None
                    return
                self.done.emit(latex, found)
