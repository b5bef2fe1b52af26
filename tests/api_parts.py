"""What tests of the local API share: the real server on a loopback port, over services that a test scripts.

    async with served(["Hel", "lo"]) as api:                 # pieces of one streamed answer, or a Reply
        async with api.http() as http:                       # httpx, with the token
            answer = await http.post("/v1/chat/completions", json=hello())
        assert api.upstream.exchanges[0].json["messages"]
        assert api.log.recent()[-1].status == 200

    async with served(providers=lambda http: [GeminiProvider(http, KEYS, server.url)]) as api: ...

`api.url` is for other programs (`python -m llm`, curl, Chromium); run those with asyncio's subprocesses,
since the server shares the test's loop. `api.rules` and `api.names` may be changed while it runs:
`api.rules = replace(api.rules, …)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import NO_RETRY
from aiproxy_desktop.core.telemetry import Telemetry
from aiproxy_desktop.server.application import build_application
from aiproxy_desktop.server.asgi import App
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.rules import Limits, Rules, hosts_of
from aiproxy_desktop.server.running import PATIENCE, RunningServer, listen
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.names import ModelNames
from tests.dialects import KEY, OPENAI, Dialect
from tests.wire import ByteServer, Exchange, Reply

TOKEN = "test-token-of-the-local-api-0123456789abcdefg"
MODEL = "openai:m"


@dataclass
class Served:
    """A server that runs. `token` is None where it asks for none; `upstream` is the scripted service."""

    backend: ApiBackend
    upstream: ByteServer
    log: RequestLog
    port: int
    token: str | None
    rules: Rules
    names: ModelNames
    server: RunningServer = field(init=False)
    application: App = field(init=False)

    @property
    def url(self) -> str:
        """Without a path: `http://127.0.0.1:1234`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The same for WebSockets."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What lets a request in."""
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    def http(self, **more: Any) -> httpx.AsyncClient:
        """A client with the token, for a block."""
        headers = {**self.headers, **more.pop("headers", {})}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=60, trust_env=False, **more)

    async def raw(self, data: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection on which some bytes have been sent; the test closes it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        await writer.drain()
        return reader, writer


@asynccontextmanager
async def served(
    *replies: Any,
    dialect: Dialect = OPENAI,
    providers: Callable[[HttpClient], Iterable[Provider]] | None = None,
    token: str | None = TOKEN,
    names: ModelNames | None = None,
    limits: Limits | None = None,
    telemetry: Telemetry | None = None,
    origins: Iterable[str] = (),
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1"),
    routes: Callable[[ApiBackend], App] = build_application,
    patience: float = PATIENCE,
) -> AsyncIterator[Served]:
    """The local API over one scripted service of a dialect.

    Args:
        *replies: what the service says in turn: strings are the text of a streamed answer that ends well, a
            list of strings its pieces, bytes frames as they are; or a `Reply`, or a function of an
            `Exchange`. A list of models is answered by itself. The last goes on and on.
        dialect: of the service; its provider has the dialect's name, and the model is `m`.
        providers: others, beside it.
        token: what clients have to send; None is nothing.
        names: aliases, default model, what is offered.
        limits: of the server.
        telemetry: where the client behind it reports.
        origins: that are answered.
        trusted_proxies: that are believed.
        routes: what answers, in place of the whole application.
        patience: seconds for what is being answered while it stops.
    """
    http = HttpClient()
    async with ByteServer(_service(dialect, replies)) as upstream:
        registry = Registry((dialect.build(http, upstream.url, KEY), *(providers(http) if providers else ())))
        client = CompletionClient(
            registry,
            retries=NO_RETRY,
            allow_files=False,
            fetcher=MediaFetcher(http, allow_private=True),
            telemetry=telemetry,
        )
        sock = listen("127.0.0.1", 0)
        port = int(sock.getsockname()[1])
        rules = Rules(
            None if token is None else token.encode(),
            hosts_of("127.0.0.1", port),
            frozenset(origins),
            trusted_proxies,
            limits or Limits(),
        )
        log = RequestLog()

        async def refresh() -> None:
            for provider in await registry.answering():
                await registry.learn(provider.id, await provider.list_models())

        backend = ApiBackend(client, registry, lambda: api.rules, lambda: api.names, log, refresh, "0.0.test")
        api = Served(backend, upstream, log, port, token, rules, names or ModelNames())
        api.application = routes(backend)
        api.server = RunningServer(api.application, [sock], rules.limits, patience)
        await api.server.start()
        try:
            yield api
        finally:
            await api.server.stop()
            await client.aclose()
            await registry.aclose()
            await http.aclose()


def hello(text: str = "Hello", **more: Any) -> dict[str, Any]:
    """The body of a request for a chat completion."""
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def streamed(dialect: Dialect, said: Any) -> Reply:
    """One answer of a service: text, pieces of text, or frames as they are, and its proper end."""
    pieces = [said] if isinstance(said, str | bytes) else list(said)
    frames = [piece if isinstance(piece, bytes) else dialect.text(piece) for piece in pieces]
    return dialect.reply(*frames, dialect.finish("stop"))


def _service(dialect: Dialect, replies: tuple[Any, ...]) -> Callable[[Exchange], Reply]:
    given = 0

    def reply(exchange: Exchange) -> Reply:
        nonlocal given
        if exchange.method == "GET":
            return Reply.json(dialect.models)
        chosen = replies[min(given, len(replies) - 1)] if replies else "Hello"
        given += 1
        if callable(chosen):
            chosen = chosen(exchange)
        return chosen if isinstance(chosen, Reply) else streamed(dialect, chosen)

    return reply
