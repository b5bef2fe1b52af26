"""One request for images to whoever serves the model, asked again as long as nothing came of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from aiproxy_desktop.core.cooldown import Cooldowns
from aiproxy_desktop.core.errors import AIProxyError, InterruptedStreamError, UnsupportedError
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.images.values import ImageEvent, ImageRequest, ImagesStarted
from aiproxy_desktop.core.provider import ImageMaker
from aiproxy_desktop.core.retry import RetryPolicy

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.telemetry import Telemetry


async def stream_images(
    target: Target,
    request: ImageRequest,
    policy: RetryPolicy,
    cooldowns: Cooldowns,
    *,
    draw: Callable[[], float] | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> AsyncGenerator[ImageEvent]:
    """Make images, event by event. Closing the generator closes the connection at once.

    `ImagesStarted` comes once. Until another event came, what a moment may mend is tried again as `policy`
    says; an answer that broke off is not, since its images are paid for.

    Args:
        target: whom to ask.
        request: what for; its model is replaced by the target's.
        policy: how often, and how long to wait in between.
        cooldowns: told of each outcome.
        draw: numbers from 0 to 1 for the waits; by default `random.random`.
        sleep: waits so many seconds; by default `asyncio.sleep`.

    Raises:
        AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
    """
    maker = maker_of(target)
    request = replace(request, model=target.model)
    policy = replace(
        policy, unasked=tuple(kind for kind in policy.unasked if kind is not InterruptedStreamError)
    )
    attempt, told = 0, False
    while True:
        attempt += 1
        seen = False
        failure: AIProxyError | None = None
        try:
            async with aclosing(maker.stream_images(request)) as events:
                async for event in events:
                    started = isinstance(event, ImagesStarted)
                    if not started and not seen:
                        seen = True
                        cooldowns.answered(target.provider.id, target.model)
                    if not (started and told):
                        told = told or started
                        yield event
        except AIProxyError as error:
            failure = error
        if failure is None:
            return
        # Outside `except`, so that no failure hangs from another one as its context.
        cooldowns.failed(target.provider.id, target.model, failure)
        wait = None if seen else policy.wait_after(failure, attempt, draw or _draw)
        if wait is None:
            raise failure
        await (sleep or _sleep)(wait)


async def observed(
    events: AsyncGenerator[ImageEvent], target: Target, telemetry: Telemetry, context: ClientContext | None
) -> AsyncGenerator[ImageEvent]:
    """The same events; how long they took, how they ended and who asked is reported."""
    facts = asdict(context) if context is not None else None
    async with aclosing(events):
        session = await telemetry.begin_session("images", target.provider.id, target.model, facts)
        try:
            async for event in events:
                yield event
        except BaseException as error:
            if session is not None:
                session.ended(error)
            raise
        if session is not None:
            session.ended()


def maker_of(target: Target) -> ImageMaker:
    """The target's provider as one that makes images.

    Raises:
        UnsupportedError: it makes none.
    """
    provider = target.provider
    if isinstance(provider, ImageMaker):
        return provider
    raise UnsupportedError(
        f"{provider.label} makes no images",
        "Pick an image model, gpt-image-2 or gemini-3.1-flash-image say.",
        part="images",
        model=target.reference,
        alternatives=("openai:gpt-image-2", "gemini:gemini-3.1-flash-image"),
        provider=provider.id,
    )


def _draw() -> float:
    from random import random  # which takes hashlib along

    return random()  # noqa: S311  # nothing secret about it


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
