"""What a client says in a live session, handed over to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.server.live.config import DEFAULT_RATE
from aiproxy_desktop.server.live.messages import ClientMessage, Cut, Mark, ToolResult, Words
from aiproxy_desktop.server.live.pace import Pace
from aiproxy_desktop.server.live.pcm import Sound
from aiproxy_desktop.server.live.sound import SoundIn, SoundOut

# Of all but sound: far more than people say, and too little to drown a service in.
_AT_ONCE, _EACH_SECOND = 50, 10.0


class Asking:
    """The client's side of a session.

    Args:
        session: that has started.
        more: whether the client has sent more already; then short pieces of sound wait for it.

    Attributes:
        rate: samples a second of sound that does not say so.
        playing: the answer under way.
    """

    def __init__(self, session: LiveSession, more: Callable[[], bool]) -> None:
        self.rate = DEFAULT_RATE
        self.playing = SoundOut()
        self._session, self._more = session, more
        self._sound = SoundIn(session.input_rate)
        self._pace = Pace(_AT_ONCE, _EACH_SECOND)

    async def take(self, message: ClientMessage) -> None:
        """Hand a message over, waiting while the line is full or the client too fast.

        Raises:
            InvalidRequestError: it does not fit how the session stands.
        """
        if isinstance(message, Sound):
            await self._hear(message)
            return
        await self._pace.one()
        match message:
            case Words(text=text):
                await self._pass_on(all_of_it=True)
                await self._session.send_text(text)
            case Mark(kind=kind):
                await self._mark(kind)
            case Cut(heard_ms=heard_ms):
                heard = self.playing.heard_ms if heard_ms is None else heard_ms
                await self._session.cut(self.playing.item, heard)
            case ToolResult(call_id=call_id, result=result):
                oldest = next((call.id for call in self._session.waiting_calls), "")
                await self._session.send_function_result(call_id or oldest, result)
            case _:
                pass

    def answered(self) -> None:
        """A turn of the model is over: who waits for answers is never too fast."""
        self._pace.give_back()

    async def _mark(self, kind: str) -> None:
        if kind == "activity_start":
            self._sound.clear()
            await self._session.begin_turn()
            return
        self._sound.end()
        await self._pass_on(all_of_it=True)
        if kind == "activity_end":
            await self._session.end_turn()
        else:
            await self._session.end_audio()

    async def _hear(self, sound: Sound) -> None:
        for converted in self._sound.feed(sound.pcm, sound.rate or self.rate):
            await self._pass_on(all_of_it=False)
            if converted:
                await asyncio.sleep(0)  # others are served between two pieces
        await self._pass_on(all_of_it=not self._more())

    async def _pass_on(self, *, all_of_it: bool) -> None:
        pcm = self._sound.take(all_of_it=all_of_it)
        if pcm:
            await self._session.send_audio(pcm)
