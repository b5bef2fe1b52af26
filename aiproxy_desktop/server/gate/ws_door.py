"""The gate of WebSockets: host, origin and token, and what each message may be.

A route sees none of it but `scope["state"]["admitted"]`. It accepts, and `receive` gives it messages that
have been looked at; where the token comes in the first message, that arrives without it. A client shows the
token by

- `Sec-WebSocket-Protocol: aiproxy, bearer.<token>` (the only header a page can set; `aiproxy` is chosen),
- `Authorization: Bearer <token>`, or
- the field `token` of the first message, `{"type": "config", "token": "…", …}`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from aiproxy_desktop.server.asgi import Message, Receive, Scope, Send
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate.checks import (
    Headers,
    check_host,
    check_origin,
    check_token,
    same_token,
    wrong_token,
)
from aiproxy_desktop.server.gate.json_body import check_json
from aiproxy_desktop.server.goodbyes import REFUSED, code_of, reason_of, told
from aiproxy_desktop.server.rules import Rules

SUBPROTOCOL = "aiproxy"
_BEARER = "bearer."

# RFC 6455, section 4.2.1, in the words of RFC 9110, section 5.6.2.
_TOKENS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")
_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")


def check_handshake(method: str, pairs: Sequence[tuple[bytes, bytes]]) -> None:
    """Look at what asks for a WebSocket, before what would answer in words of its own and repeat it.

    Args:
        method: of the request.
        pairs: its headers.

    Raises:
        Refusal: it is no handshake.
    """
    keys = [value for name, value in pairs if name == b"sec-websocket-key"]
    lists = [value for name, value in pairs if name in {b"connection", b"sec-websocket-protocol"}]
    versions = [value for name, value in pairs if name == b"sec-websocket-version"]
    if versions != [b"13"]:
        headers = (("sec-websocket-version", "13"), ("upgrade", "websocket"))
        raise Refusal(426, "That is no WebSocket of version 13.", headers=headers)
    fine = method == "GET" and len(keys) == 1 and _KEY.fullmatch(keys[0])
    if not fine or not all(_TOKENS.fullmatch(value) for value in lists):
        raise Refusal(400, "That is no WebSocket handshake.")


class SocketDoor:
    """Stands between one WebSocket and its route."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, rules: Rules) -> None:
        """Look after a connection.

        Args:
            scope: ASGI's.
            receive: likewise.
            send: likewise.
            rules: that hold when it comes.
        """
        self._scope, self._receive, self._send, self._rules = scope, receive, send, rules
        self._offered = [str(one) for one in scope.get("subprotocols", ())]
        self.admitted = rules.token is None
        self._accepted = self._closed = False
        self._deadline: float | None = None

    @property
    def admitted(self) -> bool:
        """Whether it has shown the token, or need not."""
        return bool(self._scope["state"].get("admitted"))

    @admitted.setter
    def admitted(self, known: bool) -> None:
        self._scope["state"]["admitted"] = known

    def check(self) -> None:
        """Whether it may come this far.

        Raises:
            Refusal: it may not.
        """
        headers = Headers.of(self._scope["headers"])
        host = check_host(self._scope, headers, self._rules)
        check_origin(self._scope, headers, self._rules, host)
        given = [one.removeprefix(_BEARER) for one in self._offered if one.startswith(_BEARER)]
        if given:
            if not all(same_token(one.encode("utf-8", "surrogateescape"), self._rules) for one in given):
                raise wrong_token()
            self.admitted = True
        elif b"authorization" in headers.by_name:
            check_token(headers, self._rules)
            self.admitted = True

    async def receive(self) -> Message:
        """The next message for the route; a text is JSON, or nothing that nests deeply.

        Where a rule is broken the client is told and the connection closed: the route sees a disconnect.
        """
        if self._closed:
            return {"type": "websocket.disconnect", "code": REFUSED}
        try:
            message = await self._next()
            if message["type"] == "websocket.receive":
                self._look_at(message)
        except Refusal as no:
            await self.refuse(no)
            return {"type": "websocket.disconnect", "code": REFUSED}
        return message

    async def send(self, message: Message) -> None:
        """What the route sends, with the subprotocol chosen; nothing goes out after a refusal."""
        if self._closed:
            return
        if message["type"] == "websocket.accept":
            self._accepted = True
            self._deadline = asyncio.get_running_loop().time() + self._rules.limits.first_message_seconds
            if SUBPROTOCOL in self._offered and not message.get("subprotocol"):
                message["subprotocol"] = SUBPROTOCOL
        elif message["type"] == "websocket.close":
            if not self._accepted:
                await self.refuse(Refusal(404, "There is no WebSocket at this address."))
                return
            self._closed = True
        await self._send(message)

    async def refuse(self, no: Refusal) -> None:
        """Say no: as an answer to the handshake, or as a message and an end."""
        if self._closed:
            return
        self._closed = True
        self._scope["state"]["refusal"] = no
        if not self._accepted:
            headers = [
                (b"content-type", b"application/json"),
                (b"connection", b"close"),
                *((name.encode(), value.encode()) for name, value in no.headers),
            ]
            start = {"type": "websocket.http.response.start", "status": no.status, "headers": headers}
            await self._send(start)
            await self._send({"type": "websocket.http.response.body", "body": no.encoded})
            return
        await self._send({"type": "websocket.send", "text": told(no, fatal=True)})
        await self._send({"type": "websocket.close", "code": code_of(no), "reason": reason_of(no.sentence)})

    async def _next(self) -> Message:
        if self.admitted or not self._accepted:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            raise Refusal(408, "The token did not come in time. Send it in the first message.") from None

    def _look_at(self, message: Message) -> None:
        text = message.get("text")
        if text is not None:
            check_json(text.encode("utf-8", "surrogatepass"), self._rules.limits)
        if self.admitted:
            return
        message["text"] = self._without_token(text)
        self.admitted = True

    def _without_token(self, text: str | None) -> str:
        try:
            first = msgspec.json.decode(text or "")
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise wrong_token() from None
        given = _taken(first)
        if not isinstance(given, str):
            raise wrong_token()
        if not same_token(given.encode("utf-8", "surrogatepass"), self._rules):
            raise wrong_token()
        return msgspec.json.encode(first).decode()


def _taken(first: Any) -> Any:
    """The token of a first message, taken out of it: beside its type, or in the `data` of the seed's form."""
    inner = first.get("data") if isinstance(first, dict) else None
    places = [one for one in (first, inner) if isinstance(one, dict) and "token" in one]
    return places[0].pop("token") if places else None
