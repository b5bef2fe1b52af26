"""What stands in the column, one below the other: each is laid out, painted and pointed at by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from aiproxy_desktop.services.voice.values import VoiceEntry
from aiproxy_desktop.ui.chat.transcript.display import Display
from aiproxy_desktop.ui.chat.transcript.flow import TextFlow
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet

# head: opens and shuts a card; source: opens a page; the others answer a call.
ControlKind: TypeAlias = Literal["head", "source", "allow", "always", "deny", "answer", "send"]

CHARACTER: Final = 7.4  # mean advance of reading text, for estimates


@dataclass(frozen=True, slots=True)
class Key:
    """Which control of which entry; `part` tells several of a kind apart."""

    entry: str
    kind: ControlKind
    part: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A control that an entry has: where it stands, from the column's start edge and the block's top."""

    key: Key
    box: QRect
    label: str = ""
    note: str = ""
    icon: str = ""
    opened: bool | None = None


@dataclass(slots=True)
class Part:
    """A text of an entry, where it stands, in what ink."""

    flow: TextFlow
    display: Display
    ink: QColor
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a block paints: the column's left edge and the block's top, in the painter's pixels.

    `selected` is what of each text is selected, by its place among the block's, `whole` whether all of the
    block is; `lit` is whether the caret shows; `leftwards` where the window is read from the right.
    """

    painter: QPainter
    x: int
    y: int
    width: int
    clip: QRectF
    sheet: Sheet
    leftwards: bool = False
    lit: bool = True
    selected: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    whole: bool = False

    def box(self, start: float, top: float, width: float, height: float) -> QRectF:
        """A place given from the start edge, where it is painted."""
        left = self.width - start - width if self.leftwards else start
        return QRectF(self.x + left, self.y + top, width, height)


E = TypeVar("E", bound=VoiceEntry)


class Block(ABC, Generic[E]):
    """One entry. `height` includes `margin`, the room above it, and is an estimate until `exact`."""

    margin = 24

    def __init__(self, entry: E, sheet: Sheet) -> None:
        self.entry = entry
        self.sheet = sheet
        self.parts: list[Part] = []
        self.exact = False
        self.height = self.margin + 48

    @property
    def id(self) -> str:
        """The entry's."""
        return self.entry.id

    def take(self, entry: E) -> None:
        """Show what has become of the entry."""
        if entry != self.entry:
            self.entry = entry
            self.exact = False

    def restyle(self, sheet: Sheet) -> None:
        """Wear another theme."""
        self.sheet = sheet
        self.release()

    def release(self) -> None:
        """Give back what laying out makes again."""
        self.parts = []
        self.exact = False

    @abstractmethod
    def lay_out(self, width: int, who: str) -> None:
        """Make `height` and `parts` exact for a column width; `who` is what the model is called."""

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Paint what the clip shows."""

    @abstractmethod
    def spoken(self, who: str) -> str:
        """All of it as it is read out."""

    @abstractmethod
    def copied(self) -> str:
        """All of it as it is copied."""

    def wanted(self, width: int) -> Sequence[Wanted]:
        """The controls that stand on it."""
        del width
        return ()

    def caret(self) -> QPointF | None:
        """Where the next word would come, from the column's left edge and the block's top."""
        return None

    def paint_parts(self, canvas: Canvas) -> None:
        """Its texts, and what of them is selected."""
        ground = QColor(canvas.sheet.theme.selection)
        for place, part in enumerate(self.parts):
            chosen = canvas.selected.get(place)
            selection = None if chosen is None else (*chosen, ground, canvas.sheet.selected)
            origin = QPointF(canvas.x + part.x, canvas.y + part.y)
            chip = QColor(canvas.sheet.theme.warning_soft)
            part.flow.paint(canvas.painter, origin, canvas.clip, part.ink, chip, selection)

    def position_at(self, x: float, y: float) -> tuple[int, int]:
        """The text nearest to a point, by its place, and the unit in it."""
        if not self.parts:
            return 0, 0
        place = 0
        for number, part in enumerate(self.parts):
            if y >= part.y:
                place = number
        part = self.parts[place]
        return place, part.flow.position_at(x - part.x, y - part.y)

    def on_text(self, x: float, y: float) -> bool:
        """Whether a point is over one of its texts."""
        return any(part.y <= y < part.y + part.flow.height and x >= part.x for part in self.parts)
