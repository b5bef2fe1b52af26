"""CompletionClient: one client over every provider."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import AIProxyError, UnknownModelError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest, MediaLink, Message
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Credentials, Provider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import USUAL, RetryPolicy, stream_with_retries
from aiproxy_desktop.core.router import Router

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.defaults import Setup
    from aiproxy_desktop.core.fetching import MediaFetcher
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.reading import MessageLike
    from aiproxy_desktop.core.shaping import ChunkShaper


class HasRegistry(Protocol):
    """What a client wants of a model manager: the providers that it manages."""

    @property
    def registry(self) -> Registry:
        """The providers."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is ready to be sent, whose it is, and who asked for it."""

    provider: Provider
    request: CompletionRequest
    context: ClientContext | None


class CompletionClient:
    """Completions from whichever provider serves the model.

    Without a registry it finds its own: keys from `credentials` (by default the environment), Ollama
    where OLLAMA_HOST says, and the built-in model. Nothing is contacted before a call.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        model_manager: HasRegistry | None = None,
        credentials: Credentials | None = None,
        retries: RetryPolicy = USUAL,
        allow_files: bool = True,
        fetcher: MediaFetcher | None = None,
    ) -> None:
        """Set up a client.

        Args:
            registry: the providers; closed by whoever made it.
            model_manager: in place of a registry, what manages one.
            credentials: where keys come from, where the client finds its own providers.
            retries: how often to try again.
            allow_files: whether messages may name paths on this machine; a server of others' requests
                says no.
            fetcher: what loads media from the web; by default one that asks public addresses alone.
        """
        self._setup: Setup | None = None
        self.model_manager = model_manager
        if registry is None and model_manager is not None:
            registry = model_manager.registry
        if registry is None:
            from aiproxy_desktop.core.defaults import default_setup

            self._setup = default_setup(credentials)
            registry = self._setup.registry
        self._registry = registry
        self._router = Router(self._registry)
        self._retries = retries
        self._allow_files = allow_files
        self._fetcher = fetcher
        self._media_http: HttpClient | None = None

    @property
    def registry(self) -> Registry:
        """The providers behind this client."""
        return self._registry

    @property
    def router(self) -> Router:
        """What resolves its model names."""
        return self._router

    def get_available_providers(self) -> list[str]:
        """The ids of the providers, in their order."""
        return [provider.id for provider in self._registry.providers()]

    @overload
    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        response_format: Any = None,
        system_instruction: str | None = None,
        safety_settings: Any = None,
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
        response_format: Any = None,
        system_instruction: str | None = None,
        safety_settings: Any = None,
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
        response_format: Any = None,
        system_instruction: str | None = None,
        safety_settings: Any = None,
        stream: bool = False,
        **options: Any,
    ) -> dict[str, Any] | AsyncGenerator[dict[str, Any]]:
        """One answer, in the shape of OpenAI's chat completions.

        Args:
            messages: `Message` values or `{"role", "content", …}` dictionaries; see `reading`.
            model: a bare name or `provider:model`; None is the built-in model.
            provider: id of the provider, where the name alone does not say.
            temperature: None leaves it to the provider.
            max_tokens: bound of the answer; None leaves it to the provider.
            response_format: `"text"`, `"json_object"`, or `{"type": "json_schema", "json_schema": {…}}`.
            system_instruction: put before the messages.
            safety_settings: Gemini's, a list of `{"category", "threshold"}`.
            stream: give chunks as they come instead of the whole answer.
            **options: `tools` (OpenAI's shape, or a provider's own), `tool_choice` (`"auto"`, `"none"`,
                `"required"`, or one by name), `effort` (or `reasoning_effort`), `return_images` (or
                `modalities`), `timeout` (seconds in all, or `Timeouts`), `client_context` (who asks;
                see `ClientContext`). Any other is a field of the provider's own request, passed on.

        Returns:
            See `shaping.completion`; with `stream` an async generator of chunks.

        Raises:
            AIProxyError: and nothing else; InvalidRequestError before anything is sent.
        """
        from aiproxy_desktop.core.shaping import ChunkShaper, completion

        options |= {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "response_format": response_format,
            "safety_settings": safety_settings,
        }
        asked = await self._prepare(messages, model, provider, system_instruction, options)
        identity, created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
        owner, native = asked.provider.id, asked.request.model
        if stream:
            return _chunks(self._events(asked), ChunkShaper(identity, created, owner, native))
        answer = MessageAssembler()
        async with _closing(self._events(asked)) as events:
            async for event in events:
                answer.feed(event)
        if answer.started is not None:
            owner, native = answer.started.provider, answer.started.model
        return completion(identity, created, owner, native, answer)

    @asynccontextmanager
    async def stream(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        response_format: Any = None,
        system_instruction: str | None = None,
        safety_settings: Any = None,
        **options: Any,
    ) -> AsyncIterator[AsyncGenerator[StreamEvent]]:
        """One answer as typed events (see `events`); leaving the block closes the connection.

        Takes what `create_completion` takes.

        Raises:
            AIProxyError: and nothing else; what is wrong with the request, its media or the model's name
                on entering, the rest while iterating.
        """
        options |= {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "response_format": response_format,
            "safety_settings": safety_settings,
        }
        asked = await self._prepare(messages, model, provider, system_instruction, options)
        async with _closing(self._events(asked)) as events:
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
        from aiproxy_desktop.core.shaping import model_entry

        return [model_entry(model) for model in await self.models(provider)]

    async def aclose(self) -> None:
        """Release everything this client made itself; a registry that was given stays open."""
        http, self._media_http = self._media_http, None
        try:
            if self._setup is not None:
                await self._setup.aclose()
        finally:
            if http is not None:
                self._fetcher = None
                await http.aclose()

    async def __aenter__(self) -> CompletionClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _prepare(
        self,
        messages: Iterable[MessageLike],
        model: str | None,
        provider: str | None,
        system_instruction: str | None,
        options: Mapping[str, Any],
    ) -> Asked:
        """Read, resolve, load: in this order, so that what costs something comes last."""
        read = await _read(messages, system_instruction)
        request, context = _options(CompletionRequest("", read), options)
        _check_names(model, provider)
        owner, native = await self._router.resolve(model, provider)
        if any(type(part) is MediaLink for message in read for part in message.parts):
            from aiproxy_desktop.core.media_loading import load_media

            read = await load_media(read, self._media_fetcher(), allow_files=self._allow_files)
        return Asked(owner, replace(request, model=native, messages=read), context)

    def _events(self, asked: Asked) -> AsyncGenerator[StreamEvent]:
        return stream_with_retries(asked.provider, asked.request, self._retries)

    def _media_fetcher(self) -> MediaFetcher:
        if self._fetcher is None:
            from aiproxy_desktop.core.fetching import MediaFetcher
            from aiproxy_desktop.core.http import HttpClient

            if self._setup is not None:
                self._fetcher = MediaFetcher(self._setup.http)
            else:
                self._media_http = HttpClient()
                self._fetcher = MediaFetcher(self._media_http)
        return self._fetcher

    async def _models_of(self, owner: Provider) -> tuple[ModelInfo, ...]:
        models = await owner.list_models()
        self._registry.remember(owner.id, models)
        return models


async def _read(messages: Iterable[MessageLike], system_instruction: str | None) -> tuple[Message, ...]:
    """The messages as values; on a thread where there is much to decode.

    The application's own are values already, and pass without loading what reads dictionaries.
    """
    if isinstance(messages, list | tuple) and messages and not system_instruction:
        values = tuple(message for message in messages if type(message) is Message)
        if len(values) == len(messages):
            return values
    from aiproxy_desktop.core.reading import are_large, listed, read_messages

    given = listed(messages)
    if not are_large(given):
        return read_messages(given, system_instruction)
    from aiproxy_desktop.core.threads import on_thread

    return await on_thread(lambda: read_messages(given, system_instruction), "read-messages")


def _options(
    request: CompletionRequest, options: Mapping[str, Any]
) -> tuple[CompletionRequest, ClientContext | None]:
    """The request with its options, and who asks."""
    if all(value is None for value in options.values()):
        return request, None
    from aiproxy_desktop.core.reading import read_options

    said = read_options(options)
    return said.request(request.model, request.messages), said.context


def _check_names(model: Any, provider: Any) -> None:
    for name, value in (("model", model), ("provider", provider)):
        if value is not None and not (isinstance(value, str) and value.isascii()):
            from aiproxy_desktop.core.reading.checks import sound_text

            sound_text(value, f"The option “{name}”")


@asynccontextmanager
async def _closing(events: AsyncGenerator[StreamEvent]) -> AsyncIterator[AsyncGenerator[StreamEvent]]:
    """Close at the end of the block, not when the collector comes by."""
    try:
        yield events
    finally:
        await events.aclose()


async def _chunks(answer: AsyncGenerator[StreamEvent], shaper: ChunkShaper) -> AsyncGenerator[dict[str, Any]]:
    async with _closing(answer) as events:
        async for event in events:
            chunk = shaper.chunk(event)
            if chunk is not None:
                yield chunk
