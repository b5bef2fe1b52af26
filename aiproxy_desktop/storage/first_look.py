"""What the frame of the window needs of the settings, before they are read in earnest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal, NamedTuple

# Settings are a few kilobytes; a file of another size is not one.
MOST_BYTES: Final = 4 * 1024 * 1024

# Logical pixels of a sidebar.
MOST_WIDTH: Final = 10_000


class FirstLook(NamedTuple):
    """How the window looks at first. Whatever cannot be read has its default."""

    theme: Literal["system", "light", "dark"] = "system"
    window_geometry: str = ""
    sidebar_width: int | None = None


def first_look(settings_file: Path) -> FirstLook:
    """Theme and place of the window. Never fails: `SettingsStore.load` says what is wrong with a file."""
    try:
        with settings_file.open("rb") as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return FirstLook()
    if not isinstance(found, dict):
        return FirstLook()
    theme, geometry, width = (found.get(name) for name in FirstLook._fields)
    return FirstLook(
        theme if theme in ("system", "light", "dark") else "system",
        geometry if isinstance(geometry, str) and geometry.isascii() else "",
        width if type(width) is int and 0 < width <= MOST_WIDTH else None,
    )
