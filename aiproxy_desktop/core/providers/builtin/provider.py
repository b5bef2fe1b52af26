"""The built-in model: GGUF files run by llama.cpp on this machine, each in a child process of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    LocalModelError,
    ProtocolError,
    ProviderTimeoutError,
    RequestTooLargeError,
    UnknownModelError,
    UnreachableError,
)
from aiproxy_desktop.core.events import Started, StreamEvent
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.providers.builtin.llama_process import LlamaProcess, ServerConfig, child_command
from aiproxy_desktop.core.providers.builtin.local_models import (
    LocalModel,
    default_model,
    local_model,
    with_own_ids,
)
from aiproxy_desktop.core.providers.builtin.requests import (
    DEFAULT_MAX_TOKENS,
    LABEL,
    PROVIDER_ID,
    adapted,
    bounded,
    capabilities_of,
    context_of,
    readable,
    too_large,
)
from aiproxy_desktop.core.providers.builtin.tools import forced_call, must_call, read_forced_call
from aiproxy_desktop.core.providers.context_budget import ContextBudget, most_tokens
from aiproxy_desktop.system import physical_cores

__all__ = ["BuiltinProvider", "LocalEndpoint", "LocalModel", "default_model", "local_model"]

# Requests answered side by side, as far as the context has room for them all; more wait their turn.
_SLOTS = 4

# More threads than this wait for memory, not for arithmetic.
_MOST_THREADS = 8

# The model leaves memory after this time without a request, and comes back with the next one.
SLEEP_SECONDS = 600

# From a broken connection to the news that the process has ended.
_NEWS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LocalEndpoint:
    """Where a loaded model listens: an OpenAI-compatible base URL, and its key for this run."""

    base_url: str
    key: str = field(repr=False)


class BuiltinProvider:
    """Local models over a loopback connection. Nothing is started before the first request or `warm`."""

    def __init__(
        self,
        http: HttpClient,
        models: Sequence[LocalModel],
        command: Sequence[str] | None = None,
        sleep_seconds: int = SLEEP_SECONDS,
    ) -> None:
        """Describe the models.

        Args:
            http: shared client; not closed here.
            models: the first one is the default.
            command: how to start the child process; by default as this application was started.
            sleep_seconds: after so long without a request a model leaves memory until the next one.
        """
        self._http = http
        self._command = tuple(command or child_command())
        self._sleep_seconds = sleep_seconds
        self._models = {model.id: model for model in with_own_ids(models)}
        self._servers: dict[str, _Server] = {}
        self._stopping: list[_Server] = []
        self._closed = False

    @property
    def id(self) -> str:
        """Short and stable: the left side of `provider:model`."""
        return PROVIDER_ID

    @property
    def label(self) -> str:
        """What a person calls it."""
        return LABEL

    @property
    def pids(self) -> tuple[int, ...]:
        """The child processes that are running."""
        return tuple(server.process.pid for server in self._servers.values() if server.process.alive)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models, in the order they were given. Starts nothing."""
        return tuple(map(_info, self._models.values()))

    async def show(self, model: str) -> ModelDetails:
        """What the head of a model's file tells. Starts nothing.

        Raises:
            UnknownModelError: it is none of these.
        """
        found = self._find(model)
        return ModelDetails(_info(found), license=found.license, author=found.author)

    def set_models(self, models: Sequence[LocalModel]) -> None:
        """Offer these from the next request on, each run as it says now.

        Answers under way go on: a process that nobody will ask again ends with the last of them.
        """
        self._models = {model.id: model for model in with_own_ids(models)}
        for name, server in list(self._servers.items()):
            model = self._models.get(name)
            if model is None or _config(model, self._sleep_seconds) != server.process.config:
                self._retire(name)

    async def warm(self, model: str | None = None) -> None:
        """Load a model (the default one), so that the first answer does not wait for it.

        Raises:
            AIProxyError: it could not be loaded.
        """
        await self.endpoint(model)

    async def endpoint(self, model: str | None = None) -> LocalEndpoint:
        """Where a model listens; loads it first. For measurements beside the provider.

        Raises:
            AIProxyError: it could not be loaded.
        """
        with self._server_for(self._find(model)).in_use() as server:
            return await server.endpoint()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event. Closing the generator or cancelling its task frees the model.

        Raises:
            AIProxyError: and nothing else. LocalModelError when the process failed; the next request
                starts another.
        """
        model = self._find(request.model)
        request = readable(request, model)
        if model.takes_tools is False and must_call(request):
            answer = read_forced_call(self._answer(forced_call(request), model))
        else:
            answer = self._answer(request, model)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def _answer(self, request: CompletionRequest, model: LocalModel) -> AsyncGenerator[StreamEvent]:
        request, notes = adapted(request, model)
        request = bounded(request, model)
        room = most_tokens(request, request.max_tokens or DEFAULT_MAX_TOKENS)
        from aiproxy_desktop.core.providers.builtin.codec import LlamaCodec

        began = retried = False
        while True:
            with self._server_for(model).in_use() as server:
                try:
                    endpoint = await server.endpoint()
                    codec = LlamaCodec(endpoint.base_url, endpoint.key, self._http, model)
                    async with server.budget.reserved(room), aclosing(codec.stream(request)) as events:
                        async for event in events:
                            began = True
                            yield event
                            if isinstance(event, Started):
                                for note in notes:
                                    yield note
                except AIProxyError as error:
                    problem = error
                else:
                    return
                crashed = isinstance(problem, _LOST) and await server.process.ended(_NEWS_SECONDS)
            if not crashed or began or retried:
                break
            # It ended between two requests; nothing was lost yet, so nobody need hear of it.
            retried = True
        raise self._explained(problem, server, model, crashed=crashed)

    async def aclose(self) -> None:
        """End the child processes; a request that is running fails."""
        self._closed = True
        servers = [*self._servers.values(), *self._stopping]
        for server in servers:
            server.process.stop()
        self._servers.clear()
        self._stopping.clear()
        for server in servers:
            await server.process.aclose()

    def _find(self, name: str | None) -> LocalModel:
        if name is None and self._models:
            return next(iter(self._models.values()))
        found = self._models.get(name or "")
        if found is None:
            raise UnknownModelError(name or "", tuple(self._models), provider=PROVIDER_ID)
        return found

    def _server_for(self, model: LocalModel) -> _Server:
        """The running process of a model, or a new one in place of what is idle or has ended."""
        if self._closed:
            raise LocalModelError("The built-in model has been closed", provider=PROVIDER_ID)
        # How it is run may have changed while the request waited.
        config = _config(self._models.get(model.id, model), self._sleep_seconds)
        server = self._servers.get(model.id)
        if server is not None and server.process.alive:
            return server
        # Several models are in memory at once only while they are all answering.
        self._stopping = [server for server in self._stopping if server.process.alive]
        for name, other in list(self._servers.items()):
            if not other.users:
                self._retire(name)
        server = _Server(LlamaProcess(config, self._command), ContextBudget(config.context))
        self._servers[model.id] = server
        return server

    def _retire(self, name: str) -> None:
        """Take a process out of use; it ends once nobody reads an answer from it."""
        server = self._servers.pop(name)
        server.retire()
        self._stopping.append(server)

    def _explained(
        self, error: AIProxyError, server: _Server, model: LocalModel, *, crashed: bool
    ) -> AIProxyError:
        """What happened, in words that fit a model on this machine."""
        if isinstance(error, RequestTooLargeError):
            return too_large(model, error.detail)
        if isinstance(error, LocalModelError) or not isinstance(error, _LOST):
            error.provider = PROVIDER_ID
            return error
        if crashed:
            title = "The built-in model stopped in the middle of its work"
            advice = "What came is kept. Try again; it starts afresh."
        else:
            # It runs, yet does not answer: the next request gets a fresh one.
            server.process.stop()
            title, advice = "The built-in model does not answer", "Try again; it starts afresh."
        return LocalModelError(title, advice, provider=PROVIDER_ID, detail=server.process.log[-1500:])


# Failures of the connection: on loopback they mean that the process is gone or hangs.
_LOST = (UnreachableError, ProviderTimeoutError, ProtocolError)
assert issubclass(InterruptedStreamError, _LOST)


@dataclass(slots=True)
class _Server:
    """A process, the room in its context, and how many requests are using it."""

    process: LlamaProcess
    budget: ContextBudget
    users: int = 0
    retired: bool = False

    @contextmanager
    def in_use(self) -> Iterator[_Server]:
        self.users += 1
        try:
            yield self
        finally:
            self.users -= 1
            if self.retired:
                self.retire()

    def retire(self) -> None:
        self.retired = True
        if not self.users:
            self.process.stop()

    async def endpoint(self) -> LocalEndpoint:
        port = await self.process.port()
        return LocalEndpoint(f"http://127.0.0.1:{port}/v1", self.process.config.key)


def _info(model: LocalModel) -> ModelInfo:
    return ModelInfo(
        model.id,
        PROVIDER_ID,
        model.display_name,
        context_window=context_of(model),
        size_bytes=model.size_bytes,
        local=True,
        capabilities=capabilities_of(model),
        parameters=model.parameters,
        quantization=model.quantization,
    )


def _config(model: LocalModel, sleep_seconds: int) -> ServerConfig:
    machine = physical_cores()
    chosen = None if model.threads is None else min(model.threads, machine)
    cores = min(machine, _MOST_THREADS)
    # The threads that write wait for each other many times a token: where one of them has to share its
    # core with the window, all of them crawl. Reading a prompt is done in larger pieces.
    return ServerConfig(
        model.path,
        model.id,
        context_of(model),
        _SLOTS,
        threads=chosen or max(1, cores - 1),
        reading_threads=chosen or cores,
        sleep_seconds=sleep_seconds,
    )


def builtin_provider(context: ProviderContext) -> BuiltinProvider | None:
    """The model that ships with the application, where it is there."""
    model = default_model()
    return None if model is None else BuiltinProvider(context.http, (model,))
