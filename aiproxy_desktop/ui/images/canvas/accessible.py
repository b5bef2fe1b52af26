"""The canvas for screen readers: a picture that is worked on, not a group of widgets."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget


class SurfaceAccessibility:
    """Makes the interface when one is asked for; name and description are the widget's own."""

    def __init__(self, surface: QWidget) -> None:
        self._surface = surface
        self._interface: QAccessibleWidget | None = None
        _install()

    def interface(self) -> QAccessibleInterface:
        """Made once. Qt owns it from then on."""
        if self._interface is None:
            self._interface = QAccessibleWidget(self._surface, QAccessible.Role.Canvas)
        return self._interface


def _interface_for(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    from aiproxy_desktop.ui.images.canvas.surface import Surface

    return thing.accessibility.interface() if isinstance(thing, Surface) else None


@cache
def _install() -> None:
    # Once: Qt's list of factories is the whole process's.
    QAccessible.installFactory(_interface_for)
