"""One client's live session, from its first message to the last: who says what to whom, and when it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    SessionEnded,
)
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.server.client_line import ClientLine
from aiproxy_desktop.server.clients import client_of
from aiproxy_desktop.server.errors import Refusal, refusal, unexpected
from aiproxy_desktop.server.exchange import Exchange
from aiproxy_desktop.server.live_asking import Asking
from aiproxy_desktop.server.live_config import Setup, read_setup
from aiproxy_desktop.server.live_desk import Place, place_of
from aiproxy_desktop.server.live_messages import ClientMessage, Config, Cut, read_frame
from aiproxy_desktop.server.live_meter import LiveMeter
from aiproxy_desktop.server.live_wire import encoded, failed, messages_of, system

# The seed's clients may wait to be told that the service listens before they say anything, so a
# configuration that comes first is waited for so long. Seconds.
_CONFIG_SECONDS = 1.5
# Of frames that are nothing; then nobody is there who means it.
_MOST_UNREADABLE = 50
# The same sentence is told again after so many seconds, however often it applies.
_SAY_AGAIN_SECONDS = 1.0
# The last words may take so long to go out.
_GOODBYE_SECONDS = 1.0

REFUSED, ENDED = 1008, 1011

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Farewell:
    """Why a connection ends: a close code of RFC 6455, and what went wrong."""

    code: int
    refusal: Refusal | None = None


class LiveTalk:
    """A client that was let in. `hold` is called once.

    Args:
        websocket: accepted; for its headers.
        line: the same, to talk over.
        exchange: its line in the log; not ended here.
        policy: how patient the session is.
        opening: what the client said to be let in, if that was a configuration.
    """

    def __init__(
        self,
        websocket: WebSocket,
        line: ClientLine,
        exchange: Exchange,
        policy: LivePolicy,
        opening: Config | None,
    ) -> None:
        self._websocket, self._line, self._exchange = websocket, line, exchange
        self._policy, self._opening = policy, opening
        self._backend = exchange.backend
        self._depth = self._backend.rules().limits.depth
        self._fields: dict[str, Any] = {}
        self._place: Place | None = None
        self._setup: Setup | None = None
        self._session: LiveSession | None = None
        self._meter = LiveMeter()
        self._unreadable = 0
        self._told: tuple[str, float] = ("", 0.0)

    async def hold(self) -> Farewell:
        """Talk until somebody ends it; the client is told why, where it still is there."""
        work = asyncio.create_task(self._converse(), name="live conversation")
        left = asyncio.create_task(self._line.left.wait(), name="live client leaves")
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
            farewell = work.result() if work.done() else Farewell(self._line.code)
        except Exception:  # noqa: BLE001 - whatever it is, the client sees no more than a sentence
            _log.exception("a live session of the local API failed")
            farewell = Farewell(ENDED, unexpected())
        finally:
            work.cancel()
            left.cancel()
            await asyncio.gather(work, left, return_exceptions=True)
            if self._session is not None:
                await self._session.aclose()
        if farewell.refusal is not None:
            await self._line.send(failed(farewell.refusal, fatal=True))
        await self._line.drain(_GOODBYE_SECONDS)
        await self._line.close(farewell.code, farewell.refusal.sentence if farewell.refusal else "")
        return farewell

    async def _converse(self) -> Farewell:
        try:
            first = await self._first_message()
            session = await self._begin()
        except Refusal as no:
            return Farewell(REFUSED, no)
        except AIProxyError as error:
            return Farewell(ENDED, refusal(error))
        asking = Asking(session, lambda: self._line.waiting)
        tasks = (
            asyncio.create_task(self._tell_all(session, asking), name="live answers"),
            asyncio.create_task(self._take_all(session, asking, first), name="live questions"),
        )
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _first_message(self) -> ClientMessage | None:
        """What the client says first, unless that is a configuration, which is kept."""
        message: ClientMessage | None = self._opening
        if message is None:
            try:
                async with asyncio.timeout(_CONFIG_SECONDS):
                    message = await self._next_message()
            except TimeoutError:
                return None
        if not isinstance(message, Config):
            return message
        self._opening = message
        self._fields = dict(message.fields)
        return None

    async def _next_message(self) -> ClientMessage:
        """The next one that is one; what is none is refused.

        Raises:
            Refusal: too much of it was none.
        """
        while True:
            frame = await self._line.receive()
            try:
                return read_frame(frame, self._depth)
            except Refusal as no:
                await self._complain(no)
                self._unreadable += 1
                if self._unreadable > _MOST_UNREADABLE:
                    raise Refusal(400, "Too many messages could not be read. Connect again.") from None

    async def _begin(self) -> LiveSession:
        """Connect to the service, as the client wants it.

        Raises:
            Refusal: what it wants cannot be.
            AIProxyError: the service cannot be reached, or refuses.
        """
        self._know_client()
        place, setup = await self._plan(self._fields)
        if self._opening is not None:
            await self._acknowledge(place, setup)
        session = self._session = LiveSession(
            place.service,
            setup.options,
            telemetry=self._backend.client.telemetry,
            client_context=self._exchange.client,
            policy=self._policy,
        )
        await session.start()
        await self._line.send(system(f"Connected to {place.title}"))
        return session

    async def _plan(self, fields: Mapping[str, Any]) -> tuple[Place, Setup]:
        """Whom the client wants to talk with, and how.

        Raises:
            Refusal: it cannot be.
        """
        wanted = fields.get("model")
        log, number = self._backend.log, self._exchange.number
        if self._place is None and isinstance(wanted, str):
            log.note(number, model=wanted[:300])
        try:
            place = await place_of(self._backend, wanted)
        except AIProxyError as error:
            raise refusal(error) from None
        setup = read_setup(fields, place.model, place.service)
        if self._place is not None and self._place.provider != place.provider:
            raise Refusal(
                400, f"A session stays with {self._place.title}. Open another one for {place.title}."
            )
        self._place, self._setup = place, setup
        self._exchange.reference = place.reference
        log.note(number, model=place.reference)
        return place, setup

    def _know_client(self) -> None:
        """Who it is, by its newest configuration."""
        trusted = self._backend.rules().trusted_proxies
        self._exchange.client = client_of(self._websocket.scope, self._fields, trusted)
        self._backend.log.note(self._exchange.number, client=self._exchange.client)

    async def _acknowledge(self, place: Place, setup: Setup) -> None:
        client = self._exchange.client
        await self._line.send(
            encoded(
                {
                    "type": "config_success",
                    "message": "Configuration acknowledged",
                    "client_id": client.client_id,
                    "ip": client.ip,
                    "model": place.reference,
                    "mode": setup.options.mode,
                    "sampleRate": place.service.codec().input_rate,
                    "ignored": list(setup.ignored),
                }
            )
        )

    async def _take_all(self, session: LiveSession, asking: Asking, first: ClientMessage | None) -> Farewell:
        message = first
        while True:
            try:
                if message is None:
                    pass
                elif isinstance(message, Config):
                    await self._change(session, message)
                else:
                    asking.rate = self._setup.rate if self._setup is not None else asking.rate
                    await asking.take(message)
                    if isinstance(message, Cut):
                        self._line.drop_sound()
            except (Refusal, InvalidRequestError) as error:
                await self._complain(error if isinstance(error, Refusal) else refusal(error))
            try:
                message = await self._next_message()
            except Refusal as no:
                return Farewell(REFUSED, no)

    async def _change(self, session: LiveSession, config: Config) -> None:
        """A configuration under way: what it does not name stays.

        Raises:
            Refusal: it cannot be; all stays as it is.
            InvalidRequestError: the session has ended.
        """
        fields = {**self._fields, **config.fields}
        place, setup = await self._plan(fields)
        self._fields = fields
        self._know_client()
        await session.update(setup.options)
        await self._acknowledge(place, setup)

    async def _tell_all(self, session: LiveSession, asking: Asking) -> Farewell:
        async for event in session.events():
            if isinstance(event, SessionEnded):
                return Farewell(ENDED, refusal(event.error)) if event.error is not None else Farewell(1000)
            await self._tell(event, asking)
        return Farewell(ENDED, unexpected())

    async def _tell(self, event: LiveEvent, asking: Asking) -> None:
        place, setup = self._place, self._setup
        if place is None or setup is None:
            return
        if isinstance(event, Interrupted) or (isinstance(event, Reconnected) and event.restarted):
            self._line.drop_sound()
        if isinstance(event, AnswerStarted):
            asking.item = event.item
        elif isinstance(event, AudioDelta | AnswerText | OutputTranscript):
            self._exchange.first_token()
        if self._meter.take(event, place.model):
            figures = self._meter.figures
            await self._line.send(encoded({"type": "usage", **figures}))
            noted = {name: figures[name] for name in ("input_tokens", "output_tokens", "cost")}
            self._backend.log.note(self._exchange.number, **noted)
        for frame in messages_of(event, sound=setup.sound):
            await self._line.send(frame, sound=isinstance(event, AudioDelta))

    async def _complain(self, no: Refusal) -> None:
        """Tell what is wrong, and the same thing not for each of fifty pieces of sound a second."""
        sentence, since = self._told
        now = time.monotonic()
        if no.sentence != sentence or now - since > _SAY_AGAIN_SECONDS:
            self._told = (no.sentence, now)
            await self._line.send(failed(no, fatal=False))
