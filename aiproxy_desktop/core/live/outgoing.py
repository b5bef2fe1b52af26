"""What goes out over a live session's connection, and in which order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from aiproxy_desktop.core.live.codec import Frames, LiveCodec
from aiproxy_desktop.core.live.connection import LostError
from aiproxy_desktop.core.live.events import FunctionCall
from aiproxy_desktop.core.live.ledger import Ledger
from aiproxy_desktop.core.live.link import Link

# Frames that are made for the connection that takes them.
Control: TypeAlias = Callable[[LiveCodec], Frames]


class Outgoing:
    """The queue before a connection: what its codec has to say, then controls, then what the person says.

    Args:
        ledger: what the person said, and the results of calls.
        link: the connection that takes something now; None where none does.
    """

    def __init__(self, ledger: Ledger, link: Callable[[], Link | None]) -> None:
        self._ledger, self._link = ledger, link
        self._controls: deque[Control] = deque()
        self._due: deque[Frames] = deque()
        self._to_send, self._sent = asyncio.Event(), asyncio.Event()

    @property
    def waits(self) -> bool:
        """Whether something is still to go out."""
        return bool(self._controls) or self._ledger.log.waits

    def wake(self) -> None:
        """There is something to send, or a connection that takes it."""
        self._to_send.set()

    def give_way(self) -> None:
        """Whoever waits in `progress` looks again: something changed."""
        self._sent.set()

    async def progress(self) -> None:
        """Wait until something went out, or things changed."""
        self._sent.clear()
        await self._sent.wait()

    def forget(self) -> None:
        """Drop what was meant for a connection that is no more."""
        self._controls.clear()
        self._due.clear()

    def control(self, frames: Control) -> None:
        """What goes out before any more of what the person says."""
        self._controls.append(frames)
        self._to_send.set()

    def due(self, frames: Frames) -> None:
        """What the codec itself has to say, before all else and in order."""
        self._due.append(frames)
        self._to_send.set()

    def results(self) -> None:
        """Results to the connection of now, or as text where it does not know their calls."""
        for entry in self._ledger.calls.to_send():
            self.control(_result_of(entry.call, dict(entry.result or {})))
        text = self._ledger.calls.to_tell()
        if text:
            self._ledger.log.text(text)
            self._to_send.set()

    async def write(self) -> None:
        """Send what there is to send, for as long as the session lasts."""
        while True:
            link = self._link()
            frames = None if link is None else self._next(link)
            if frames is None or link is None:
                self._to_send.clear()
                await self._to_send.wait()
                continue
            try:
                await link.connection.send(frames)
            except LostError:
                link.broken = True  # what has come before the end is read first; the reader tells of it
            self._sent.set()

    def _next(self, link: Link) -> Frames | None:
        if self._due:
            return self._due.popleft()
        if self._controls:
            return self._controls.popleft()(link.codec)
        return self._input(link)

    def _input(self, link: Link) -> Frames | None:
        piece, codec = self._ledger.log.take(time.monotonic()), link.codec
        if piece is None:
            return None
        by_hand = link.options.mode == "push_to_talk"  # else a turn from before the change has no marks
        match piece.kind:
            case "begin":
                return codec.begin_turn() if by_hand else ()
            case "audio":
                return codec.audio(piece.pcm)
            case "end":
                return codec.end_turn() if by_hand else codec.end_audio()
            case "end_audio":
                return () if by_hand else codec.end_audio()
            case "text":
                return codec.text(piece.text)


def _result_of(call: FunctionCall, result: Mapping[str, Any]) -> Control:
    return lambda codec: codec.function_result(call.id, call.name, result)
