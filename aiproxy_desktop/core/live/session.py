"""A live session with any service: it keeps the thread of the conversation over all its connections."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, ProtocolError
from aiproxy_desktop.core.live.codec import Frames, LiveCodec, LiveService
from aiproxy_desktop.core.live.connection import LostError
from aiproxy_desktop.core.live.events import (
    FunctionCall,
    FunctionCallsCancelled,
    GoingAway,
    LiveEvent,
    Reconnected,
    Reconnecting,
    ReconnectReason,
    SessionEnded,
    SessionReady,
    WireEvent,
)
from aiproxy_desktop.core.live.ledger import Ledger
from aiproxy_desktop.core.live.link import Link, open_link
from aiproxy_desktop.core.live.outlet import Outlet
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.reconnecting import Switch, Trials
from aiproxy_desktop.core.live.session_clock import SessionClock
from aiproxy_desktop.core.live.values import LiveOptions

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.telemetry import Telemetry

# How often it is looked whether something has waited too long.
_TICK_SECONDS = 1.0

_NO_ANSWER = {"error": "The function gave no result in time."}


class LiveSession:
    """One conversation. `start`, consume `events`, send, `aclose`; all on one event loop.

    What is sent while the connection is made anew is kept and sent after. A turn of the person is sent again
    as a whole where no answer to it was whole; a turn that was answered never is.

    Args:
        service: whom to talk with.
        options: how the session shall be.
        telemetry: where to report how long it was; by default what OTEL_ENABLED asks for.
        client_context: who talks, for telemetry; see `ClientContext`.
        policy: its patience and bounds.

    Raises:
        InvalidRequestError: the client context is none.
    """

    def __init__(
        self,
        service: LiveService,
        options: LiveOptions,
        *,
        telemetry: Telemetry | None = None,
        client_context: ClientContext | Mapping[str, Any] | None = None,
        policy: LivePolicy | None = None,
    ) -> None:
        self._service = service
        self._options = options
        self._policy = policy or LivePolicy()
        self._rate = service.codec().input_rate
        self._clock = SessionClock(telemetry, client_context)
        self._ledger = Ledger(self._rate, self._policy)
        self._outlet = Outlet(self._policy.events)
        self._trials = Trials(self._policy)
        self._link: Link | None = None
        self._lost: LostError | None = None
        self._switch: Switch | None = None
        self._paused = False
        self._controls: deque[Callable[[LiveCodec], Frames]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._to_send, self._to_keep, self._sent = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._state = "new"
        self._ending: asyncio.Task[None] | None = None
        self._restarted = False

    @property
    def options(self) -> LiveOptions:
        """As they are now."""
        return self._options

    @property
    def input_rate(self) -> int:
        """Samples a second of the PCM16 mono sound that `send_audio` takes."""
        return self._rate

    @property
    def waiting_calls(self) -> tuple[FunctionCall, ...]:
        """Function calls that wait for a result, oldest first."""
        return self._ledger.calls.waiting

    async def start(self) -> None:
        """Connect, and wait until the service listens.

        Raises:
            AIProxyError: no key, no way to the service, a refusal.
            InvalidRequestError: it was started before.
        """
        if self._state != "new":
            raise InvalidRequestError("The live session was started before", "Make another one.")
        self._state = "starting"
        await self._clock.begin(self._service.provider, self._options.model)
        try:
            link = await open_link(self._service, self._options, None, self._policy)
        except BaseException as error:
            self._state = "ended"
            self._clock.ended(error if isinstance(error, AIProxyError) else None)
            await self._clock.aclose()
            raise
        if self._state != "starting":  # it was closed meanwhile
            await link.aclose()
            self._check()
        self._state = "open"
        self._outlet.tell(SessionReady())
        self._adopt(link)
        self._own(self._write(), "live writer")
        self._own(self._keep(), "live keeper")

    def events(self) -> AsyncGenerator[LiveEvent]:
        """What happens, for one consumer. The last one is SessionEnded."""
        return self._outlet.events()

    async def begin_turn(self) -> None:
        """Push to talk: the person begins to speak; nothing where they do already.

        Raises:
            InvalidRequestError: the session is not open, or is hands-free.
        """
        self._check()
        if self._options.mode != "push_to_talk":
            raise InvalidRequestError("The session is hands-free", "Send sound; its turns need no marks.")
        if self._ledger.log.begin():
            self._to_send.set()

    async def send_audio(self, pcm: bytes, rate: int | None = None) -> None:
        """More sound of the person's, waiting while the line is full.

        Args:
            pcm: PCM16 little-endian mono at `input_rate`; any length of whole samples.
            rate: samples a second, where the caller wants it checked.

        Raises:
            InvalidRequestError: it is not that, the session is not open, or no turn has begun.
        """
        self._check()
        if rate is not None and rate != self._rate:
            raise InvalidRequestError(
                f"Sound of {rate} Hz cannot be sent", f"{self._service.label} takes {self._rate} Hz."
            )
        if len(pcm) % 2:
            raise InvalidRequestError(
                "The sound ends within a sample", "Give PCM16: two bytes for each sample."
            )
        if not self._ledger.log.audio(pcm, self._options.mode):
            raise InvalidRequestError("No turn has begun", "Begin one before sending sound.")
        self._to_send.set()
        while self._flowing and self._ledger.log.unsent_bytes > self._policy.unsent_bytes:
            self._sent.clear()
            await self._sent.wait()

    async def end_turn(self) -> None:
        """Push to talk: the person has spoken; nothing where no turn is open.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        if self._ledger.log.end():
            self._to_send.set()

    async def end_audio(self) -> None:
        """Hands-free: the microphone is muted.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        if self._options.mode == "hands_free":
            self._ledger.log.end_audio()
            self._to_send.set()

    async def send_text(self, text: str) -> None:
        """A whole turn in writing.

        Raises:
            InvalidRequestError: it is empty, or the session is not open.
        """
        self._check()
        if not text.strip():
            raise InvalidRequestError("There is nothing to send", "Write something.")
        self._ledger.log.text(text)
        self._to_send.set()

    async def send_function_result(self, call_id: str, result: Mapping[str, Any]) -> None:
        """Answer a function call. Where it was taken back meanwhile, nothing happens.

        Raises:
            InvalidRequestError: no such call waits, or the session is not open.
        """
        self._check()
        if self._ledger.calls.answer(call_id, result):
            self._pass_results()

    async def cut(self, item: str, heard_ms: int) -> None:
        """Of this answer so much was played, and no more of it is wanted.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        self._ledger.cut(item, heard_ms)
        if self._link is not None:
            self._control(lambda codec: codec.cut(item, heard_ms))

    async def update(self, options: LiveOptions) -> None:
        """Change the session under way; where that needs another connection, at the next quiet moment.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        old, self._options = self._options, options
        if options == old:
            return
        if options.mode != old.mode:
            self._ledger.log.end()
        if options.model != old.model:
            self._ledger.forget_handle()
        if self._link is not None:  # else the next connection is set up so
            self._apply(self._link)

    async def aclose(self) -> None:
        """End the session, within a moment; harmless at any time."""
        self._finish(None)
        if self._ending is not None:
            await asyncio.wait([self._ending])

    # The rest runs the session.

    def _check(self) -> None:
        if self._state != "open":
            raise InvalidRequestError("The live session is not open", "Start one first.")

    @property
    def _flowing(self) -> bool:
        return self._state == "open" and self._link is not None and not self._paused

    def _own(self, work: Any, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _control(self, frames: Callable[[LiveCodec], Frames]) -> None:
        self._controls.append(frames)
        self._to_send.set()

    def _pass_results(self) -> None:
        """Results to the connection of now, or as text where it does not know their calls."""
        if self._link is None:
            return
        for entry in self._ledger.calls.to_send():
            call, result = entry.call, dict(entry.result or {})
            self._control(_result_of(call, result))
        text = self._ledger.calls.to_tell()
        if text:
            self._ledger.log.text(text)
            self._to_send.set()

    def _adopt(self, link: Link) -> None:
        """From now on this is the connection."""
        link.answers_before = self._ledger.whole_answers
        self._controls.clear()
        self._link, self._lost, self._paused, self._switch = link, None, False, None
        for event in link.early:
            for _ in self._ledger.take(event, time.monotonic()):
                pass
        self._reader = self._own(self._read(link), "live reader")
        self._pass_results()
        if link.options != self._options:
            self._apply(link)
        self._to_send.set()

    def _apply(self, link: Link) -> None:
        """Have a connection follow the options of now, or another one take its place."""
        options = self._options
        frames = link.codec.update(options) if options.model == link.options.model else None
        if frames is not None:
            link.options = options
            self._control(_just(frames))
            return
        if self._switch is None:
            self._switch = Switch("changed", None)
        self._to_keep.set()

    async def _read(self, link: Link) -> None:
        try:
            while True:
                frame = await link.connection.receive()
                events = tuple(link.codec.decode(frame))
                due = link.codec.due()
                if due:
                    self._controls.appendleft(_just(due))
                    self._to_send.set()
                for event in events:
                    await self._take(event, link)
        except LostError as lost:
            self._gone(link, lost)
        except ProtocolError as error:
            self._gone(link, LostError(error, "closed"))

    async def _take(self, event: WireEvent, link: Link) -> None:
        if isinstance(event, SessionReady):
            return
        for told in self._ledger.take(event, time.monotonic()):
            if isinstance(told, GoingAway):
                self._switch = Switch("going_away", time.monotonic() + max(0.0, told.seconds))
            link.connection.held = True
            try:
                await self._outlet.put(told)
            except asyncio.CancelledError:
                self._outlet.tell(told)  # it has happened: whoever consumes must hear of it
                raise
            finally:
                link.connection.held = False
        if self._ledger.flooded:
            self._gone(link, LostError(_endless(self._service), "closed"))
            self._trials.refuse()
        self._to_keep.set()

    def _gone(self, link: Link, lost: LostError) -> None:
        if link is self._link:
            self._lost = lost
            self._sent.set()
            self._to_keep.set()

    async def _write(self) -> None:
        while True:
            link = self._link
            if link is None or self._paused or link.broken:
                frames: Frames | None = None
            elif self._controls:
                frames = self._controls.popleft()(link.codec)
            else:
                frames = self._next_input(link.codec)
            if frames is None or link is None:
                self._to_send.clear()
                await self._to_send.wait()
                continue
            try:
                await link.connection.send(frames)
            except LostError:
                link.broken = True  # what has come before the end is read first; the reader tells of it
            self._sent.set()

    def _next_input(self, codec: LiveCodec) -> Frames | None:
        piece = self._ledger.log.take(time.monotonic())
        match piece.kind if piece is not None else None:
            case None:
                return None
            case "begin":
                return codec.begin_turn()
            case "audio":
                return codec.audio(piece.pcm if piece is not None else b"")
            case "end":
                return codec.end_turn()
            case "end_audio":
                return codec.end_audio()
            case _:
                return codec.text(piece.text if piece is not None else "")

    async def _keep(self) -> None:
        """Look after the connection: make it anew when it is lost, change it when it is to be changed."""
        while True:
            self._to_keep.clear()
            now = time.monotonic()
            for call_id in self._ledger.overdue(now):
                self._ledger.calls.answer(call_id, _NO_ANSWER)
                self._outlet.tell(FunctionCallsCancelled((call_id,)))
                self._pass_results()
            try:
                if self._lost is not None:
                    await self._reconnect(self._lost)
                elif self._switch is not None and self._switch.due(now, self._ledger, self._policy):
                    await self._change(self._switch)
            except AIProxyError as error:
                self._finish(error)
                return
            try:
                async with asyncio.timeout(_TICK_SECONDS if self._switch is None else 0.1):
                    await self._to_keep.wait()
            except TimeoutError:
                continue

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
        for event in (*self._ledger.lost(), Reconnecting(reason)):
            self._outlet.tell(event)
        while True:
            await asyncio.sleep(self._trials.wait())
            try:
                fresh = await self._open()
                await self._move_to(fresh, reason)
            except LostError as again:
                self._trials.failed(again.error)
            except AIProxyError as error:
                if self._trials.suspects_handle(error, self._ledger.good_handle):
                    reason = "refused_handle"
                    self._ledger.forget_handle()
                else:
                    self._trials.failed(error)
            else:
                return

    def _judge(self, link: Link, lost: LostError, reason: ReconnectReason) -> ReconnectReason:
        """What the end of a connection means for the next one.

        Raises:
            AIProxyError: there shall be none.
        """
        proven = self._ledger.whole_answers > link.answers_before
        if not proven and link.resumed and self._trials.suspects_handle(lost.error, self._ledger.handle):
            self._ledger.forget_handle()
            return "refused_handle"
        self._trials.broke(lost.error, proven=proven, lasted=time.monotonic() - link.since)
        return reason

    async def _open(self) -> Link:
        handle = self._ledger.good_handle
        history = handle is None and self._ledger.untold
        return await open_link(self._service, self._options, handle, self._policy, history=history)

    async def _move_to(self, link: Link, reason: ReconnectReason) -> None:
        """Tell a fresh connection what it must know, and go on with it.

        Raises:
            LostError: it broke meanwhile.
        """
        moved = self._ledger.moved(resumed=link.resumed)
        self._restarted = self._restarted or moved.restarted
        for event in moved.events:
            self._outlet.tell(event)
        try:
            await link.tell(moved.history)
        except BaseException:
            await link.aclose()
            raise
        self._ledger.settled(resumed=link.resumed)
        self._outlet.tell(Reconnected(reason, link.resumed, self._restarted))
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
            fresh = await self._open()
        except AIProxyError as error:
            self._paused = False
            self._to_send.set()
            if self._trials.suspects_handle(error, self._ledger.good_handle):
                self._ledger.forget_handle()
            elif not error.retryable and switch.reason == "changed":
                raise
            switch.failed(time.monotonic())
            return
        if self._ledger.answering and not switch.pressing(time.monotonic(), self._policy):
            # The service began to speak meanwhile: it is let finish.
            self._paused = False
            self._to_send.set()
            await fresh.aclose()
            return
        self._link = None
        for event in (*self._ledger.lost(), Reconnecting(switch.reason)):
            self._outlet.tell(event)
        if old is not None:
            await self._silence()
        try:
            await self._move_to(fresh, switch.reason)
        except LostError as lost:
            self._paused = False
            self._lost = lost
        if old is not None:
            self._own(old.aclose(), "live goodbye")

    async def _silence(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    def _finish(self, error: AIProxyError | None) -> None:
        if self._ending is None:
            self._state = "ended"
            self._sent.set()
            self._ending = asyncio.get_running_loop().create_task(self._end(error), name="live end")

    async def _end(self, error: AIProxyError | None) -> None:
        others = list(self._tasks)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        link, self._link = self._link, None
        if link is not None:
            await link.aclose()
        self._outlet.tell(SessionEnded(error))
        self._clock.ended(error)
        await self._clock.aclose()


def _just(frames: Frames) -> Callable[[LiveCodec], Frames]:
    return lambda _: frames


def _result_of(call: FunctionCall, result: Mapping[str, Any]) -> Callable[[LiveCodec], Frames]:
    return lambda codec: codec.function_result(call.id, call.name, result)


def _endless(service: LiveService) -> ProtocolError:
    return ProtocolError(
        f"{service.label} sends without end",
        "The session was closed. Start another one.",
        provider=service.provider,
    )
