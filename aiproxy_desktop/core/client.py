"""CompletionClient: one client over every provider."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, overload

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.conversation import chunk, completion, model_entry, read_messages
from aiproxy_desktop.core.errors import AIProxyError, RequestError, UnknownModelError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Credentials, Provider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import USUAL, RetryPolicy, stream_with_retries
from aiproxy_desktop.core.router import Router

if TYPE_CHECKING:
    from aiproxy_desktop.core.defaults import Setup

MessageLike = Message | Mapping[str, Any]


class CompletionClient:
    """Completions from whichever provider serves the model.

    Without a registry it finds its own: keys from `credentials` (by default the environment), Ollama
    where OLLAMA_HOST says, and the built-in model. Nothing is contacted before a call.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        credentials: Credentials | None = None,
        retries: RetryPolicy = USUAL,
    ) -> None:
        self._setup: Setup | None = None
        if registry is None:
            from aiproxy_desktop.core.defaults import default_setup

            self._setup = default_setup(credentials)
            registry = self._setup.registry
        self._registry = registry
        self._router = Router(self._registry)
        self._retries = retries

    @property
    def registry(self) -> Registry:
        """The providers behind this client."""
        return self._registry

    @property
    def router(self) -> Router:
        """What resolves its model names."""
        return self._router

    @overload
    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system_instruction: str | None = None,
        stream: Literal[False] = False,
        **options: Any,
    ) -> dict[str, Any]: ...

    @overload
    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system_instruction: str | None = None,
        *,
        stream: Literal[True],
        **options: Any,
    ) -> AsyncGenerator[dict[str, Any]]: ...

    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system_instruction: str | None = None,
        stream: bool = False,
        **options: Any,
    ) -> dict[str, Any] | AsyncGenerator[dict[str, Any]]:
        """One answer, as OpenAI's chat completion shape.

        Args:
            messages: `Message` values or `{"role", "content"}` dictionaries.
            model: a bare name or `provider:model`; None is the built-in model.
            provider: id of the provider, where the name alone does not say.
            temperature: None leaves it to the provider.
            max_tokens: bound of the answer; None leaves it to the provider.
            system_instruction: put before the messages.
            stream: give chunks as they come instead of the whole answer.
            **options: none is known yet; each is refused by name rather than passed over.

        Returns:
            The answer (id, object, created, model, choices, usage), or with `stream` an async
            generator of chunk dictionaries. Unknown counts in usage are None.

        Raises:
            AIProxyError: and nothing else.
        """
        if options:
            raise RequestError(f"Not supported: {', '.join(sorted(options))}", "Leave these options out.")
        owner, request = await self._prepare(
            messages, model, provider, temperature, max_tokens, system_instruction
        )
        identity, created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
        if stream:
            return _chunks(self._events(owner, request), request, identity, created)
        answer = MessageAssembler()
        async with _closing(self._events(owner, request)) as events:
            async for event in events:
                answer.feed(event)
        return completion(request, identity, created, answer)

    @asynccontextmanager
    async def stream(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system_instruction: str | None = None,
    ) -> AsyncIterator[AsyncGenerator[StreamEvent]]:
        """One answer as typed events (see `events`); leaving the block closes the connection.

        Raises:
            AIProxyError: and nothing else; UnknownModelError on entering, the rest while iterating.
        """
        owner, request = await self._prepare(
            messages, model, provider, temperature, max_tokens, system_instruction
        )
        async with _closing(self._events(owner, request)) as events:
            yield events

    async def models(self, provider: str | None = None) -> tuple[ModelInfo, ...]:
        """The models of one provider, or of all that answer; the router remembers them.

        Raises:
            AIProxyError: the one provider asked for is unknown or fails. Asked for all, those that
                fail (no key, not running) are left out.
        """
        import asyncio

        if provider is not None:
            owner = self._registry.get(provider)
            if owner is None:
                raise UnknownModelError(f"{provider}:", self._registry.ids())
            return await self._models_of(owner)
        owners = await self._registry.answering()
        found = await asyncio.gather(*(self._models_of(owner) for owner in owners), return_exceptions=True)
        models: list[ModelInfo] = []
        for outcome in found:
            if isinstance(outcome, BaseException):
                if not isinstance(outcome, AIProxyError):
                    raise outcome
            else:
                models.extend(outcome)
        return tuple(models)

    async def list_models(self, provider: str | None = None) -> list[dict[str, Any]]:
        """`models` as dictionaries: id, provider, display_name, context_limit and more; unknown is None.

        Raises:
            AIProxyError: as `models`.
        """
        return [model_entry(model) for model in await self.models(provider)]

    async def aclose(self) -> None:
        """Release everything this client made itself; a registry that was given stays open."""
        if self._setup is not None:
            await self._setup.aclose()

    async def __aenter__(self) -> CompletionClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _prepare(
        self,
        messages: Iterable[MessageLike],
        model: str | None,
        provider: str | None,
        temperature: float | None,
        max_tokens: int | None,
        system_instruction: str | None,
    ) -> tuple[Provider, CompletionRequest]:
        read = read_messages(messages, system_instruction)
        owner, name = await self._router.resolve(model, provider)
        return owner, CompletionRequest(name, read, temperature, max_tokens)

    def _events(self, owner: Provider, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        return stream_with_retries(owner, request, self._retries)

    async def _models_of(self, owner: Provider) -> tuple[ModelInfo, ...]:
        models = await owner.list_models()
        self._registry.remember(owner.id, models)
        return models


@asynccontextmanager
async def _closing(events: AsyncGenerator[StreamEvent]) -> AsyncIterator[AsyncGenerator[StreamEvent]]:
    """Close at the end of the block, not when the collector comes by."""
    try:
        yield events
    finally:
        await events.aclose()


async def _chunks(
    answer: AsyncGenerator[StreamEvent], request: CompletionRequest, identity: str, created: int
) -> AsyncGenerator[dict[str, Any]]:
    async with _closing(answer) as events:
        async for event in events:
            yield chunk(request, identity, created, event)
