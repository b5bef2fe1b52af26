"""A connection that speaks: the socket, the codec that belongs to it, and the greeting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.core.errors import AIProxyError, ProtocolError, ProviderTimeoutError
from aiproxy_desktop.core.live.codec import Frames, LiveCodec, LiveService
from aiproxy_desktop.core.live.connection import LiveConnection, LostError, open_socket
from aiproxy_desktop.core.live.events import HandleReceived, ServiceFailed, SessionReady, WireEvent
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.values import LiveOptions, SpokenTurn


@dataclass(slots=True, eq=False)
class Link:
    """One connection and its codec.

    `handle` is the one that it took up, if any; `announced` is whether the service waits for what was said so
    far; `early` is what it told before it was ready.
    """

    connection: LiveConnection
    codec: LiveCodec
    options: LiveOptions
    handle: str | None
    announced: bool
    early: tuple[WireEvent, ...]
    since: float
    answers_before: int = 0
    broken: bool = False  # nothing more can be sent; what the service had sent before is still read
    shut: bool = False  # nothing more is to be sent, as it was set up for another way of talking
    closed: bool = False

    @property
    def resumed(self) -> bool:
        """Whether it took up a session."""
        return self.handle is not None

    async def tell(self, turns: Sequence[SpokenTurn]) -> None:
        """What was said on connections before this one.

        Raises:
            LostError: it has ended.
        """
        if turns or self.announced:
            await self.connection.send(self.codec.history(turns))

    async def aclose(self) -> None:
        """Close it, within a moment."""
        try:
            await self.connection.aclose()
        finally:
            self.closed = True


class Links:
    """The connections of one session that are open, whoever has lost sight of them when it ends."""

    def __init__(self) -> None:
        self._open: list[Link] = []

    def keep(self, link: Link) -> Link:
        """One more."""
        self._open = [*(one for one in self._open if not one.closed), link]
        return link

    async def aclose(self) -> None:
        """Close those that nobody has closed."""
        left, self._open = [one for one in self._open if not one.closed], []
        await asyncio.gather(*(one.aclose() for one in left))


async def open_link(
    service: LiveService,
    options: LiveOptions,
    handle: str | None,
    policy: LivePolicy,
    *,
    history: bool = False,
) -> Link:
    """Connect and wait until the service listens; with `history`, for what was said so far.

    Raises:
        AIProxyError: it cannot be reached, or refuses.
    """
    address = await service.address(options)
    codec = service.codec()
    connection = await open_socket(address, service.label, service.provider, codec.closed, policy)
    try:
        async with asyncio.timeout(policy.open_seconds):
            early = await _greet(connection, codec, codec.setup(options, handle, history=history))
    except LostError as lost:
        failed: AIProxyError = lost.error
    except TimeoutError:
        failed = ProviderTimeoutError(
            f"{service.label} took too long",
            "The session was not opened in time. Try again.",
            provider=service.provider,
        )
    except AIProxyError as error:
        failed = error
    except BaseException:
        await connection.aclose()
        raise
    else:
        return Link(connection, codec, options, handle, history, early, time.monotonic())
    await connection.aclose()
    raise failed


async def _greet(connection: LiveConnection, codec: LiveCodec, first: Frames) -> tuple[WireEvent, ...]:
    await connection.send(first)
    early: list[WireEvent] = []
    while True:
        ready = False
        events = tuple(codec.decode(await connection.receive()))
        due = codec.due()
        if due:
            await connection.send(due)
        for event in events:
            if isinstance(event, ServiceFailed):
                raise event.error
            if isinstance(event, SessionReady):
                ready = True
            elif isinstance(event, HandleReceived):
                early.append(event)
            if len(early) > _MOST_EARLY:
                raise ProtocolError("The service does not say that it is ready", "Try again later.")
        if ready:
            return tuple(early)


_MOST_EARLY = 100
