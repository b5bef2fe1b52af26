"""Which commands a few typed letters mean. No Qt here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from aiproxy_desktop.ui.shell.actions import Action


def grouped(actions: Sequence[Action]) -> list[Action]:
    """Those of a group together, groups in the order in which they first come."""
    groups = list(dict.fromkeys(action.group for action in actions))
    return sorted(actions, key=lambda action: groups.index(action.group))


def matching(actions: Sequence[Action], query: str) -> list[Action]:
    """The actions that hold every word of the query, in any order; the likelier first, then as they were.

    Case and accents do not matter. A title that begins with the query comes before one with a word that
    begins so, and that before one that holds it anywhere.
    """
    words = _plain(query).split()
    found: list[tuple[int, int, Action]] = []
    for place, action in enumerate(actions):
        title, group = _plain(action.title), _plain(action.group)
        if all(word in title or word in group for word in words):
            found.append((_distance(title, words), place, action))
    return [action for _, _, action in sorted(found, key=lambda entry: entry[:2])]


def _distance(title: str, words: Sequence[str]) -> int:
    if not words or title.startswith(" ".join(words)):
        return 0
    begun = title.split()
    if all(any(one.startswith(word) for one in begun) for word in words):
        return 1
    return 2 if all(word in title for word in words) else 3


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one))
