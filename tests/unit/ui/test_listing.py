from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiproxy_desktop.storage.library import EVERYTHING
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.sidebar.listing import Listing

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def conversation(name: str, minutes: int = 0) -> Conversation:
    moment = NOW + timedelta(minutes=minutes)
    return Conversation(name, name, None, moment, moment, None)


def listed(listing: Listing) -> list[str]:
    return [item.title for _, items in listing.groups(NOW.date()) for item in items]


def test_what_was_begun_while_the_list_was_read_stays_in_it() -> None:
    listing = Listing()
    listing.begin_reading()
    listing.put(conversation("new", 5))
    listing.start(EVERYTHING)
    listing.add([conversation("old")], None)
    assert listed(listing) == ["new", "old"]


def test_what_changed_while_the_list_was_read_is_not_shown_as_it_was() -> None:
    listing = Listing()
    listing.begin_reading()
    listing.put(replace(conversation("old"), title="renamed"))
    listing.start(EVERYTHING)
    listing.add([conversation("old")], None)
    assert listed(listing) == ["renamed"]
    listing.begin_reading()
    listing.start(EVERYTHING)
    listing.add([conversation("old")], None)
    assert listed(listing) == ["old"]
