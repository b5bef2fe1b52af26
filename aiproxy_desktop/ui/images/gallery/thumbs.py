"""Thumbnails for painting: asked for by whoever shows them, made on a thread, the nearest first."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from aiproxy_desktop.services.images.thumbnails import Thumbnail, ThumbnailFiles

_KEPT_BYTES: Final = 96 * 1024 * 1024
# Made into pixmaps at once: each takes some 0.2 ms of the window's thread.
_AT_ONCE: Final = 6
_BETWEEN_MS: Final = 8


class Wanted(NamedTuple):
    """A picture's hash, and the box it is shown in, in device pixels."""

    digest: str
    width: int
    height: int


class Thumbnails(QObject):
    """Pixmaps by hash and size, the ones used last. `arrived` tells the hash of one that can be painted.

    What is wanted is said anew whenever the view moves: what is no longer wanted is not made.
    """

    arrived = Signal(str)
    _made = Signal()

    def __init__(
        self, files: ThumbnailFiles, path: Callable[[str], Path], parent: QObject | None = None
    ) -> None:
        """Nothing is made yet.

        Args:
            files: where thumbnails come from.
            path: of the picture of a hash.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._files = files
        self._path = path
        self._kept: OrderedDict[Wanted, QPixmap] = OrderedDict()
        self._last: dict[str, Wanted] = {}
        self._bytes = 0
        self._waiting: dict[Wanted, list[Callable[[QPixmap], None]]] = {}
        self._lock = threading.Lock()
        # Changed under the lock alone
        self._wishes: dict[object, deque[Wanted]] = {}
        self._results: deque[tuple[Wanted, Thumbnail | None]] = deque()
        self._under_way: set[Wanted] = set()
        self._working = False
        self._closed = False
        self._timer = QTimer(self, singleShot=True, interval=_BETWEEN_MS)
        self._timer.timeout.connect(self._take)
        self._made.connect(self._soon)

    def get(self, wanted: Wanted) -> QPixmap | None:
        """The picture at this size, null where it cannot be read; None while it is not there.

        Where another size of it is there, that one.
        """
        known = self._kept.get(wanted)
        if known is not None:
            self._kept.move_to_end(wanted)
            return known
        other = self._last.get(wanted.digest)
        return None if other is None else self._kept.get(other)

    def has(self, wanted: Wanted) -> bool:
        """Whether it is there at this very size."""
        return wanted in self._kept

    def want(self, owner: object, wanted: Sequence[Wanted]) -> None:
        """Have these made, the first ones first, instead of what this owner wanted before."""
        missing = [one for one in wanted if one not in self._kept]
        with self._lock:
            if self._closed:
                return
            self._wishes[owner] = deque(missing)
            if not missing or self._working:
                return
            self._working = True
        threading.Thread(target=self._work, name="thumbnails", daemon=True).start()

    def fetch(self, wanted: Wanted, then: Callable[[QPixmap], None]) -> None:
        """Call back with a picture once it is there, at once where it is; a null one cannot be read."""
        known = self._kept.get(wanted)
        if known is not None:
            then(known)
            return
        self._waiting.setdefault(wanted, []).append(then)
        self.want(wanted, [wanted])

    def forget(self, owner: object) -> None:
        """It is not shown any more."""
        with self._lock:
            self._wishes.pop(owner, None)

    def close(self) -> None:
        """Make no more; nothing arrives any more."""
        self._timer.stop()
        self._waiting.clear()
        with self._lock:
            self._closed = True
            self._wishes.clear()
            self._results.clear()

    # On the window's thread

    def _soon(self) -> None:
        if not self._closed and not self._timer.isActive():
            self._timer.start()

    def _take(self) -> None:
        with self._lock:
            count = min(_AT_ONCE, len(self._results))
            results = [self._results.popleft() for _ in range(count)]
            self._under_way.difference_update(wanted for wanted, _ in results)
            more = bool(self._results)
        for wanted, thumbnail in results:
            pixmap = _pixmap(thumbnail)
            self._keep(wanted, pixmap)
            self.arrived.emit(wanted.digest)
            for then in self._waiting.pop(wanted, ()):
                self.forget(wanted)
                then(pixmap)
        if more:
            self._timer.start()

    def _keep(self, wanted: Wanted, pixmap: QPixmap) -> None:
        self._kept[wanted] = pixmap
        self._last[wanted.digest] = wanted
        self._bytes += _size(pixmap)
        while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
            old, gone = self._kept.popitem(last=False)
            self._bytes -= _size(gone)
            if self._last.get(old.digest) == old:
                del self._last[old.digest]

    # On the thread

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            thumbnail = self._files.get(self._path(wanted.digest), wanted.digest, wanted.width, wanted.height)
            with self._lock:
                if self._closed:
                    self._working = False
                    return
                self._results.append((wanted, thumbnail))
                # Under the lock: `close` waits for it, and this object is there until then.
                if len(self._results) == 1:
                    self._made.emit()

    def _next(self) -> Wanted | None:
        with self._lock:
            for wish in self._open_wishes():
                self._under_way.add(wish)
                return wish
            self._working = False
            return None

    def _open_wishes(self) -> Iterator[Wanted]:
        if self._closed:
            return
        for wishes in self._wishes.values():
            while wishes:
                wish = wishes.popleft()
                if wish not in self._under_way:
                    yield wish


def _pixmap(thumbnail: Thumbnail | None) -> QPixmap:
    if thumbnail is None:
        return QPixmap()
    kind = QImage.Format.Format_ARGB32 if thumbnail.alpha else QImage.Format.Format_RGB32
    # The image only borrows the bytes; the pixmap has its own.
    image = QImage(thumbnail.pixels, thumbnail.width, thumbnail.height, 4 * thumbnail.width, kind)
    return QPixmap.fromImage(image)


def _size(pixmap: QPixmap) -> int:
    return 4 * pixmap.width() * pixmap.height()
