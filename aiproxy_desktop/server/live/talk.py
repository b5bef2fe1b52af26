"""One client's live session, from its first message to the last: who says what to whom, and when it ends."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from starlette.websockets import WebSocket

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, ModelNotFoundError
from aiproxy_desktop.core.live.events import SessionEnded
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.clients import client_of
from aiproxy_desktop.server.errors import Refusal, refusal, unexpected
from aiproxy_desktop.server.exchange import Exchange
from aiproxy_desktop.server.goodbyes import FAILED, LATER, OVER, REFUSED, told
from aiproxy_desktop.server.live.asking import Asking
from aiproxy_desktop.server.live.client_line import ClientLine
from aiproxy_desktop.server.live.messages import ClientMessage, Config, Cut
from aiproxy_desktop.server.live.plan import Plan
from aiproxy_desktop.server.live.reading import Reading
from aiproxy_desktop.server.live.telling import Telling
from aiproxy_desktop.server.live.wire import system

# The seed's clients may wait to be told that the service listens before they say anything, so a
# configuration that comes first is waited for so long. Seconds.
_CONFIG_SECONDS = 1.5
# The last words may take so long to go out.
_GOODBYE_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Farewell:
    """Why a connection ends: a close code of RFC 6455, and what went wrong."""

    code: int
    refusal: Refusal | None = None

    @property
    def sentence(self) -> str:
        """What went wrong; empty where nothing did."""
        return self.refusal.sentence if self.refusal is not None else ""


class Places:
    """How many sessions run on one server."""

    def __init__(self) -> None:
        self.taken = 0


class LiveTalk:
    """One client that is let in with its first message, or was before. `hold` is called once.

    Args:
        backend: of the server.
        websocket: accepted; for its headers.
        line: the same, to talk over.
        places: of the server.
        policy: how patient the session is.
        admitted: whether the client need not say anything to be let in.
    """

    def __init__(
        self,
        backend: ApiBackend,
        websocket: WebSocket,
        line: ClientLine,
        places: Places,
        policy: LivePolicy,
        *,
        admitted: bool,
    ) -> None:
        self._backend, self._websocket, self._line, self._places = backend, websocket, line, places
        self._policy, self._admitted = policy, admitted
        self._reading = Reading(line)
        self._plan = Plan(backend)
        self._exchange: Exchange | None = None
        self._session: LiveSession | None = None

    async def hold(self) -> None:
        """Talk until somebody ends it; the client is told why, where it still is there."""
        work = asyncio.create_task(self._converse(), name="live conversation")
        over = asyncio.create_task(self._line.over.wait(), name="live client leaves")
        farewell = Farewell(FAILED)
        try:
            await asyncio.wait((work, over), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                farewell = work.result()
            elif self._line.refusal is not None:
                farewell = Farewell(REFUSED, self._line.refusal)
            else:
                farewell = Farewell(self._line.code)
        except Exception:  # noqa: BLE001 - whatever it is, the client sees no more than a sentence
            _log.exception("a live session of the local API failed")
            farewell = Farewell(FAILED, unexpected())
        finally:
            work.cancel()
            over.cancel()
            await asyncio.gather(work, over, return_exceptions=True)
            if self._session is not None:
                await self._session.aclose()
            if self._exchange is not None:
                self._exchange.end(farewell.code, farewell.sentence)
            elif farewell.refusal is not None:
                self._websocket.scope["state"]["refusal"] = farewell.refusal
        if farewell.refusal is not None:
            await self._line.send(told(farewell.refusal, fatal=True))
        await self._line.drain(_GOODBYE_SECONDS)
        await self._line.close(farewell.code, farewell.sentence)

    async def _converse(self) -> Farewell:
        try:
            first = await self._reading.first(_CONFIG_SECONDS if self._admitted else None)
        except Refusal as no:
            return Farewell(REFUSED, no)
        fields = first.fields if isinstance(first, Config) else {}
        exchange = self._exchange = Exchange.begin(self._backend, self._websocket, fields)
        if self._places.taken >= self._backend.rules().limits.sessions:
            sentence = "Too many live sessions run at the moment. Try again when one has ended."
            return Farewell(LATER, Refusal(503, sentence, code="overloaded"))
        self._places.taken += 1
        try:
            session = await self._begin(exchange, first)
            return await self._talk(session, exchange, None if isinstance(first, Config) else first)
        except Refusal as no:
            return Farewell(REFUSED, no)
        except AIProxyError as error:
            return Farewell(FAILED, refusal(error))
        finally:
            self._places.taken -= 1

    async def _begin(self, exchange: Exchange, first: ClientMessage | None) -> LiveSession:
        """Connect to the service, as the client wants it.

        Raises:
            Refusal: what it wants cannot be.
            AIProxyError: the service cannot be reached, or refuses.
        """
        await self._follow(exchange, first if isinstance(first, Config) else Config({}))
        if isinstance(first, Config):
            await self._line.send(self._plan.acknowledged(exchange.client))
        session = self._session = LiveSession(
            self._plan.place.service,
            self._plan.setup.options,
            telemetry=self._backend.client.telemetry,
            client_context=exchange.client,
            policy=self._policy,
        )
        try:
            await session.start()
        except ModelNotFoundError:
            place = self._plan.place
            if place.model in place.others:
                raise
            raise place.holds_none() from None
        await self._line.send(system(f"Connected to {self._plan.place.title}"))
        return session

    async def _follow(self, exchange: Exchange, config: Config) -> None:
        """What a configuration changes in the plan and in the log.

        Raises:
            Refusal: it cannot be; the plan stays.
        """
        wanted = config.fields.get("model")
        if not exchange.reference and isinstance(wanted, str):
            exchange.asked_for(wanted)
        await self._plan.add(config.fields)
        trusted = self._backend.rules().trusted_proxies
        exchange.client = client_of(self._websocket.scope, self._plan.fields, trusted)
        exchange.reference = self._plan.place.reference
        self._backend.log.note(exchange.number, model=exchange.reference, client=exchange.client)

    async def _talk(self, session: LiveSession, exchange: Exchange, first: ClientMessage | None) -> Farewell:
        """Both directions at once, until one of them ends."""
        asking = Asking(session, lambda: self._line.waiting)
        telling = Telling(self._line, exchange, self._plan, asking)
        tasks = (
            asyncio.create_task(self._tell_all(session, telling), name="live answers"),
            asyncio.create_task(self._take_all(session, exchange, asking, first), name="live questions"),
        )
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_all(
        self, session: LiveSession, exchange: Exchange, asking: Asking, first: ClientMessage | None
    ) -> Farewell:
        message = first if first is not None else await self._reading.next()
        while True:
            asking.rate = self._plan.setup.rate
            try:
                if isinstance(message, Config):
                    await self._follow(exchange, message)
                    await session.update(self._plan.setup.options)
                    await self._line.send(self._plan.acknowledged(exchange.client))
                else:
                    await asking.take(message)
            except Refusal as no:
                await self._reading.complain(no)
            except InvalidRequestError as error:
                await self._reading.complain(refusal(error))
            if isinstance(message, Cut):
                self._line.drop_sound()
            message = await self._reading.next()

    async def _tell_all(self, session: LiveSession, telling: Telling) -> Farewell:
        async for event in session.events():
            if isinstance(event, SessionEnded):
                return Farewell(OVER) if event.error is None else Farewell(FAILED, refusal(event.error))
            await telling.tell(event)
        return Farewell(FAILED, unexpected())
