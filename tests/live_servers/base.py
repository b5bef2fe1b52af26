"""What both live services share: connections, turns, an answer that can be interrupted, faults."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.live_servers.behaviour import Behaviour
from tests.live_servers.connected import Connected, Step, Turn
from tests.live_servers.sound import loudness
from tests.live_servers.steps import late_steps, steps_of, words_of

# A service's own log is nobody's concern: what goes wrong in it stands in `refusals`.
_log = logging.getLogger("tests.live_servers")
_log.propagate = False
_log.addHandler(logging.NullHandler())

_REFUSED_AT_THE_DOOR = {
    "key": HTTPStatus.UNAUTHORIZED,
    "rights": HTTPStatus.FORBIDDEN,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
}
_OF_CONNECTIONS = frozenset({*_REFUSED_AT_THE_DOOR, "never_ready", "model"})

# Hands-free: what is louder is speech, and so much quiet sound ends it.
_SPEECH = 500
_QUIET_SECONDS = 0.3


# In both services' shapes at once: each reads its own.
_MODELS = {
    "object": "list",
    "data": [{"id": name, "object": "model"} for name in ("gpt-realtime-2.1", "gpt-realtime-2.1-mini")],
    "models": [
        {"name": f"models/{name}", "supportedGenerationMethods": ["bidiGenerateContent"]}
        for name in ("gemini-3.8-live", "gemini-3.1-flash-live-preview")
    ],
}


class LiveServer(ABC):
    """Serves on this machine until its block is left."""

    input_rate = 16_000
    binary = False

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        **changed: Any,
    ) -> None:
        """Set up a service.

        Args:
            behaviour: how it behaves.
            port: 0 is one of its own.
            tls: for a server; without it, it speaks unencrypted.
            **changed: fields of `Behaviour`, in place of a whole one.
        """
        self.behaviour = replace(behaviour or Behaviour(), **changed)
        self.connections: list[Connected] = []
        self.turns: list[Turn] = []
        self.refusals: list[str] = []
        self._port, self._tls = port, tls
        self._faults = 0
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._random = random.Random(7)

    @property
    def url(self) -> str:
        """Scheme, host and port, as a base URL has them; the certificate is for localhost."""
        return f"https://localhost:{self._port}" if self._tls else f"http://127.0.0.1:{self._port}"

    @property
    def connection(self) -> Connected:
        """The newest."""
        return self.connections[-1]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Of all connections, in the order of the connections."""
        return [message for one in self.connections for message in one.messages]

    async def __aenter__(self) -> Self:
        self._warm()
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            self._port,
            ssl=self._tls,
            process_request=self._door,
            max_size=None,
            ping_interval=None,
            compression=None,
            logger=_log,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self.connections:
            one.socket.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    def behave(self, **changed: Any) -> None:
        """Behave in another way from now on; what has been counted for `times` begins anew."""
        self.behaviour = replace(self.behaviour, **changed)
        self._faults = 0

    async def send(self, message: Any) -> None:
        """A message of one's own on the newest connection."""
        await self._send(self.connection, message)

    async def close(self, code: int = 1011, reason: str = "The service says why.") -> None:
        """Close the newest connection."""
        await self.connection.socket.close(code, reason)

    def drop(self) -> None:
        """Break the newest connection off without a word."""
        self.connection.socket.transport.abort()

    @abstractmethod
    async def go_away(self, seconds: float) -> None:
        """Say that the newest connection will end, and end it then."""

    @abstractmethod
    def _warm(self) -> None:
        """Import what checks the messages."""

    @abstractmethod
    def _check(self, message: dict[str, Any]) -> str:
        """What is wrong with a message by the official client's types; empty where nothing is."""

    @abstractmethod
    async def _message(self, connected: Connected, message: dict[str, Any]) -> None:
        """Take one message that is sound."""

    @abstractmethod
    async def _refuse(self, connected: Connected, why: str) -> None:
        """Say no to a message."""

    @abstractmethod
    async def _say(self, connected: Connected, step: Step) -> None:
        """A piece of an answer."""

    @abstractmethod
    async def _begin(self, connected: Connected) -> None:
        """An answer begins."""

    @abstractmethod
    async def _end(self, connected: Connected, fault: str) -> None:
        """It is over, `fault` for a reason that is none of ours."""

    @abstractmethod
    async def _interrupted(self, connected: Connected) -> None:
        """It was cut off."""

    @abstractmethod
    async def _speech_began(self, connected: Connected) -> None:
        """Hands-free: speech is heard."""

    @abstractmethod
    async def _speech_ended(self, connected: Connected) -> None:
        """Hands-free: it is over."""

    @abstractmethod
    async def _results(self, connected: Connected) -> bool:
        """Calls were asked for. Whether this same answer goes on, with their results."""

    @abstractmethod
    async def _welcome(self, connected: Connected) -> None:
        """The first thing a service says by itself."""

    def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        fault = self.behaviour.fault
        status = _REFUSED_AT_THE_DOOR.get(fault)
        if status is not None and self._fault_of(_OF_CONNECTIONS):
            return connection.respond(status, json.dumps({"error": {"message": status.phrase}}))
        if urlsplit(request.path).path.endswith("/models"):
            return connection.respond(HTTPStatus.OK, json.dumps(_MODELS))
        return None if self._is_here(request.path) else connection.respond(HTTPStatus.NOT_FOUND, "Not here")

    @abstractmethod
    def _is_here(self, path: str) -> bool:
        """Whether a path is this service's."""

    def _fault_of(self, kinds: frozenset[str] | None) -> str:
        """The fault that is due, of connections or else of turns; it counts."""
        fault = self.behaviour.fault
        concerned = fault in kinds if kinds is not None else fault not in _OF_CONNECTIONS
        if not fault or not concerned:
            return ""
        self._faults += 1
        times = self.behaviour.times
        return fault if times is None or self._faults <= times else ""

    async def _converse(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        headers = {name.lower(): value for name, value in socket.request.headers.raw_items()}
        connected = Connected(len(self.connections), socket.request.path, headers, socket)
        self.connections.append(connected)
        try:
            await self._welcome(connected)
            async for raw in socket:
                await self._take(connected, raw)
        except ConnectionClosed:
            pass  # clients go as they like
        finally:
            if connected.busy and connected.answering is not None:
                connected.answering.cancel()
            connected.closed.set()

    async def _take(self, connected: Connected, raw: str | bytes) -> None:
        try:
            message = json.loads(raw)
        except ValueError as error:
            message, fault = {}, f"no JSON: {error}"
        else:
            fault = self._check(message)
            connected.messages.append(message)
        if fault:
            self.refusals.append(fault)
            await self._refuse(connected, fault)
        else:
            await self._message(connected, message)

    async def _send(self, connected: Connected, message: Any) -> None:
        text = json.dumps(message)
        await connected.socket.send(text.encode() if self.binary else text)

    def _own(self, work: Any, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _hear(self, connected: Connected, pcm: bytes, hands_free: bool) -> None:
        """More sound; hands-free, where speech begins and ends is found by its loudness."""
        connected.buffer += pcm
        if not hands_free:
            return
        if loudness(pcm) > _SPEECH:
            connected.quiet = 0.0
            if not connected.speaking:
                connected.speaking = True
                await self._speech_began(connected)
        elif connected.speaking:
            connected.quiet += len(pcm) / 2 / self.input_rate
            if connected.quiet >= _QUIET_SECONDS:
                connected.speaking = False
                await self._speech_ended(connected)

    def _turn(self, connected: Connected, kind: Literal["speech", "text"], text: str = "") -> Turn:
        """The person's turn is over: note it."""
        pcm = bytes(connected.buffer) if kind == "speech" else b""
        if kind == "speech":
            connected.buffer.clear()
            text = self.behaviour.heard.replace("{first}", str(int.from_bytes(pcm[:2], "little")))
        turn = Turn(len(self.turns) + 1, connected.number, kind, text, pcm)
        self.turns.append(turn)
        connected.conversation.append(("user", text))
        return turn

    def _answer(self, connected: Connected, turn: Turn) -> None:
        connected.turn = connected.under_way = turn
        connected.answering = self._own(self._answer_all(connected, turn), "live answer")

    async def _stop_answer(self, connected: Connected) -> bool:
        """Cut an answer off. Whether there was one."""
        if not connected.busy:
            return False
        task = connected.answering
        assert task is not None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        turn = connected.under_way
        if turn is not None:
            turn.interrupted = True
            await self._write_down(connected, turn)
        await self._interrupted(connected)
        return True

    async def _write_down(self, connected: Connected, turn: Turn | None) -> None:
        """What the person said is written down whatever becomes of the answer to it."""
        waits = turn is not None and turn.kind == "speech" and not turn.transcribed
        if turn is not None and waits and self.behaviour.transcripts != "none":
            turn.transcribed = True
            await self._say(connected, Step("heard", text=turn.text, last=True, item=turn.item))

    async def _answer_all(self, connected: Connected, turn: Turn) -> None:
        with suppress(ConnectionClosed):  # clients go as they like
            await self._answer_steps(connected, turn)

    async def _answer_steps(self, connected: Connected, turn: Turn) -> None:
        fault = self._fault_of(None)
        if fault == "silent":
            return
        if fault == "close":
            await connected.socket.close(1011, "Internal error encountered.")
            return
        await asyncio.sleep(self.behaviour.delay)
        await self._begin(connected)
        if not await self._call_first(connected, turn):
            return
        if fault in {"garbage", "huge"}:
            await connected.socket.send("<html>" if fault == "garbage" else "x" * 32 * 1024 * 1024)
        steps = list(steps_of(self.behaviour, turn, fault, self.input_rate))
        for number, step in enumerate(steps):
            if fault == "drop" and number == len(steps) // 2:
                connected.socket.transport.abort()
                return
            await self._wait(step)
            if step.kind == "heard" and turn.transcribed:
                continue
            if step.kind == "heard":  # whatever becomes of the answer
                turn.transcribed = True
                await asyncio.shield(self._own(self._heard_all(connected, step), "live transcript"))
            else:
                await self._say(connected, step)
        await self._answered(connected, turn, fault)

    async def _heard_all(self, connected: Connected, step: Step) -> None:
        with suppress(ConnectionClosed):
            await self._say(connected, step)

    async def _call_first(self, connected: Connected, turn: Turn) -> bool:
        """Ask for the calls that an answer needs. Whether it goes on with their results."""
        calls = self.behaviour.calls
        if not calls or turn.called:
            return True
        turn.called = True
        connected.unanswered = {call.id for call in calls}
        connected.result_came.clear()
        for call in calls:
            await self._say(connected, Step("call", call=call))
        return await self._results(connected)

    async def _answered(self, connected: Connected, turn: Turn, fault: str) -> None:
        behaviour = self.behaviour
        connected.conversation.append(("model", words_of(behaviour, turn)))
        turn.answered = True
        connected.turns += 1
        await self._end(connected, fault)
        for step in late_steps(behaviour, turn):
            await self._say(connected, step)
        every = behaviour.go_away_every
        if every and connected.turns >= every and not connected.leaving:
            connected.leaving = True
            self._own(self.go_away(behaviour.go_away), "live go away")

    async def _wait(self, step: Step) -> None:
        behaviour = self.behaviour
        if step.kind != "sound":
            return
        seconds = len(step.sound) / 2 / 24_000 / behaviour.pace if behaviour.pace else 0.0
        await asyncio.sleep(seconds + self._random.uniform(0.0, behaviour.jitter))
