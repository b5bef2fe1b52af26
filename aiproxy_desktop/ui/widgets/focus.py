"""Asking where the keyboard focus is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def focused_widget() -> QWidget | None:
    """The widget that has the focus in this application, if one has."""
    return QApplication.focusWidget()


def has_focus_inside(widget: QWidget) -> bool:
    """Whether the focus is on a widget or anywhere inside it."""
    focused = focused_widget()
    return focused is not None and (focused is widget or widget.isAncestorOf(focused))


def tab_stops(root: QWidget) -> list[QWidget]:
    """What Tab reaches inside `root`, in order."""
    stops: list[QWidget] = []
    current = root.nextInFocusChain()
    while current is not None and current is not root:
        reached = bool(current.focusPolicy() & Qt.FocusPolicy.TabFocus) and current.isEnabled()
        if reached and current.isVisible() and root.isAncestorOf(current):
            stops.append(current)
        current = current.nextInFocusChain()
    return stops
