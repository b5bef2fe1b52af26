"""The built-in model for several workers: one process has it in memory, and the others ask that one.

They ask it as any program would, over a server of its own on loopback, with a token made for this run.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from aiproxy_desktop import __version__
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.events import Started, StreamEvent
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.rules import rules_of
from aiproxy_desktop.server.sockets import listen
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.names import ModelNames
from aiproxy_desktop.services.local_api.token import new_token
from aiproxy_desktop.storage.api_settings import ApiSettings

_ID, _LABEL = "builtin", "Built in"


@dataclass(frozen=True, slots=True)
class LentModel:
    """Where the model is asked: an OpenAI-compatible base URL, its token, and the models there."""

    base_url: str
    token: str = field(repr=False)
    models: tuple[ModelInfo, ...]

    def told(self) -> dict[str, Any]:
        """For a worker, as JSON has it."""
        return {"base_url": self.base_url, "token": self.token, "models": msgspec.to_builtins(self.models)}

    @classmethod
    def of(cls, told: dict[str, Any]) -> LentModel:
        """What `told` said."""
        models = msgspec.convert(told["models"], tuple[ModelInfo, ...])
        return cls(told["base_url"], told["token"], models)


@asynccontextmanager
async def lent_model(runtime: Runtime) -> AsyncIterator[LentModel | None]:
    """The built-in model of a runtime, lent for the block; None where there is none.

    It is loaded for the first who asks.
    """
    provider = runtime.registry.get(_ID)
    if provider is None:
        yield None
        return
    from aiproxy_desktop.server.application import build_application
    from aiproxy_desktop.server.running import RunningServer

    models = await provider.list_models()
    sock = listen("127.0.0.1", 0)
    port = int(sock.getsockname()[1])
    token = new_token()
    rules = rules_of(ApiSettings(port=port), token)
    names = ModelNames(offered=frozenset(f"{_ID}:{model.id}" for model in models))
    backend = ApiBackend(
        *(runtime.client, runtime.registry, lambda: rules, lambda: names, RequestLog()), _nothing, __version__
    )
    server = RunningServer(build_application(backend), [sock], rules.limits)
    await server.start()
    try:
        yield LentModel(f"http://127.0.0.1:{port}/v1", token, models)
    finally:
        await server.stop()


class BorrowedModel:
    """The built-in model of another process, as a provider of this one."""

    def __init__(self, lent: LentModel, redactor: Redactor) -> None:
        """Describe it.

        Args:
            lent: where it is.
            redactor: learns the token.
        """
        from aiproxy_desktop.core.providers.openai.vendors import build_endpoint

        redactor.add(lent.token)
        self._models = lent.models
        self._http = HttpClient(redactor)
        keys = StaticCredentials({_ID: lent.token})
        self._endpoint = build_endpoint(_ID, _LABEL, lent.base_url, self._http, keys, needs_key=True)

    @property
    def id(self) -> str:
        """Short and stable: the left side of `provider:model`."""
        return _ID

    @property
    def label(self) -> str:
        """What a person calls it."""
        return _LABEL

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models, as they are over there."""
        return self._models

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event. Closing the generator or cancelling its task frees the model.

        Raises:
            AIProxyError: and nothing else.
        """
        there = replace(request, model=f"{_ID}:{request.model}")
        async with aclosing(self._endpoint.stream(there)) as events:
            async for event in events:
                yield Started(_ID, request.model) if isinstance(event, Started) else event

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()
        await self._http.aclose()


async def _nothing() -> None:
    """Its models do not change while it runs."""
