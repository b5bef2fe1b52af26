"""Columns that scroll together: each keeps the share of the way that the moved one has gone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractScrollArea


class ScrollTogether(QObject):
    """Follows the scroll bars of several areas. By share: answers differ in length."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.enabled = True
        self._areas: tuple[QAbstractScrollArea, ...] = ()
        self._moving = False

    def follow(self, areas: Sequence[QAbstractScrollArea]) -> None:
        """Follow exactly these; the former ones that are gone are not touched any more."""
        for area in areas:
            if area not in self._areas:
                area.verticalScrollBar().valueChanged.connect(partial(self._moved, area))
        self._areas = tuple(areas)

    def _moved(self, source: QAbstractScrollArea, value: int) -> None:
        bar = source.verticalScrollBar()
        # Only what a person moves: an area that follows its stream takes no other along.
        if self._moving or not self.enabled or not _by_hand(source) or bar.maximum() <= 0:
            return
        self._moving = True
        for area in self._areas:
            if area is not source:
                other = area.verticalScrollBar()
                other.setValue(round(value / bar.maximum() * other.maximum()))
        self._moving = False


def _by_hand(area: QAbstractScrollArea) -> bool:
    """Whether the pointer or the keyboard is on it."""
    return area.underMouse() or area.hasFocus() or area.verticalScrollBar().isSliderDown()
