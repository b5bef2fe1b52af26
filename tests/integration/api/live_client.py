"""A client of `WS /api/gemini/ws` that keeps what it is told, and the server it talks to."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.providers.openai.account import OpenAIAccount
from tests.api_parts import Served, served
from tests.live_servers import GeminiLive, LiveServer, OpenAIRealtime
from tests.waiting import until

KEY = "live-key-0123456789-0123456789"  # of no shape that is known: it is never told all the same
PATH = "/api/gemini/ws"


@dataclass
class LiveClient:
    """One connection, and every message that came over it."""

    socket: ClientConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))

    async def config(self, **fields: Any) -> dict[str, Any]:
        """Configure the session; what was acknowledged, once the service listens."""
        await self.say(type="config", **fields)
        await self.until("config_success")
        await self.until("system")
        return self.of("config_success")[-1]

    async def sound(self, pcm: bytes, **more: Any) -> None:
        """Send sound, as an object with more in it, or as a bare string."""
        data = base64.b64encode(pcm).decode()
        await self.say(type="audio", data={"base64": data, **more} if more else data)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type."""
        return [message for message in self.messages if message["type"] == kind]

    def words(self, role: str) -> str:
        """What somebody said, as the transcripts tell it."""
        return "".join(one["text"] for one in self.of("transcript") if one["role"] == role)

    @property
    def heard(self) -> bytes:
        """All sound that came."""
        return b"".join(base64.b64decode(one["data"]) for one in self.of("audio"))

    @property
    def kinds(self) -> list[str]:
        """The types of all messages, in order; of a run of the same one."""
        kinds = [message["type"] for message in self.messages]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for so many messages of a type; the last of them."""
        await until(lambda: len(self.of(kind)) >= count or self.closed, f"{count} {kind}: {self.messages}")
        found = self.of(kind)
        assert len(found) >= count, (kind, self.messages[-5:], self.socket.close_code)
        return found[count - 1]

    async def refusal(self) -> str:
        """The next sentence that says no."""
        seen = len(self.of("error"))
        return str((await self.until("error", seen + 1))["data"])

    async def end(self) -> int:
        """Wait until the server closes; its code."""
        await until(lambda: self.closed, "the end")
        return self.socket.close_code or 0

    async def listen(self) -> None:
        """Keep all that comes."""
        try:
            async for frame in self.socket:
                self.messages.append(json.loads(frame))
        except ConnectionClosed:
            pass
        finally:
            self.closed = True


@asynccontextmanager
async def client(api: Served, **more: Any) -> AsyncIterator[LiveClient]:
    """A client that may come in."""
    headers = more.pop("headers", api.headers)
    async with connect(api.ws_url + PATH, additional_headers=headers, proxy=None, **more) as socket:
        one = LiveClient(socket)
        listening = asyncio.create_task(one.listen())
        try:
            yield one
        finally:
            await socket.close()
            await listening


@asynccontextmanager
async def live_api(
    service: LiveServer | None = None, **more: Any
) -> AsyncIterator[tuple[Served, LiveServer]]:
    """The local API over a live service on loopback: `gemini`, or for OpenAI's `realtime`.

    Args:
        service: by default Gemini Live.
        **more: as `served`, and before it fields of the service's behaviour.
    """
    names = ("token", "names", "limits", "telemetry", "origins", "trusted_proxies")
    given = {name: more.pop(name) for name in names if name in more}
    async with service or GeminiLive(**more) as upstream:

        def providers(http: HttpClient) -> list[Provider]:
            keys = StaticCredentials({"gemini": KEY, "realtime": KEY})
            if isinstance(upstream, OpenAIRealtime):
                url = f"{upstream.url}/v1"
                return [OpenAIAccount("realtime", "OpenAI", url, http, keys, vendor="openai")]
            return [GeminiProvider(http, keys, upstream.url)]

        async with served(providers=providers, **given) as api:
            yield api, upstream
