"""A live session with any service: it keeps the thread of the conversation over all its connections."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.events import (
    FunctionCall,
    LiveEvent,
)
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.session_clock import SessionClock
from aiproxy_desktop.core.live.values import LiveOptions

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.telemetry import Telemetry


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
        self._rate = service.codec().input_rate
        clock = SessionClock(telemetry, client_context)
        from aiproxy_desktop.core.live.lifeline import (
            Lifeline,  # with asyncio, which a name alone need not load
        )

        self._life = Lifeline(service, options, clock, policy or LivePolicy())
        self._ledger = self._life.ledger

    @property
    def options(self) -> LiveOptions:
        """As they are now."""
        return self._life.options

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
        await self._life.start()

    def events(self) -> AsyncGenerator[LiveEvent]:
        """What happens, for one consumer. The last one is SessionEnded."""
        return self._life.outlet.events()

    async def begin_turn(self) -> None:
        """Push to talk: the person begins to speak; nothing where they do already.

        Raises:
            InvalidRequestError: the session is not open, or is hands-free.
        """
        self._check()
        if self._life.options.mode != "push_to_talk":
            raise InvalidRequestError("The session is hands-free", "Send sound; its turns need no marks.")
        if self._ledger.log.begin():
            self._life.wake()

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
        if not self._ledger.log.audio(pcm, self._life.options.mode):
            raise InvalidRequestError("No turn has begun", "Begin one before sending sound.")
        self._life.wake()
        await self._life.room()

    async def end_turn(self) -> None:
        """Push to talk: the person has spoken; nothing where no turn is open.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        if self._ledger.log.end():
            self._life.wake()

    async def end_audio(self) -> None:
        """Hands-free: the microphone is muted.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        if self._life.options.mode == "hands_free":
            self._ledger.log.end_audio()
            self._life.wake()

    async def send_text(self, text: str) -> None:
        """A whole turn in writing.

        Raises:
            InvalidRequestError: it is empty, or the session is not open.
        """
        self._check()
        if not text.strip():
            raise InvalidRequestError("There is nothing to send", "Write something.")
        self._ledger.log.text(text)
        self._life.wake()

    async def send_function_result(self, call_id: str, result: Mapping[str, Any]) -> None:
        """Answer a function call. Where it was taken back meanwhile, nothing happens.

        Raises:
            InvalidRequestError: no such call waits, or the session is not open.
        """
        self._check()
        if self._ledger.calls.answer(call_id, result):
            self._life.pass_results()

    async def cut(self, item: str, heard_ms: int) -> None:
        """Of this answer so much was played, and no more of it is wanted.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        self._ledger.cut(item, heard_ms)
        self._life.control(lambda codec: codec.cut(item, heard_ms))

    async def update(self, options: LiveOptions) -> None:
        """Change the session under way; where that needs another connection, at the next quiet moment.

        Raises:
            InvalidRequestError: the session is not open.
        """
        self._check()
        old = self._life.options
        if options == old:
            return
        if options.mode != old.mode:
            self._ledger.log.change_mode()
        self._life.follow(options)

    async def aclose(self) -> None:
        """End the session, within a moment; harmless at any time."""
        await self._life.aclose()

    def _check(self) -> None:
        if not self._life.open:
            raise InvalidRequestError("The live session is not open", "Start one first.")
