"""Which conversations one list shows, and in what order, as far as it was read. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from aiproxy_desktop.storage.library import EVERYTHING, Shelf
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.sidebar.date_groups import group_by_date
from aiproxy_desktop.ui.translation import tr


class Listing:
    """The conversations of a shelf that have been read, and every other one that was seen.

    What is listed follows from what is known of each: a conversation that is archived leaves the list by
    its new value alone.
    """

    def __init__(self) -> None:
        self.shelf = EVERYTHING
        self.known: dict[str, Conversation] = {}
        self._read: set[str] = set()
        self._hidden: set[str] = set()
        # Those that were put since a reading began: what it brings of them is older.
        self._put: set[str] = set()
        # The last of the last page, as it was read; None when there is no further page.
        self._end: Conversation | None = None
        self._days: dict[datetime, date] = {}

    @property
    def more(self) -> bool:
        """Whether there is a further page."""
        return self._end is not None

    @property
    def end(self) -> Conversation | None:
        """What the next page comes after."""
        return self._end

    @property
    def empty(self) -> bool:
        """Whether there is nothing on this shelf."""
        return not self.more and not any(self._shows(self.known[identity]) for identity in self._read)

    def begin_reading(self) -> None:
        """Storage is being asked: what it answers is as of now."""
        self._put.clear()

    def start(self, shelf: Shelf) -> None:
        """Nothing of this shelf has been read yet, but what was put since the reading began."""
        self.shelf = shelf
        self._read = set(self._put)
        self._end = None

    def add(self, page: Iterable[Conversation], end: Conversation | None) -> None:
        """Take in what was read; `end` is the last of it when there is more to come."""
        for conversation in page:
            if conversation.id not in self._put:
                self.known[conversation.id] = conversation
            self._read.add(conversation.id)
        self._end = end

    def put(self, conversation: Conversation) -> None:
        """What is known of a conversation now. It is listed, unless a further page will bring it."""
        self.known[conversation.id] = conversation
        self._read.add(conversation.id)
        self._put.add(conversation.id)

    def hide(self, conversation_id: str) -> None:
        """Show it no more."""
        self._hidden.add(conversation_id)

    def unhide(self, conversation_id: str) -> None:
        """Show it again where it belongs."""
        self._hidden.discard(conversation_id)

    def groups(self, today: date) -> list[tuple[str, list[Conversation]]]:
        """All that is shown, under its labels: pinned first, then by date, the last used first."""
        shown = [self.known[identity] for identity in self._read]
        shown = [item for item in shown if self._shows(item)]
        pinned = [item for item in shown if self._pinned(item)]
        rest = [item for item in shown if not self._pinned(item)]
        pinned.sort(key=lambda item: item.pinned_at or item.updated_at)
        rest.sort(key=place, reverse=True)
        groups = group_by_date(rest, self._day, today)
        return [(tr("Pinned"), pinned), *groups] if pinned else groups

    def _shows(self, item: Conversation) -> bool:
        if item.id in self._hidden or not self.shelf.holds(item):
            return False
        return self._pinned(item) or self._end is None or place(item) >= place(self._end)

    def _pinned(self, item: Conversation) -> bool:
        return item.pinned_at is not None and self.shelf.kind != "archived"

    def _day(self, item: Conversation) -> date:
        # Time zones are slow, and a list may hold ten thousand.
        day = self._days.get(item.updated_at)
        if day is None:
            day = self._days[item.updated_at] = item.updated_at.astimezone().date()
        return day


def place(item: Conversation) -> tuple[datetime, str]:
    """Where it stands in a list, the highest first."""
    return item.updated_at, item.id


def shelf_words(item: Conversation) -> tuple[str, ...]:
    """What a screen reader says of where it is kept."""
    if item.pinned_at is None and item.archived_at is None and item.folder_id is None:
        return ()
    said = (
        (item.pinned_at is not None, tr("pinned")),
        (item.archived_at is not None, tr("archived")),
        (item.folder_id is not None, tr("in a folder")),
    )
    return tuple(word for applies, word in said if applies)
