"""The mask as it is edited: strokes, shapes, fills, undo. No widget; a canvas listens to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal

from PIL import Image
from PySide6.QtCore import QObject, QPointF, QRect, QSize, Signal
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.images.canvas.mask.buffer import Box, How, MaskBuffer, blank_levels, within
from aiproxy_desktop.ui.images.canvas.mask.history import TILE, History
from aiproxy_desktop.ui.images.canvas.mask.shapes import Segment, polygon, rectangle
from aiproxy_desktop.ui.images.canvas.pixels import grey_image, grey_of

Hand = Literal["add", "subtract"]
# Runs its work where it stalls nobody, then the second with the result where the model lives.
Elsewhere = Callable[[Callable[[], Any], Callable[[Any], None]], None]

_AT_ONCE: Final = 2 << 20


def at_once(work: Callable[[], Any], then: Callable[[Any], None]) -> None:
    """Without a thread, for small pictures and tests."""
    then(work())


class MaskModel(QObject):
    """One picture's mask. Places are pixels of the picture; the hand adds to the mask or subtracts from it.

    Signals:
        changed: a box of pixels, also in the middle of a stroke; then with the `Segment` that was drawn.
        settled: a change is complete.
        undo_changed: `can_undo` or `can_redo`.
    """

    changed = Signal(QRect, object)
    settled = Signal()
    undo_changed = Signal()

    def __init__(self, size: QSize, elsewhere: Elsewhere = at_once, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.size = size
        self.buffer = MaskBuffer(size.width(), size.height())
        self._elsewhere = elsewhere
        self._history = History()
        self._last: QPointF | None = None
        self._hand: Hand = "add"
        self._width = 0.0
        self._steps = (False, False)
        self._bounds: QRect | None = QRect()
        self._empty: bool | None = True
        self._image: QImage | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back; not in the middle of a stroke."""
        return self._last is None and self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward; not in the middle of a stroke."""
        return self._last is None and self._history.can_redo

    @property
    def painting(self) -> bool:
        """Whether a stroke is going on."""
        return self._last is not None

    @property
    def hand(self) -> Hand:
        """What the stroke going on, or the last one, does."""
        return self._hand

    @property
    def box(self) -> QRect:
        """The smallest rectangle around what is masked; empty where nothing is."""
        if self._bounds is None:
            found = self.buffer.bounds()
            self._bounds = QRect() if found is None else _rect(found)
        return self._bounds

    @property
    def empty(self) -> bool:
        """Whether nothing is masked."""
        if self._empty is None:
            self._empty = self.buffer.empty
        return self._empty

    @property
    def history_cost(self) -> int:
        """Bytes of memory that undo and redo hold, about."""
        return self._history.cost

    def prepare(self) -> None:
        """Take the memory it needs now, and elsewhere, rather than with the first stroke."""
        if self.empty and not self.painting:
            size = (self.size.width(), self.size.height())
            self._elsewhere(partial(blank_levels, *size), self.buffer.prepare)

    def share(self) -> float:
        """How much of the picture is masked, 0 to 1."""
        return self.buffer.share()

    def image(self) -> QImage:
        """A copy, Format_Grayscale8; the same one until the mask changes."""
        if self._image is None:
            self._image = grey_image(self.buffer.image)
        return QImage(self._image)

    # -- strokes

    def begin(self, place: QPointF, width: float, hand: Hand) -> None:
        """A stroke begins with a dab."""
        self._history.begin()
        self._hand = hand
        self._last = place
        self._dab(Segment(place, place, width))
        self._tell_steps()

    def draw_to(self, place: QPointF, width: float) -> None:
        """The stroke goes on, without a gap however fast the hand was."""
        if self._last is not None and place != self._last:
            segment = Segment(self._last, place, width, min(self._width, width))
            self._last = place
            self._dab(segment)

    def end(self) -> None:
        """The stroke is complete."""
        if self._last is not None:
            self._last = None
            self._close()

    def abandon(self) -> None:
        """Take the stroke back that is going on."""
        if self._last is None:
            return
        self._last = None
        self._told(self._history.abandon(self.buffer))
        self._tell_steps()

    def _dab(self, segment: Segment) -> None:
        self._width = segment.width
        box = within(segment.box, self.buffer.whole)
        if box is None:
            return
        self._history.touch(self.buffer, box)
        self.buffer.apply(box, segment.coverage(box), self._hand)
        self._told(box, segment)

    # -- whole changes

    def rectangle(self, rect: QRect, hand: Hand) -> None:
        """Add or subtract a rectangle of whole pixels."""
        self._shape(rectangle(rect, self.buffer.whole), hand)

    def lasso(self, points: Sequence[QPointF], hand: Hand) -> None:
        """Add or subtract what a closed outline encloses."""
        self._shape(polygon(points, self.buffer.whole), hand)

    def region(self, coverage: Image.Image, hand: Hand) -> None:
        """Add or subtract what covers the whole picture, mode L, such as a fill."""
        box = coverage.getbbox()
        self._shape(None if box is None else (box, coverage.crop(box)), hand)

    def replace(self, mask: QImage) -> None:
        """Another mask; of another size it is scaled."""
        self._shape((self.buffer.whole, grey_of(mask, self.size)), "replace")

    def clear(self) -> None:
        """Mask nothing."""
        box = self.buffer.bounds()
        if box is not None:
            size = (box[2] - box[0], box[3] - box[1])
            self._shape((box, Image.new("L", size, 0)), "replace")

    def select_all(self) -> None:
        """Mask everything."""
        self._shape(rectangle(QRect(0, 0, self.size.width(), self.size.height()), self.buffer.whole), "add")

    def invert(self) -> None:
        """Mask what was not, and the other way round."""
        self.end()
        self.buffer.invert()
        self._history.add_inversion()
        self._told(self.buffer.whole)
        self._tell_settled()

    def _shape(self, shape: tuple[Box, Image.Image] | None, how: How) -> None:
        self.end()
        if shape is None:
            return
        box, coverage = shape
        if how != "replace":
            self._hand = how
        self._history.begin()
        self._history.touch(self.buffer, box)
        self.buffer.apply(box, coverage, how)
        self._told(box)
        self._close()

    # -- back and forth

    def undo(self) -> None:
        """Take the last change back."""
        self.end()
        if self.can_undo:
            self._told(self._history.undo(self.buffer))
            self._pack()
            self._tell_settled()

    def redo(self) -> None:
        """Make it again."""
        self.end()
        if self.can_redo:
            self._told(self._history.redo(self.buffer))
            self._pack()
            self._tell_settled()

    def _close(self) -> None:
        if self._history.end(self.buffer):
            self._pack()
        self._tell_settled()

    def _pack(self) -> None:
        """What undo and redo would take next is kept ready, all else small."""
        for step in self._history.others:
            if step.raw:
                self._do(step.pack, step.cost)
        for step in self._history.neighbours:
            if step.packed:
                self._do(step.unpack, len(step.tiles) * TILE * TILE)

    def _do(self, work: Callable[[], None], size: int) -> None:
        if size <= _AT_ONCE:
            work()
        else:
            self._elsewhere(work, _nothing)

    def _told(self, box: Box | None, segment: Segment | None = None) -> None:
        if box is not None:
            self._bounds = self._empty = self._image = None
            self.changed.emit(_rect(box), segment)

    def _tell_settled(self) -> None:
        self._tell_steps()
        self.settled.emit()

    def _tell_steps(self) -> None:
        steps = (self.can_undo, self.can_redo)
        if steps != self._steps:
            self._steps = steps
            self.undo_changed.emit()


def _rect(box: Box) -> QRect:
    return QRect(box[0], box[1], box[2] - box[0], box[3] - box[1])


def _nothing(_result: object) -> None:
    return
