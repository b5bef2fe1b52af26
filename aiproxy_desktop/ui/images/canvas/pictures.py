"""The pictures on the stage: each is shown as it comes, and smooth once its levels are made on a thread."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.canvas.picture.difference import Compared, compared
from aiproxy_desktop.ui.images.canvas.picture.levels import Picture, as_it_comes, with_levels
from aiproxy_desktop.ui.images.canvas.stage import Stage

_AT_ONCE: Final = 1 << 19
Which = Literal["after", "before", "difference"]


class Pictures(QObject):
    """Loads the stage. What comes too late, after another picture, is dropped.

    Signals:
        difference_found: a `Difference`.
        busy_changed: whether a difference is being worked out.
        completed: `after` has its levels.
    """

    difference_found = Signal(object)
    busy_changed = Signal(bool)
    completed = Signal()

    def __init__(self, stage: Stage, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self._background = background
        self._rounds: dict[Which, int] = {"after": 0, "before": 0, "difference": 0}
        self._comparing = False
        self._wanted = False

    def show(self, which: Which, image: QImage | None) -> None:
        """Show a picture, or none."""
        self._rounds[which] += 1
        self.forget_difference()
        if image is None or image.isNull():
            self._stage.set_picture(which, None)
            return
        if image.width() * image.height() <= _AT_ONCE:
            self._take(which, self._rounds[which], with_levels(image))
            return
        shown: Picture | None = getattr(self._stage, which)
        if shown is None or shown.complete or shown.size != image.size():
            self._stage.set_picture(which, as_it_comes(image))
        # Else a preview of it stands there, which is smoother than what could be drawn now.
        self._background.run(partial(with_levels, image), partial(self._take, which, self._rounds[which]))

    def preview(self, image: QImage, size: QSize) -> None:
        """Show a small version of a picture of that size."""
        self._rounds["after"] += 1
        self._stage.set_picture("after", as_it_comes(image, size))

    def show_difference(self, image: QImage | None) -> None:
        """Show a difference that was worked out elsewhere."""
        self.forget_difference()
        if image is not None:
            self.show("difference", image)
            self._wanted = False

    def find_difference(self, feather: float) -> None:
        """Work the difference out, as soon as both pictures are there."""
        stage = self._stage
        self._wanted = True
        before, after = stage.before, stage.after
        if self._comparing or stage.difference is not None or before is None or after is None:
            return
        if not (before.complete and after.complete):
            return
        self._set_comparing(comparing=True)
        mask = stage.mask
        allowed = None if mask is None or mask.empty else mask.buffer.image.copy()
        self._background.run(
            partial(compared, before.full, after.full, allowed, feather),
            partial(self._compared, self._rounds["difference"]),
        )

    def forget_difference(self) -> None:
        """Something it was made of has changed."""
        self._rounds["difference"] += 1
        self._set_comparing(comparing=False)
        self._stage.set_picture("difference", None)

    def _take(self, which: Which, round_: int, picture: Picture) -> None:
        if round_ == self._rounds[which]:
            self._stage.set_picture(which, picture)
            if which != "difference":
                self.completed.emit()

    def _compared(self, round_: int, result: Compared) -> None:
        if round_ != self._rounds["difference"]:
            return
        self._set_comparing(comparing=False)
        self._stage.set_picture("difference", result.picture)
        self.difference_found.emit(result.found)

    def _set_comparing(self, *, comparing: bool) -> None:
        if comparing != self._comparing:
            self._comparing = comparing
            self.busy_changed.emit(comparing)
