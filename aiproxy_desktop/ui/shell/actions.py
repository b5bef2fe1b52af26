"""What can be done, as values: the shortcuts and the command palette are made from these. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do on a page.

    Attributes:
        id: `chat.find`; also the end of the palette row's object name.
        title: a verb and what it does it to, in the person's language: "Find in conversation".
        run: does it, at once or by starting it.
        keys: shortcuts as Qt writes them, `Ctrl+F`; the first is the one that is shown. Active while the page
            is in front.
        group: what it is listed under: the page's own word.
        enabled: whether it can be done now.
        shown_only: the keys are handled by a widget itself; here they are only told.
    """

    id: str
    title: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    group: str = ""
    enabled: Callable[[], bool] = _always
    shown_only: bool = False
