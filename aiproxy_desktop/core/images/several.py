"""Several images by as many requests at once, told as if they were one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.images.values import (
    ImageEvent,
    ImageMade,
    ImagePreview,
    ImagesFinished,
    ImagesStarted,
    ImageUsage,
)


@dataclass(slots=True)
class _Outcome:
    """What came of one of the requests; `next` is the index of its next image."""

    number: int
    next: int
    end: ImagesFinished = field(default_factory=ImagesFinished)
    error: AIProxyError | None = None


async def several(ask: Callable[[], AsyncGenerator[ImageEvent]], count: int) -> AsyncGenerator[ImageEvent]:
    """The events of several requests as they come; the first image of each has the request's number.

    Args:
        ask: makes one request and gives its events, ImagesFinished last.
        count: how many at once.

    Raises:
        AIProxyError: that of the first request, where none made an image. Of fewer that fail there is a note.
    """
    news: asyncio.Queue[ImageEvent | None] = asyncio.Queue()
    outcomes = [_Outcome(number, number) for number in range(count)]
    tasks = [
        asyncio.create_task(_follow(ask, one, count, news), name=f"image-{one.number}") for one in outcomes
    ]
    try:
        running = count
        while running:
            event = await news.get()
            if event is None:
                running -= 1
            else:
                yield event
        for task in tasks:
            await task  # a fault of ours is not kept quiet
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    yield _together(outcomes)


async def _follow(
    ask: Callable[[], AsyncGenerator[ImageEvent]],
    outcome: _Outcome,
    count: int,
    news: asyncio.Queue[ImageEvent | None],
) -> None:
    """Pass on the events of one request, and None at its end."""
    try:
        async with aclosing(ask()) as events:
            async for event in events:
                if isinstance(event, ImagesFinished):
                    outcome.end = event
                elif isinstance(event, ImageMade | ImagePreview):
                    news.put_nowait(replace(event, index=outcome.next))
                    outcome.next += count if isinstance(event, ImageMade) else 0
                elif not isinstance(event, ImagesStarted):
                    news.put_nowait(event)
    except AIProxyError as error:
        outcome.error = error
    finally:
        news.put_nowait(None)


def _together(outcomes: Sequence[_Outcome]) -> ImagesFinished:
    """The ends as one: counts and costs added up, where all are known."""
    errors = [one.error for one in outcomes if one.error is not None]
    if len(errors) == len(outcomes):
        raise errors[0]
    ends = [one.end for one in outcomes if one.error is None]
    notes = {name: sentence for end in ends for name, sentence in end.notes.items()}
    created = next((end.created for end in ends if end.created is not None), None)
    if errors:
        # What those that failed have cost is not known, and with it the whole.
        missing = f"{len(errors)} of {len(outcomes)} images did not come: {errors[0].title}."
        return ImagesFinished(None, None, {**notes, "n": missing}, created)
    costs = [end.cost for end in ends if end.cost is not None]
    total = sum(costs) if len(costs) == len(ends) else None
    return ImagesFinished(_sum([end.usage for end in ends]), total, notes, created)


def _sum(usages: Sequence[ImageUsage | None]) -> ImageUsage | None:
    """The count of all; what one of them does not tell is not known of all."""
    known = [one for one in usages if one is not None]
    if len(known) != len(usages):
        return None

    def total(name: str) -> int | None:
        counts = [getattr(one, name) for one in known]
        return None if None in counts else sum(counts)

    return ImageUsage(**{name: total(name) for name in ImageUsage.__dataclass_fields__})
