"""What can be done wherever one is in the window. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.page import Page
from aiproxy_desktop.ui.translation import tr


class Window(Protocol):
    """What the actions need of the window."""

    def open_palette(self) -> None:
        """Show the command palette."""

    def go(self, page_id: str) -> None:
        """Bring a page to the front."""

    def cycle(self, step: int) -> None:
        """Take the keyboard to the next region, or with -1 to the one before."""

    def quit(self) -> None:
        """Close the window."""


def window_actions(window: Window, pages: Sequence[Page], keys: Mapping[str, str]) -> Sequence[Action]:
    """All of them; `keys` holds each page's shortcut."""
    group = tr("Window")

    def action(name: str, title: str, run: Callable[[], None], *shortcuts: str) -> Action:
        return Action(f"window.{name}", title, run, shortcuts, group)

    return (
        action("commands", tr("Show all commands"), window.open_palette, "Ctrl+K"),
        *(
            action(page.id, tr("Go to {page}", page=page.title), partial(window.go, page.id), keys[page.id])
            for page in pages
        ),
        action("nextRegion", tr("Go to the next area of the window"), partial(window.cycle, 1), "F6"),
        action("formerRegion", tr("Go to the area before"), partial(window.cycle, -1), "Shift+F6"),
        action("quit", tr("Quit"), window.quit, "Ctrl+Q"),
    )
