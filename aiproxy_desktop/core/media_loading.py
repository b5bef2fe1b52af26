"""Links in messages to the media they lead to: all at once, each place once."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace

from aiproxy_desktop.core.data_urls import check_size
from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.local_files import load_file
from aiproxy_desktop.core.media import USUAL_LIMITS, MediaLimits, UnreadableMedia
from aiproxy_desktop.core.messages import MediaLink, MediaPart, Message

_AT_ONCE = 8


async def load_media(
    messages: Sequence[Message],
    fetcher: MediaFetcher,
    *,
    allow_files: bool,
    limits: MediaLimits = USUAL_LIMITS,
) -> tuple[Message, ...]:
    """The messages with every link replaced by what it leads to.

    Args:
        messages: any; those without links come back as they are.
        fetcher: for addresses.
        allow_files: whether paths on this machine may be read.
        limits: of the request in all; what the parts may be is the fetcher's to say for addresses.

    Raises:
        MediaError: one of them could not be had. The others are given up.
    """
    import asyncio

    links = list(
        dict.fromkeys(_place(part) for one in messages for part in one.parts if isinstance(part, MediaLink))
    )
    if not links:
        return tuple(messages)
    for link in links:
        if not allow_files and not _is_address(link):
            raise MediaError(
                "A path cannot be read here", "Send the file itself, as a data URL, or an http address of it."
            )
    gate = asyncio.Semaphore(_AT_ONCE)
    room = _Room(limits.request)

    async def load(link: MediaLink) -> MediaPart:
        async with gate:
            part = await (fetcher.fetch(link) if _is_address(link) else load_file(link, limits))
        room.take(part)
        return part

    loaded = await _all_or_none([load(link) for link in links])
    found = dict(zip(links, loaded, strict=True))
    return tuple(_with_media(message, found) for message in messages)


class _Room:
    """What a request may still hold; the first part that exceeds it ends the loading."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0

    def take(self, part: MediaPart) -> None:
        self._size += len(part.data)
        try:
            check_size(self._size, self._limit)
        except UnreadableMedia as found:
            raise MediaError(f"The media of this request {found.what}", found.advice) from None


async def _all_or_none(loads: Sequence[Coroutine[None, None, MediaPart]]) -> list[MediaPart]:
    """All results in order; the first failure cancels the rest and is raised as it is."""
    import asyncio

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(load) for load in loads]
    except* MediaError as failed:
        first = failed.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise first


def _with_media(message: Message, found: dict[MediaLink, MediaPart]) -> Message:
    if not any(isinstance(part, MediaLink) for part in message.parts):
        return message
    return replace(
        message,
        parts=tuple(
            replace(found[_place(part)], detail=part.detail) if isinstance(part, MediaLink) else part
            for part in message.parts
        ),
    )


def _place(link: MediaLink) -> MediaLink:
    """The link without what makes no difference to what it leads to."""
    return replace(link, detail="") if link.detail else link


def _is_address(link: MediaLink) -> bool:
    return link.place[:8].lower().startswith(("http://", "https://"))
