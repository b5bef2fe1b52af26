"""Chunks of an answer to events: what every streaming dialect shares. No sockets here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError, ContentBlockedError, ProtocolError
from aiproxy_desktop.core.events import Finished, FinishReason, StreamEvent, Usage, UsageReported
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import (
    BYTE_ORDER_MARK,
    MAX_FRAME_BYTES,
    ServerSentEvent,
    SseDecoder,
    check_frame_size,
)

# Of a model's own refusal, in characters; what a person is shown of it is shorter still.
MOST_WORDS = 2000

Fail: TypeAlias = Callable[[Refusal], AIProxyError]


class FrameDecoder(Protocol):
    """Bytes to JSON texts."""

    def feed(self, chunk: bytes) -> Sequence[ServerSentEvent | bytes]:
        """The frames that this chunk completes."""
        ...

    def close(self) -> Sequence[ServerSentEvent | bytes]:
        """What the end completes."""
        ...


class AnswerDecoder(ABC):
    """One answer in one dialect: `feed` it chunks, then `end` it; both give events.

    What goes wrong stands in `failure` instead of being raised, so that the events before it in the
    same chunk are never lost, however the network cut the stream.
    """

    def __init__(self, frames: FrameDecoder, fail: Fail, frame_limit: int = MAX_FRAME_BYTES) -> None:
        self._frames = frames
        self._frame_limit = frame_limit  # bytes, of an answer that comes as one JSON value
        self._fail = fail
        self._head = b""
        self._whole: bytearray | None = None
        self._started = False
        self.usage: Usage | None = None
        self.failure: AIProxyError | None = None
        self.finish: FinishReason | None = None
        self.complete = False

    def feed(self, chunk: bytes) -> list[StreamEvent]:
        """The events that this chunk completes."""
        if not self._started:
            chunk = self._start(chunk)
        if self._whole is not None:
            self._keep(chunk)
            return []
        try:
            frames = self._frames.feed(chunk)
        except ProtocolError as error:
            self.failure = error
            return []
        return self._decode(frames)

    def end(self) -> list[StreamEvent]:
        """The last events. Without `finish` afterwards, the stream broke off."""
        if self._whole is not None:
            return self._end_whole(bytes(self._whole))
        if self.failure is not None:
            return []
        events = self._decode(self._frames.close())
        self._forgive_half_a_frame()
        return events + self._closing()

    @abstractmethod
    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one JSON text; add its events, set `finish`, `complete` or `failure`.

        Raises:
            AIProxyError: the frame is an error or cannot be read.
        """

    @property
    def whole(self) -> bool:
        """Whether the answer comes as one JSON value instead of a stream."""
        return self._whole is not None

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read an answer that came as one JSON value although a stream was asked for."""
        self.decode_frame(body, events)

    def blocked(self, reason: str) -> ContentBlockedError:
        """The provider refused the prompt or the answer."""
        reason = "".join(char for char in reason[:60] if char.isprintable())
        error = self._fail(Refusal(f"The reason it gave: {reason}.", ("content_filter",)))
        assert isinstance(error, ContentBlockedError)
        return error

    def declined(self, words: str) -> ContentBlockedError:
        """The model refused to answer, in these words of its own."""
        error = self._fail(Refusal(words[:MOST_WORDS], ("content_filter",)))
        assert isinstance(error, ContentBlockedError)
        return error

    def _decode(self, frames: Sequence[ServerSentEvent | bytes]) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        for frame in frames:
            if self.complete or self.failure is not None:
                break
            try:
                self.decode_frame(frame if isinstance(frame, bytes) else frame.data, events)
            except AIProxyError as error:
                self.failure = error
        return events

    def _forgive_half_a_frame(self) -> None:
        """A stream that broke off ends in half a frame: no failure of its own."""
        if isinstance(self.failure, ProtocolError):
            self.failure = None

    def _closing(self) -> list[StreamEvent]:
        if self.finish is None or self.failure is not None:
            return []
        events: list[StreamEvent] = []
        if self.usage is not None:
            events.append(UsageReported(self.usage))
        events.append(Finished(self.finish))
        return events

    def _start(self, chunk: bytes) -> bytes:
        """Tell a stream from one JSON value by the first byte that is neither space nor a mark."""
        head = self._head + chunk
        text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
        if BYTE_ORDER_MARK.startswith(head) or not text:
            self._head = head if len(head) < 1024 else head[:3]
            return b""
        self._head = b""
        self._started = True
        if isinstance(self._frames, SseDecoder) and text[:1] in b"{[":
            self._whole = bytearray()
            return text
        return head

    def _keep(self, chunk: bytes) -> None:
        assert self._whole is not None
        self._whole += chunk
        try:
            check_frame_size(len(self._whole), self._frame_limit)
        except ProtocolError as error:
            self.failure = error

    def _end_whole(self, body: bytes) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        refusal = read_refusal(body)
        try:
            if refusal is not None:
                raise self._fail(refusal)
            self.decode_whole(body, events)
        except AIProxyError as error:
            self.failure = error
        return events + self._closing()
