"""The gate in front of every route: who may come in, how large, how many at once, and for how long.

Pure ASGI, so that nothing of a framework runs for whoever is not let in. A route finds what came in
`scope["state"]`: its `size` in bytes, and `json` as a value, or the `body` of a form; `receive` has none of
it. When the client leaves, `protocol.Connection` cancels the task in which all of this runs.

Whoever is refused before an `Exchange` wrote a line for it stands in the log all the same: a person whose
program has a wrong token or address looks for it there. Those that are told elsewhere come as `refusal`.
"""

from __future__ import annotations

import logging
import time

from aiproxy_desktop.server.asgi import App, Message, Receive, Scope, Send
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.clients import caller_of
from aiproxy_desktop.server.errors import FORESEEN, Refusal, refusal
from aiproxy_desktop.server.gate.bodies import Body, Budget, busy
from aiproxy_desktop.server.gate.checks import (
    BodyKind,
    Headers,
    check_host,
    check_origin,
    check_token,
    check_type,
    is_open,
)
from aiproxy_desktop.server.gate.json_body import JsonReader
from aiproxy_desktop.server.gate.ws_door import SocketDoor
from aiproxy_desktop.server.rules import Rules

# What a page of an allowed origin may do; its browser asks before each request.
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-private-network", b"true"),
    (b"access-control-max-age", b"600"),
    (b"content-length", b"0"),
)

# WebSockets for each session that may run: who is let in and finds no room is told so over the WebSocket,
# as a page cannot read why a handshake was refused. Beyond that it is refused.
_AT_THE_DOOR = 4

_log = logging.getLogger(__name__)


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: App, backend: ApiBackend) -> None:
        """Stand before an application.

        Args:
            app: what answers those that are let in.
            backend: its rules are asked for each request.
        """
        self._app, self._backend = app, backend
        self._budget, self._json = Budget(), JsonReader()
        self._running = 0
        self._sessions = {True: 0, False: 0}

    @property
    def running(self) -> int:
        """Requests being answered now."""
        return self._running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it. Raises nothing but being cancelled, when the client leaves."""
        began = time.monotonic()
        state = scope.setdefault("state", {})
        answer = Answer(send)
        try:
            if scope["type"] == "http":
                await self._request(scope, receive, answer)
            elif scope["type"] == "websocket":
                await self._session(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever a route raises, nobody outside sees more than a sentence
            state["refusal"] = no = _told(error)
            await answer.refuse(no)
        finally:
            no = state.get("refusal")
            if no is not None and "written" not in state:
                self._write_down(scope, no, time.monotonic() - began)

    def _write_down(self, scope: Scope, no: Refusal, seconds: float) -> None:
        caller = caller_of(scope, {}, self._backend.rules().trusted_proxies)
        self._backend.log.refused(*caller, status=no.status, seconds=seconds, error=no.sentence)

    async def _request(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        rules = self._backend.rules()
        headers = Headers.of(scope["headers"])
        body = Body(receive, headers, self._budget, rules.limits)
        try:
            try:
                kind = _enter(scope, headers, rules, answer)
                if answer.is_preflight(scope, headers):
                    await answer.allow(headers)
                    return
                if not is_open(scope):
                    check_token(headers, rules)
                whole = await body.read(kind)
                scope["state"]["size"] = body.size
                if kind == "json":
                    scope["state"]["json"], count = await self._json.read(whole, rules.limits)
                    body.hold(count)
                elif kind == "files":
                    scope["state"]["body"] = whole
                del whole  # of which a stream that goes on for long needs nothing
            except Refusal:
                await body.discard()
                raise
            await self._run(scope, Emptied(receive), answer, rules)
        finally:
            body.close()

    async def _run(self, scope: Scope, receive: Receive, answer: Answer, rules: Rules) -> None:
        if scope["method"] == "HEAD":  # answered as GET; whoever writes the answer leaves its body out
            scope = {**scope, "method": "GET"}
        if is_open(scope):
            await self._app(scope, receive, answer)
            return
        if self._running >= rules.limits.requests:
            raise busy()
        self._running += 1
        try:
            await self._app(scope, receive, answer)
        finally:
            self._running -= 1

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        rules = self._backend.rules()
        door = SocketDoor(scope, receive, send, rules)
        try:
            door.check()
            # Those who have shown nothing yet keep nobody out who has.
            known = door.admitted
            if self._sessions[known] >= _AT_THE_DOOR * rules.limits.sessions:
                raise busy()
        except Refusal as no:
            await door.refuse(no)
            return
        self._sessions[known] += 1
        try:
            await self._app(scope, door.receive, door.send)
        except Exception as error:  # noqa: BLE001 - as above
            await door.refuse(_told(error))
        finally:
            self._sessions[known] -= 1


class Answer:
    """What goes out to one client: knows whether it has begun, and what a page elsewhere may read."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False
        self._more: tuple[tuple[bytes, bytes], ...] = ()

    async def __call__(self, message: Message) -> None:
        """ASGI's `send`."""
        if not self._begun:
            self._begun = True
            if self._more:
                message["headers"] = [*message.get("headers", ()), *self._more]
        await self._send(message)

    def shared_with(self, origin: bytes) -> None:
        """A page of this origin may read the answer."""
        self._more = (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"retry-after, x-should-retry"),
            (b"vary", b"Origin"),
        )

    def is_preflight(self, scope: Scope, headers: Headers) -> bool:
        """Whether a browser asks for a page if it may."""
        return bool(
            self._more
            and scope["method"] == "OPTIONS"
            and b"access-control-request-method" in headers.by_name
        )

    async def allow(self, headers: Headers) -> None:
        """It may, with whatever headers it names."""
        named = headers.by_name.get(b"access-control-request-headers", b"")
        given = [*_PREFLIGHT, (b"access-control-allow-headers", named)]
        await self({"type": "http.response.start", "status": 204, "headers": given})
        await self({"type": "http.response.body", "body": b""})

    async def refuse(self, no: Refusal) -> None:
        """Say no, unless something has been said already."""
        if self._begun:
            return
        body = no.encoded
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in no.headers),
        ]
        await self({"type": "http.response.start", "status": no.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


class Emptied:
    """ASGI's `receive` for a route: the end of a body that has been read, then whatever comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._told = False

    async def __call__(self) -> Message:
        """The next message."""
        if self._told:
            return await self._receive()
        self._told = True
        return {"type": "http.request", "body": b"", "more_body": False}


def _enter(scope: Scope, headers: Headers, rules: Rules, answer: Answer) -> BodyKind:
    """What body is to be read."""
    host = check_host(scope, headers, rules)
    if check_origin(scope, headers, rules, host):
        answer.shared_with(headers.by_name[b"origin"])
    return check_type(scope, headers)


def _told(error: Exception) -> Refusal:
    if not isinstance(error, FORESEEN):
        _log.error("a request to the local API failed", exc_info=error)
    return refusal(error)
