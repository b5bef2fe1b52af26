"""What the window knows about a page, and what a page may ask of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.shell.actions import Action


class PageWidget(QWidget):
    """Base of the pages.

    Signals:
        toast_requested(ToastMessage): show a toast.
        page_requested(str): go to another page, such as `settings` or `settings.providers`.
        clearance_changed(): what toasts must keep free is another height: read `toast_clearance`.
    """

    toast_requested = Signal(object)
    page_requested = Signal(str)
    clearance_changed = Signal()

    def regions(self) -> Sequence[QWidget]:
        """What F6 visits, in order. A region without focus of its own passes it to its first child."""
        return [self]

    def focus_start(self) -> None:
        """Put the focus where a person begins; called when the page is shown."""

    def actions_here(self) -> Sequence[Action]:
        """What can be done here, read when the page is made: its shortcuts, and the palette's rows."""
        return ()

    def toast_clearance(self) -> int:
        """How many pixels at the bottom a toast should keep free."""
        return 24

    def show_part(self, part: str) -> None:
        """Show one part of the page, such as `providers` for `settings.providers`."""


class Page(NamedTuple):
    """One entry of the rail; its widget is made when it is first shown.

    Args:
        id: also the end of the rail item's objectName, `shell.rail.<id>`.
        title: the word in the rail.
        icon: a name of resources/icons.
        build: makes the widget, once.
        at_bottom: stands at the rail's lower end (Settings).
    """

    id: str
    title: str
    icon: str
    build: Callable[[], PageWidget]
    at_bottom: bool = False
