"""The gate in front of every route: who may come in, how large, how many at once, and for how long.

Pure ASGI, so that nothing of a framework runs for whoever is not let in. It reads the body whole, within
bounds, and ends the route's task as soon as the client has left.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal, refusal, unexpected
from aiproxy_desktop.server.rules import Rules

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_OPEN_PATHS = frozenset({"/", "/health"})

_log = logging.getLogger(__name__)


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: App, backend: ApiBackend) -> None:
        self._app, self._backend = app, backend
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rules = self._backend.rules()
        try:
            _check(scope, rules)
            body = await _whole_body(receive, rules.limits.body)
        except Refusal as no:
            await _refuse(send, no)
            return
        scope.setdefault("state", {})["body"] = body
        await self._run(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        work = asyncio.ensure_future(self._app(scope, receive, watched))
        left = asyncio.ensure_future(_until_left(receive))
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        except Refusal as no:
            if not begun:
                await _refuse(send, no)
        except AIProxyError as error:
            if not begun:
                await _refuse(send, refusal(error))
        except Exception:  # noqa: BLE001 - whatever a route raises, nobody outside sees more than a sentence
            _log.exception("a request to the local API failed")
            if not begun:
                await _refuse(send, unexpected())
        finally:
            left.cancel()


def _check(scope: Scope, rules: Rules) -> None:
    headers = dict(scope["headers"])
    if headers.get(b"host", b"").decode("latin-1").lower() not in rules.hosts:
        raise Refusal(421, "This server does not answer under that name.")
    if rules.token is not None and scope["path"] not in _OPEN_PATHS:
        given = headers.get(b"authorization", b"")
        if not hmac.compare_digest(given, b"Bearer " + rules.token):
            raise Refusal(
                401,
                "The token is missing or wrong. Send the one in Settings, Local API, as a bearer token.",
                code="invalid_api_key",
                headers=(("www-authenticate", "Bearer"),),
            )


async def _whole_body(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The request ended early.")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise Refusal(413, "The request is too large.")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, no: Refusal) -> None:
    body = no.encoded
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in no.headers),
    ]
    await send({"type": "http.response.start", "status": no.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
