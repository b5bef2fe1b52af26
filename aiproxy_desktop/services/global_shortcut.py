"""A key that works in every window, through the desktop's portal. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ShortcutState:
    """How it stands.

    `available` is whether the desktop has such shortcuts at all; `trigger` what it assigned, in its own words,
    empty while there is none; `problem` a sentence that says why there is none.
    """

    available: bool = False
    trigger: str = ""
    problem: str = ""


OnShortcut: TypeAlias = Callable[[], None]
OnShortcutChanged: TypeAlias = Callable[[ShortcutState], None]


class GlobalShortcut:
    """One shortcut. The callbacks come from its own thread: they must only hand over and return."""

    def __init__(self, on_press: OnShortcut, on_release: OnShortcut, on_changed: OnShortcutChanged) -> None:
        self._on_press = on_press
        self._on_release = on_release
        self._on_changed = on_changed
        self._state = ShortcutState()

    @property
    def state(self) -> ShortcutState:
        """What is known now."""
        return self._state

    def look(self) -> None:
        """Find out whether the desktop has such shortcuts; `on_changed` tells."""

    def ask(self, description: str) -> None:
        """Ask the desktop for one; `description` says to the person what it does. `on_changed` tells."""

    def give_back(self) -> None:
        """Want it no more."""

    def close(self) -> None:
        """Give it back and join the thread; returns at once where nothing was asked."""
