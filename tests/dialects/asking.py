"""A client as users have it, in front of one dialect's service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import NO_RETRY
from tests.dialects.base import KEY, Dialect, Sent
from tests.wire import ByteServer, Exchange, Reply


@dataclass(frozen=True)
class Asking:
    """One client, one service; what is asked is asked of the model `m`."""

    client: CompletionClient
    server: ByteServer
    dialect: Dialect
    model: str = "m"

    async def answer(self, messages: Any = "Hello", **options: Any) -> dict[str, Any]:
        """The whole answer."""
        create = self.client.create_completion
        found: dict[str, Any] = await create(_listed(messages), self.model, self.dialect.name, **options)
        return found

    async def chunks(self, messages: Any = "Hello", **options: Any) -> list[dict[str, Any]]:
        """All chunks."""
        found, error = await self.chunks_until(messages, **options)
        if error is not None:
            raise error
        return found

    async def chunks_until(
        self, messages: Any = "Hello", **options: Any
    ) -> tuple[list[dict[str, Any]], AIProxyError | None]:
        """The chunks that came, and what ended them where that was an error."""
        answer = await self.client.create_completion(
            _listed(messages), self.model, self.dialect.name, stream=True, **options
        )
        found: list[dict[str, Any]] = []
        try:
            async for chunk in answer:
                found.append(chunk)  # noqa: PERF401  # a comprehension would lose what came before the error
        except AIProxyError as error:
            return found, error
        return found, None

    async def events(
        self, messages: Any = "Hello", **options: Any
    ) -> tuple[list[StreamEvent], AIProxyError | None]:
        """The events that came, and what ended them where that was an error."""
        found: list[StreamEvent] = []
        try:
            async with self.client.stream(
                _listed(messages), self.model, self.dialect.name, **options
            ) as events:
                async for event in events:
                    found.append(event)  # noqa: PERF401  # as above
        except AIProxyError as error:
            return found, error
        return found, None

    @property
    def posts(self) -> list[Exchange]:
        """What was sent, apart from requests for lists."""
        return [exchange for exchange in self.server.exchanges if exchange.method == "POST"]

    @property
    def sent(self) -> Sent:
        """The last request, as the service reads it."""
        assert self.dialect.read is not None
        return self.dialect.read(self.posts[-1].json)


@asynccontextmanager
async def asking(
    dialect: Dialect,
    *replies: Any,
    key: str | None = KEY,
    others: tuple[Provider, ...] = (),
    model: str = "m",
) -> AsyncIterator[Asking]:
    """A service that gives these replies (pieces of an answer, or a Reply), and a client in front of it."""
    http = HttpClient()
    served = [one if isinstance(one, Reply) or callable(one) else dialect.reply(*one) for one in replies]
    async with ByteServer(*served) as server:
        registry = Registry((dialect.build(http, server.url, key), *others))
        fetcher = MediaFetcher(http, allow_private=True)
        client = CompletionClient(registry, retries=NO_RETRY, fetcher=fetcher)
        try:
            yield Asking(client, server, dialect, model)
        finally:
            await client.aclose()
            await registry.aclose()
            await http.aclose()


def folded(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """What any client of OpenAI's chunks makes of them: the message, and what stands beside it.

    Deltas are merged as those clients do: texts joined, lists extended, and tool calls by their index.
    """
    message: dict[str, Any] = {}
    beside: dict[str, Any] = {"finish_reason": None, "usage": None, "notes": []}
    for chunk in chunks:
        beside["usage"] = chunk.get("usage") or beside["usage"]
        beside["notes"] += chunk.get("notes", [])
        for choice in chunk["choices"]:
            beside["finish_reason"] = choice["finish_reason"] or beside["finish_reason"]
            _merge(message, choice["delta"])
    if message.get("tool_calls"):
        message["content"] = message.get("content") or None
    for call in message.get("tool_calls", ()):
        del call["index"]
    return {"message": message, **beside}


def _merge(target: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for name, value in delta.items():
        if name == "tool_calls":
            calls = target.setdefault(name, [])
            for piece in value:
                if piece["index"] == len(calls):
                    calls.append({})
                _merge(calls[piece["index"]], piece)
        elif isinstance(value, str) and name not in {"role", "id", "type", "name"}:
            target[name] = target.get(name, "") + value
        elif isinstance(value, list):
            target.setdefault(name, []).extend(value)
        elif isinstance(value, Mapping):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = value


def _listed(messages: Any) -> Any:
    return [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
