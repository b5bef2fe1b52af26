"""Asks for the formulas that are in view, and lays out again what waited for them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.formulas import FormulaCache, FormulaDrawer
from aiproxy_desktop.ui.chat.transcript.outlines import Outline
from aiproxy_desktop.ui.markdown.formulas import Latex


class Typesetting(QObject):
    """The formulas of one transcript. `changed`: pieces in view want laying out."""

    changed = Signal()

    def __init__(self, column: Column, cache: FormulaCache, parent: QObject) -> None:
        super().__init__(parent)
        self._column = column
        self._drawer = FormulaDrawer(cache, self)
        self._drawer.done.connect(self._done)
        # Many formulas of one text come within a few milliseconds: they are laid out together.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(30)
        self._due.timeout.connect(self.request)

    def close(self) -> None:
        """Let the thread end."""
        self._drawer.close()

    def request(self) -> None:
        """Ask for what is in view, and take over what came."""
        came = False
        for shown in self._column.shown:
            piece = self._column.piece(shown.message, shown.piece)
            for latex in piece.wanted():
                if self._drawer.cache.look(latex)[0]:
                    piece.read_again()
                    came = True
                    break
                self._drawer.request(latex)
        if came:
            self.changed.emit()

    def _done(self, _latex: Latex, _found: Outline | None) -> None:
        if not self._due.isActive():
            self._due.start()
