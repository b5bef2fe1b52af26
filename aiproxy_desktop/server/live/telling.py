"""What happens in a live session, told to its client and to the log."""

from __future__ import annotations

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    TurnDone,
)
from aiproxy_desktop.server.exchange import Exchange
from aiproxy_desktop.server.live.asking import Asking
from aiproxy_desktop.server.live.client_line import ClientLine
from aiproxy_desktop.server.live.meter import LiveMeter
from aiproxy_desktop.server.live.plan import Plan
from aiproxy_desktop.server.live.wire import encoded, messages_of


class Telling:
    """The service's side of a session.

    Args:
        line: to the client.
        exchange: its line in the log.
        plan: what the client wants; asked for each event.
        asking: the client's side, which has to know what is being played.
    """

    def __init__(self, line: ClientLine, exchange: Exchange, plan: Plan, asking: Asking) -> None:
        self._line, self._exchange, self._plan, self._asking = line, exchange, plan, asking
        self._meter = LiveMeter()

    async def tell(self, event: LiveEvent) -> None:
        """Tell the client, waiting while it reads slowly."""
        match event:
            case AnswerStarted(item=item):
                self._asking.playing.begin(item)
            case AudioDelta(data=data):
                self._asking.playing.more(len(data))
                self._exchange.first_token()
            case AnswerText() | OutputTranscript():
                self._exchange.first_token()
            case TurnDone():
                self._asking.answered()
            case Interrupted() | Reconnected(restarted=True):
                self._line.drop_sound()
            case _:
                pass
        if self._meter.take(event, self._plan.place.model):
            await self._count()
        for frame in messages_of(event, sound=self._plan.setup.sound):
            await self._line.send(frame, sound=isinstance(event, AudioDelta))

    async def _count(self) -> None:
        figures = self._meter.figures
        exchange = self._exchange
        exchange.cost = figures["cost"]
        noted = {name: figures[name] for name in ("input_tokens", "output_tokens", "cost")}
        exchange.backend.log.note(exchange.number, **noted)
        await self._line.send(encoded({"type": "usage", **figures}))
