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
    """What Tab reaches inside `root`, in the order in which it was made."""
    # Not by nextInFocusChain: PySide takes what that returns for a child of the one asked, so that the
    # whole window's widgets would count as deleted together with a popover.
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.isVisible()
    ]
