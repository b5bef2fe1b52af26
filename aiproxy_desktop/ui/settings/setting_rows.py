"""A card of settings: on each row what it is, a note about it, and what sets it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label


def card_of(*rows: QWidget) -> QFrame:
    """Rows with hairlines between them."""
    card = QFrame()
    card.setProperty("card", True)
    column = QVBoxLayout(card)
    column.setContentsMargins(1, 1, 1, 1)
    column.setSpacing(0)
    for row in rows:
        row.setProperty("edge", "none" if row is rows[-1] else "bottom")
        column.addWidget(row)
    return card


def setting_row(title: str, note: str, control: QWidget, *, elided: bool = False, below: str = "") -> QFrame:
    """One row; an `elided` note, which is a path, stays on one line, and `below` explains it."""
    row = QFrame()
    line = QHBoxLayout(row)
    line.setContentsMargins(16, 10, 16, 10)
    line.setSpacing(12)
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(Label(title, "body_medium"))
    if elided:
        # Paths are read from the left everywhere; an isolate keeps their signs in order.
        note = f"\u2066{note}\u2069"
        names.addWidget(ElidedLabel(note, "meta", "muted", mode=Qt.TextElideMode.ElideMiddle))
    elif note:
        names.addWidget(Label(note, "meta", "muted", wrap=True))
    if below:
        names.addWidget(Label(below, "meta", "muted", wrap=True))
    line.addLayout(names, 1)
    line.addWidget(control)
    return row
