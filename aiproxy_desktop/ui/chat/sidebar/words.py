"""What the sidebar says where it has nothing to list."""

from __future__ import annotations

from typing import NamedTuple

from aiproxy_desktop.ui.chat.sidebar.library import Library
from aiproxy_desktop.ui.translation import tr


class Emptiness(NamedTuple):
    """What is absent, and what to do."""

    title: str
    help: str


def emptiness(library: Library) -> Emptiness | None:
    """The words for the pane that is shown; None where it lists something, or is not read yet."""
    if library.pane == "found":
        if library.finding.nothing_found:
            return Emptiness(tr("Nothing found"), tr("Try fewer or other words."))
        return None
    if library.pane == "folders":
        if library.shelves.folders:
            return None
        return Emptiness(tr("No folders yet"), tr("New folder makes one. Drag conversations into it."))
    history = library.history
    if history.account_empty:
        return Emptiness(tr("No conversations yet"), tr("They appear here, newest first."))
    if not history.empty or history.reading or history.account_empty is None:
        return None
    if history.shelf.kind == "folder":
        return Emptiness(tr("This folder is empty"), tr("New chat begins one here. Others can be moved in."))
    if history.shelf.kind == "archived":
        return Emptiness(tr("Nothing is archived"), tr("What you archive stays here and can be searched."))
    return Emptiness(tr("Nothing to list"), tr("All conversations are in the archive."))
