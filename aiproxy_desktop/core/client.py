"""CompletionClient: one client over every provider."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, overload

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.client_images import ImageCalls
from aiproxy_desktop.core.client_models import ModelCalls
from aiproxy_desktop.core.closing import close_all
from aiproxy_desktop.core.completion_run import CompletionRunner
from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.latency import LatencyBook
from aiproxy_desktop.core.preparation import Asked, Call, Preparation
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import PATIENT, RetryPolicy
from aiproxy_desktop.core.router import Router
from aiproxy_desktop.core.telemetry import Telemetry, telemetry_from_environment

if TYPE_CHECKING:
    from aiproxy_desktop.core.compatibility import Problem
    from aiproxy_desktop.core.cooldown import Cooldowns
    from aiproxy_desktop.core.defaults import Setup
    from aiproxy_desktop.core.fetching import MediaFetcher
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.model_manager import ModelManager
    from aiproxy_desktop.core.reading import MessageLike
    from aiproxy_desktop.core.shaping import ChunkShaper
    from aiproxy_desktop.core.timeouts import Timeouts


class CompletionClient(ModelCalls, ImageCalls):
    """Completions from whichever provider serves the model.

    Without a registry it finds its own: keys from `credentials` (by default the environment), Ollama
    where OLLAMA_HOST says, the built-in model and what plug-ins bring. Nothing is contacted before a call.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        model_manager: ModelManager | None = None,
        credentials: Credentials | None = None,
        retries: RetryPolicy = PATIENT,
        timeouts: Timeouts | None = None,
        fallbacks: Sequence[str] = (),
        allow_files: bool = True,
        fetcher: MediaFetcher | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Set up a client.

        Args:
            registry: the providers; closed by whoever made it.
            model_manager: in place of a registry, what manages one.
            credentials: where keys come from, where the client finds its own providers.
            retries: how often to try again.
            timeouts: how long to wait, where a call does not say; by default the providers' own bounds.
            fallbacks: models to ask in turn when the one that was asked for cannot answer.
            allow_files: whether messages may name paths on this machine; a server of others' requests
                says no.
            fetcher: what loads media from the web; by default one that asks public addresses alone.
            telemetry: where to report; by default what OTEL_ENABLED asks for.
        """
        self._setup: Setup | None = None
        self._closed = False
        if registry is None and model_manager is not None:
            registry = model_manager.registry
        if registry is None:
            from aiproxy_desktop.core.defaults import default_setup

            self._setup = default_setup(credentials)
            registry = self._setup.registry
        self._registry = registry
        self._manager = model_manager
        self._owns_manager = model_manager is None
        self._latency = LatencyBook() if model_manager is None else model_manager.latency
        self._router = Router(registry)
        self._retries = retries
        self._fallbacks = tuple(fallbacks)
        self._fetcher = fetcher
        self._http: HttpClient | None = None
        self._preparation = Preparation(
            self._router,
            lambda: self.model_manager,
            self._media_fetcher,
            allow_files=allow_files,
            timeouts=timeouts,
        )
        self._telemetry = telemetry or telemetry_from_environment(os.environ)
        self._runner = CompletionRunner(
            info=self._preparation.info,
            telemetry=self._telemetry,
            on_first_token=self._latency.note,
            on_speed=self._latency.note_speed,
            explain=self._explain,
        )

    @property
    def registry(self) -> Registry:
        """The providers behind this client."""
        return self._registry

    @property
    def router(self) -> Router:
        """What resolves its model names."""
        return self._router

    @property
    def telemetry(self) -> Telemetry | None:
        """Where it reports; None where that is off."""
        return self._telemetry

    @property
    def latency(self) -> LatencyBook:
        """How fast the models have been that it asked."""
        return self._latency

    @property
    def model_manager(self) -> ModelManager:
        """What lists and chooses models; the seed's own object."""
        if self._manager is None:
            from aiproxy_desktop.core.model_manager import ModelManager

            self._manager = ModelManager(self._registry, latency=self._latency)
        return self._manager

    def watch_outcomes(self, heard: Callable[[str, AIProxyError | None], None] | None) -> None:
        """Call with a provider's id after each attempt at an answer: with its error, or None as it begins."""
        self._runner.cooldowns.heard = heard

    @property
    def notices(self) -> tuple[str, ...]:
        """Plug-ins that could not be used, a sentence each."""
        return tuple(self._registry.notices)

    def get_available_providers(self) -> list[str]:
        """The ids of the providers, in their order."""
        return list(self._registry.ids())

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
                see `ClientContext`), `fallbacks` (models to ask in turn when this one cannot answer),
                `auto_pull` (True, or a function that is told the progress: a model that Ollama does not
                have is fetched first). Any other is a field of the provider's own request, passed on.

        Returns:
            See `shaping.completion`; with `stream` an async generator of chunks.

        Raises:
            AIProxyError: and nothing else; InvalidRequestError before anything is sent. Where a whole
                answer broke off, `partial` holds what had come of it.
        """
        from aiproxy_desktop.core.shaping import ChunkShaper, completion

        options |= {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "response_format": response_format,
            "safety_settings": safety_settings,
        }
        asked = await self._prepare(messages, model, provider, system_instruction, options)
        identity, created = f"chatcmpl-{os.urandom(16).hex()}", int(time.time())
        owner, native = asked.targets[0].provider.id, asked.targets[0].model
        if stream:
            return _chunks(self._events(asked), ChunkShaper(identity, created, owner, native))
        answer = MessageAssembler()
        broken: AIProxyError | None = None
        try:
            async with aclosing(self._events(asked)) as events:
                async for event in events:
                    answer.feed(event)
        except AIProxyError as error:
            if not answer.message.parts:
                raise
            broken = error
        if answer.started is not None:
            owner, native = answer.started.provider, answer.started.model
        found = completion(identity, created, owner, native, answer)
        if broken is None:
            return found
        broken.partial = found
        raise broken

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
        async with aclosing(self._events(asked)) as events:
            yield events

    async def check(
        self,
        model: str | None,
        messages: Iterable[MessageLike],
        provider: str | None = None,
        **options: Any,
    ) -> tuple[Problem, ...]:
        """What stands against a request, and models that could take it; nothing is sent or loaded.

        Takes what `create_completion` takes. Empty where nothing is known to stand against it.

        Raises:
            AIProxyError: what is given is no request, or nothing serves the model.
        """
        from aiproxy_desktop.core.compatibility import check

        call = self._call(messages, model, provider, None, options)
        info, request = await self._preparation.request_for(call)
        found = check(info, request)
        return check(info, request, await self.models()) if any(one.refused for one in found) else found

    async def aclose(self) -> None:
        """Release everything this client made itself; a registry that was given stays open.

        A client that found its own providers has none from then on, and says so.
        """
        self._closed = self._setup is not None
        http, self._http = self._http, None
        manager = self._manager if self._owns_manager else None
        if http is not None:
            self._fetcher = None
        await close_all((manager, self._setup, http, self._telemetry))

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
        options: dict[str, Any],
    ) -> Asked:
        return await self._preparation.prepare(
            self._call(messages, model, provider, system_instruction, options)
        )

    def _call(
        self,
        messages: Iterable[MessageLike],
        model: str | None,
        provider: str | None,
        system_instruction: str | None,
        options: dict[str, Any],
    ) -> Call:
        self._check_open()
        fallbacks = options.pop("fallbacks", None)
        auto_pull: bool | Callable[[Any], None] = options.pop("auto_pull", None) or False
        chosen = self._fallbacks if fallbacks is None else _names(fallbacks)
        system = options.pop("system_instruction", None) if system_instruction is None else system_instruction
        return Call(messages, model, provider, system, chosen, auto_pull, options)

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidRequestError("The client is closed", "Make one for as long as it is needed.")

    def _events(self, asked: Asked) -> AsyncGenerator[StreamEvent]:
        context = asdict(asked.context) if asked.context is not None and self._telemetry is not None else None
        return self._runner.stream(asked.request, asked.targets, self._retries, context)

    def _image_rules(self) -> tuple[RetryPolicy, Cooldowns, Telemetry | None]:
        self._check_open()
        return self._retries, self._runner.cooldowns, self._telemetry

    def _explain(self, error: AIProxyError) -> None:
        if isinstance(error, UnsupportedError):
            from aiproxy_desktop.core.compatibility import name_alternatives

            name_alternatives(error, self._registry.known_models())

    def _own_http(self) -> HttpClient:
        from aiproxy_desktop.core.http import HttpClient

        if self._setup is not None:
            return self._setup.http
        if self._http is None:
            self._http = HttpClient()
        return self._http

    def _media_fetcher(self) -> MediaFetcher:
        if self._fetcher is None:
            from aiproxy_desktop.core.fetching import MediaFetcher

            self._fetcher = MediaFetcher(self._own_http())
        return self._fetcher


def _names(fallbacks: Any) -> tuple[str, ...]:
    """The option `fallbacks`: one name, or several in order."""
    names = (fallbacks,) if isinstance(fallbacks, str) else fallbacks
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InvalidRequestError("The option “fallbacks” is no list of models", "Give names of models.")
    return tuple(names)


async def _chunks(answer: AsyncGenerator[StreamEvent], shaper: ChunkShaper) -> AsyncGenerator[dict[str, Any]]:
    async with aclosing(answer) as events:
        async for event in events:
            chunk = shaper.chunk(event)
            if chunk is not None:
                yield chunk
        usage = shaper.last()
        if usage is not None:
            yield usage
