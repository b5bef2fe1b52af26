"""The connections of a live session, one after the other: what is sent, what is read, when they change."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, ProtocolError
from aiproxy_desktop.core.live.codec import Frames, LiveService
from aiproxy_desktop.core.live.connection import LostError
from aiproxy_desktop.core.live.events import (
    FunctionCallsCancelled,
    GoingAway,
    Reconnected,
    Reconnecting,
    ReconnectReason,
    SessionEnded,
    SessionReady,
    WireEvent,
)
from aiproxy_desktop.core.live.ledger import Ledger
from aiproxy_desktop.core.live.link import Link, Links, open_link
from aiproxy_desktop.core.live.outgoing import Control, Outgoing
from aiproxy_desktop.core.live.outlet import Outlet
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.reconnecting import Switch, Trials
from aiproxy_desktop.core.live.session_clock import SessionClock
from aiproxy_desktop.core.live.standby import Standby
from aiproxy_desktop.core.live.values import LiveOptions

# A change that needs another connection waits at most so long for a quiet moment.
_CHANGE_SECONDS = 15.0

_log = logging.getLogger(__name__)

# How often it is looked whether something has waited too long.
_TICK_SECONDS = 1.0

_NO_ANSWER = {"error": "The function gave no result in time."}


class Lifeline:
    """Owns a session's connection, its tasks and the state of its conversation.

    Args:
        service: whom to talk with.
        options: how the session shall be.
        clock: how long it is, for telemetry.
        policy: its patience and bounds.
    """

    def __init__(
        self, service: LiveService, options: LiveOptions, clock: SessionClock, policy: LivePolicy
    ) -> None:
        self.options = options
        self._service, self._clock, self._policy = service, clock, policy
        self.ledger = Ledger(service.codec().input_rate, policy)
        self.outlet = Outlet(policy.events)
        self._trials = Trials(policy)
        self._link: Link | None = None
        self._links = Links()
        self._lost: LostError | None = None
        self._switch: Switch | None = None
        self._paused = False
        self._outgoing = Outgoing(self.ledger, lambda: self._link if self.flowing else None)
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._to_keep = asyncio.Event()
        self._state = "new"
        self._ending: asyncio.Task[None] | None = None
        self._restarted = False
        self._standby = Standby(self._open)
        self._tried: str | None = None  # the handle of the last attempt: what is good may change meanwhile

    @property
    def open(self) -> bool:
        """Whether it was started and has not ended."""
        return self._state == "open"

    async def start(self) -> None:
        """Connect, and wait until the service listens.

        Raises:
            AIProxyError: no key, no way to the service, a refusal.
            InvalidRequestError: it was started before, or was closed meanwhile.
        """
        if self._state != "new":
            raise InvalidRequestError("The live session was started before", "Make another one.")
        self._state = "starting"
        await self._clock.begin(self._service.provider, self.options.model)
        try:
            link = self._links.keep(await open_link(self._service, self.options, None, self._policy))
        except BaseException as error:
            self._state = "ended"
            self._clock.ended(error if isinstance(error, AIProxyError) else None)
            await self._clock.aclose()
            raise
        if self._state != "starting":
            await link.aclose()
            raise InvalidRequestError("The live session was closed while it began", "Make another one.")
        self._state = "open"
        self.outlet.tell(SessionReady())
        self._adopt(link)
        self._own(self._outgoing.write(), "live writer")
        self._own(self._keep(), "live keeper")

    async def aclose(self) -> None:
        """End the session, within a moment; what was handed over before goes out, if it can."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._policy.close_seconds):
                while self.flowing and self._outgoing.waits:
                    await self._outgoing.progress()
        self.finish(None)
        if self._ending is not None:
            await asyncio.wait([self._ending])

    def wake(self) -> None:
        """There is something to send."""
        self._outgoing.wake()

    async def room(self) -> None:
        """Wait while too much sound waits to be sent over a connection that stands."""
        while self.flowing and self.ledger.log.unsent_bytes > self._policy.unsent_bytes:
            await self._outgoing.progress()

    def follow(self, options: LiveOptions) -> None:
        """Be so from now on; where that needs another connection, from the next quiet moment."""
        if options.model != self.options.model:
            self.ledger.forget_handle()
        self.options = options
        if self._link is not None:  # else the next connection is set up so
            self._apply(self._link)

    @property
    def flowing(self) -> bool:
        """Whether what is said goes out at once."""
        link = self._link
        return self._state == "open" and link is not None and not (self._paused or link.broken or link.shut)

    def _own(self, work: Any, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        """A task of the session has ended; by a mistake of ours the session ends with it."""
        self._tasks.discard(task)
        failed = None if task.cancelled() else task.exception()
        if failed is not None:
            _log.error("%s failed", task.get_name(), exc_info=failed)
            self.finish(
                AIProxyError("The live session ended unexpectedly", "Start it again; the log says more.")
            )

    def control(self, frames: Control) -> None:
        """What goes out before any more sound; nothing where no connection stands."""
        if self._link is not None:
            self._outgoing.control(frames)

    def pass_results(self) -> None:
        """Results to the connection of now, or as text where it does not know their calls."""
        if self._link is not None:
            self._outgoing.results()

    def _adopt(self, link: Link) -> None:
        """From now on this is the connection."""
        link.answers_before = self.ledger.whole_answers
        self._outgoing.forget()
        self._link, self._lost, self._paused, self._switch = link, None, False, None
        for event in link.early:
            for _ in self.ledger.take(event, time.monotonic()):
                pass
        self._reader = self._own(self._read(link), "live reader")
        self.pass_results()
        if link.options != self.options:
            self._apply(link)
        self._outgoing.wake()

    def _apply(self, link: Link) -> None:
        """Have a connection follow the options of now, or another one take its place."""
        options = self.options
        frames = link.codec.update(options) if options.model == link.options.model else None
        if frames is not None:
            link.options = options
            self.control(_just(frames))
            return
        link.shut = options.mode != link.options.mode
        if self._switch is None or link.shut:
            wait = 0.0 if link.shut else _CHANGE_SECONDS
            self._switch = Switch("changed", time.monotonic() + wait)
        self._to_keep.set()

    async def _read(self, link: Link) -> None:
        try:
            while True:
                frame = await link.connection.receive()
                events = tuple(link.codec.decode(frame))
                due = link.codec.due()
                if due:
                    self._outgoing.due(due)
                for event in events:
                    await self._take(event, link)
        except LostError as lost:
            self._gone(link, lost)
        except ProtocolError as error:
            self._gone(link, LostError(error, "closed"))

    async def _take(self, event: WireEvent, link: Link) -> None:
        if isinstance(event, SessionReady):
            return
        for told in self.ledger.take(event, time.monotonic()):
            if isinstance(told, GoingAway):
                self._switch = Switch("going_away", time.monotonic() + max(0.0, told.seconds))
            link.connection.held = True
            try:
                await self.outlet.put(told)
            except asyncio.CancelledError:
                self.outlet.tell(told)  # it has happened: whoever consumes must hear of it
                raise
            finally:
                link.connection.held = False
        if self.ledger.flooded:
            self._gone(link, LostError(_endless(self._service), "closed"))
            self._trials.refuse()
        self._to_keep.set()

    def _gone(self, link: Link, lost: LostError) -> None:
        if link is self._link:
            self._lost = lost
            self._outgoing.give_way()
            self._to_keep.set()

    async def _keep(self) -> None:
        """Look after the connection: make it anew when it is lost, change it when it is to be changed."""
        while True:
            self._to_keep.clear()
            now = time.monotonic()
            for call_id in self.ledger.overdue(now):
                self.ledger.calls.give_up(call_id, _NO_ANSWER)
                self.outlet.tell(FunctionCallsCancelled((call_id,)))
                self.pass_results()
            try:
                self._watch_age(now)
                if self._lost is not None:
                    await self._reconnect(self._lost)
                elif self._switch is not None and self._switch.due(now, self.ledger, self._policy):
                    await self._change(self._switch)
            except AIProxyError as error:
                self.finish(error)
                return
            try:
                async with asyncio.timeout(_TICK_SECONDS if self._switch is None else 0.1):
                    await self._to_keep.wait()
            except TimeoutError:
                continue

    def _watch_age(self, now: float) -> None:
        """A connection that is old gives way before the service ends it, and never waits to be told.

        Where time runs out amid an answer, the next one is opened while that still comes.
        """
        link, switch = self._link, self._switch
        if link is None:
            return
        lifetime = link.codec.lifetime
        if switch is None and now - link.since > lifetime * self._policy.old_share:
            self._switch = Switch("going_away", link.since + lifetime)
        elif switch is not None and self.ledger.answering and switch.pressing(now, self._policy):
            self._standby.prepare()

    async def _reconnect(self, lost: LostError) -> None:
        """Connect again, however often that takes.

        Raises:
            AIProxyError: it is no use.
        """
        link, self._link = self._link, None
        reason: ReconnectReason = lost.reason
        if self._switch is not None and self._switch.reason == "going_away" and lost.reason == "closed":
            reason = "going_away"
        if link is not None:
            await self._silence()
            self._own(link.aclose(), "live goodbye")
            reason = self._judge(link, lost, reason)
        for event in (*self.ledger.lost(), Reconnecting(reason)):
            self.outlet.tell(event)
        while True:
            await asyncio.sleep(self._trials.wait())
            try:
                fresh = await self._prepared() or await self._open()
                await self._move_to(fresh, reason)
            except LostError as again:
                self._trials.failed(again.error)
            except AIProxyError as error:
                if self._trials.suspects_handle(error, self._tried):
                    reason = "refused_handle"
                    self.ledger.forget_handle()
                else:
                    self._trials.failed(error)
            else:
                return

    def _judge(self, link: Link, lost: LostError, reason: ReconnectReason) -> ReconnectReason:
        """What the end of a connection means for the next one.

        Raises:
            AIProxyError: there shall be none.
        """
        proven = self.ledger.whole_answers > link.answers_before
        if not proven and link.resumed and self._trials.suspects_handle(lost.error, self.ledger.handle):
            self.ledger.forget_handle()
            return "refused_handle"
        self._trials.broke(lost, proven=proven, lasted=time.monotonic() - link.since)
        return reason

    async def _prepared(self) -> Link | None:
        """The connection that was opened ahead, if it knows, or can be told, all that was said."""
        link = await self._standby.take()
        if link is None or self._fits(link):
            return link
        self._own(link.aclose(), "live goodbye")
        return None

    async def _open(self) -> Link:
        handle = self._tried = self.ledger.good_handle
        history = handle is None and self.ledger.untold
        link = await open_link(self._service, self.options, handle, self._policy, history=history)
        return self._links.keep(link)

    async def _move_to(self, link: Link, reason: ReconnectReason) -> None:
        """Tell a fresh connection what it must know, and go on with it.

        Raises:
            LostError: it broke meanwhile.
        """
        moved = self.ledger.moved(resumed=link.resumed)
        self._restarted = self._restarted or moved.restarted
        for event in moved.events:
            self.outlet.tell(event)
        try:
            await link.tell(moved.history)
        except BaseException:
            await link.aclose()
            raise
        self.ledger.settled(resumed=link.resumed)
        self.outlet.tell(Reconnected(reason, link.resumed, self._restarted))
        self._restarted = False
        self._trials.stands()
        self._adopt(link)

    async def _change(self, switch: Switch) -> None:
        """Put another connection in the place of this one, which serves until that stands.

        Raises:
            AIProxyError: it is no use.
        """
        old = self._link
        self._paused = True
        try:
            fresh = await self._prepared() or await self._open()
        except AIProxyError as error:
            self._paused = False
            self._outgoing.wake()
            if self._trials.suspects_handle(error, self._tried):
                self.ledger.forget_handle()
            elif not error.retryable and switch.reason == "changed":
                raise
            switch.failed(time.monotonic())
            return
        began = self.ledger.answering and not switch.pressing(time.monotonic(), self._policy)
        if began or not self._fits(fresh):
            # The service spoke meanwhile: it is let finish, and what it said belongs to what is told.
            self._paused = False
            self._outgoing.wake()
            await fresh.aclose()
            return
        self._link = None
        for event in (*self.ledger.lost(), Reconnecting(switch.reason)):
            self.outlet.tell(event)
        if old is not None:
            await self._silence()
        try:
            await self._move_to(fresh, switch.reason)
        except LostError as lost:
            self._paused = False
            self._lost = lost
        if old is not None:
            self._own(old.aclose(), "live goodbye")

    def _fits(self, link: Link) -> bool:
        """Whether a connection that was opened a moment ago knows, or can be told, what was said."""
        if link.options != self.options:
            return False
        if link.resumed:
            return link.handle == self.ledger.good_handle
        return link.announced or not self.ledger.untold

    async def _silence(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    def finish(self, error: AIProxyError | None) -> None:
        """End the session; only the first time counts."""
        if self._ending is None:
            self._state = "ended"
            self._outgoing.give_way()
            self._ending = asyncio.get_running_loop().create_task(self._end(error), name="live end")

    async def _end(self, error: AIProxyError | None) -> None:
        others = list(self._tasks)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._standby.drop()
        self._link = None
        await self._links.aclose()
        self.outlet.tell(SessionEnded(error))
        self._clock.ended(error)
        await self._clock.aclose()


def _just(frames: Frames) -> Control:
    return lambda _: frames


def _endless(service: LiveService) -> ProtocolError:
    return ProtocolError(
        f"{service.label} sends without end",
        "The session was closed. Start another one.",
        provider=service.provider,
    )
