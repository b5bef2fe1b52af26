"""Asks for the formulas that are in view, and lays out again what waited for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.ui.chat.transcript.maths.formulas import FormulaCache, FormulaDrawer
from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline
from aiproxy_desktop.ui.chat.transcript.selection import Selection
from aiproxy_desktop.ui.markdown.formulas import Latex

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.column import Shown
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

# Many formulas of one text come within a few of these milliseconds: they are laid out together, the more
# are still to come the less often. No frame in between takes over any.
_TOGETHER: Final = 30
_LONGEST: Final = 400


class Typesetting(QObject):
    """The formulas of one transcript. `changed`: pieces in view were laid out again."""

    changed = Signal()

    def __init__(self, area: Transcript, cache: FormulaCache) -> None:
        super().__init__(area)
        self._area = area
        self._drawer = FormulaDrawer(cache, self)
        self._drawer.done.connect(self._done)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.request)

    def close(self) -> None:
        """Let the thread end."""
        self._drawer.close()

    def request(self) -> None:
        """Ask for what is in view, and take over what came."""
        column, cache = self._area.column, self._drawer.cache
        came: list[Shown] = []
        missing: list[Latex] = []
        for shown in column.shown:
            wanted = column.piece(shown.message, shown.piece).wanted()
            unknown = [latex for latex in wanted if not cache.look(latex)[0]]
            missing += unknown
            if len(unknown) < len(wanted):
                came.append(shown)
        if missing or self._drawer.waiting:
            self._drawer.request(missing)
        if not came or self._due.isActive():
            return
        for shown in came:
            self._read_again(shown)
        self._wait()
        self.changed.emit()

    def _read_again(self, shown: Shown) -> None:
        """Let a piece take over its formulas; what is selected of it stays selected."""
        piece = self._area.column.piece(shown.message, shown.piece)
        selection = self._area.selection
        here = (shown.message, shown.piece)
        ends = [] if selection is None else [selection.anchor, selection.head]
        reads = [piece.to_read(end.offset) if (end.message, end.piece) == here else None for end in ends]
        piece.read_again()
        self._area.column.lay_out_again(shown.message, shown.piece)
        if any(read is not None for read in reads):
            anchor, head = (
                end if read is None else replace(end, offset=piece.from_read(read))
                for end, read in zip(ends, reads, strict=True)
            )
            self._area.select(Selection(anchor, head))

    def _done(self, _latex: Latex, _found: Outline | None) -> None:
        if not self._due.isActive():
            self._wait()

    def _wait(self) -> None:
        self._due.start(min(_LONGEST, _TOGETHER + 4 * self._drawer.waiting))
