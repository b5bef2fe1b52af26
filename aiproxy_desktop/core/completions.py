"""One provider used alone, as the seed has it: `OpenAICompletions`, `GoogleCompletions` and their like."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiproxy_desktop.core.blocking import run_blocking
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.closing import close_all
from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials, Provider
from aiproxy_desktop.core.reading import MessageLike
from aiproxy_desktop.core.registry import Registry

# The id of a server that is nobody's we know.
_ENDPOINT = "endpoint"


class BaseCompletions(ABC):
    """What answers completions in the seed's shape."""

    @abstractmethod
    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **options: Any,
    ) -> dict[str, Any] | AsyncGenerator[dict[str, Any]]:
        """One answer; see `client.CompletionClient.create_completion`."""

    @abstractmethod
    def list_models(self) -> list[Any]:
        """The models there are."""


class ProviderCompletions(BaseCompletions):
    """One provider with a client round it, made at the first call. Nothing is needed to construct one."""

    def __init__(self, provider_id: str, api_key: str | None) -> None:
        """Without a key the environment is asked at each call."""
        self._provider_id = provider_id
        self._credentials: Credentials = (
            EnvironmentCredentials(os.environ)
            if api_key is None
            else StaticCredentials({provider_id: api_key})
        )
        self._http: HttpClient | None = None
        self._client: CompletionClient | None = None

    @abstractmethod
    def build(self, context: ProviderContext) -> Provider:
        """The provider itself."""

    async def create_completion(
        self,
        messages: Iterable[MessageLike],
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **options: Any,
    ) -> Any:
        """One answer, or with `stream=True` an async generator of chunks.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._open().create_completion(
            messages, model, self._provider_id, temperature, max_tokens, **options
        )

    @asynccontextmanager
    async def stream(
        self, messages: Iterable[MessageLike], model: str | None = None, **options: Any
    ) -> AsyncIterator[AsyncGenerator[StreamEvent]]:
        """One answer as typed events; see `client.CompletionClient.stream`."""
        async with self._open().stream(messages, model, self._provider_id, **options) as events:
            yield events

    def list_models(self) -> list[str]:
        """The names of the models there are. Blocks; inside a loop use `list_models_async`.

        Raises:
            AIProxyError: and nothing else.
        """
        return run_blocking(self._list_apart)

    async def list_models_async(self) -> list[str]:
        """The names of the models there are.

        Raises:
            AIProxyError: and nothing else.
        """
        return [model.id for model in await self._open().models(self._provider_id)]

    async def aclose(self) -> None:
        """Close the connections; the next call opens them anew."""
        client, http = self._client, self._http
        self._client = self._http = None
        if client is not None:
            await close_all((client, client.registry, http))

    async def __aenter__(self) -> ProviderCompletions:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _open(self) -> CompletionClient:
        if self._client is None:
            self._http = HttpClient()
            self._client = CompletionClient(Registry((self._provider(self._http),)))
        return self._client

    def _provider(self, http: HttpClient) -> Provider:
        return self.build(ProviderContext(http, self._credentials, os.environ))

    async def _list_apart(self) -> list[str]:
        """On a loop of its own, where the connections of another loop are of no use."""
        http = HttpClient()
        provider = self._provider(http)
        try:
            return [model.id for model in await provider.list_models()]
        finally:
            await provider.aclose()
            await http.aclose()


class OpenAICompletions(ProviderCompletions):
    """OpenAI, or with `base_url` any server that speaks like it (Groq, Together, vLLM …)."""

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        """Describe the server.

        Args:
            api_key: its key. Without one the environment is asked for OpenAI's, or for that of the vendor
                whose host `base_url` names; another server is asked without a key, never with OpenAI's.
            base_url: by default OPENAI_BASE_URL, else OpenAI's own.
        """
        super().__init__("openai" if base_url is None else _owner_of(base_url), api_key)
        self._base_url = base_url

    def build(self, context: ProviderContext) -> Provider:
        """The provider itself."""
        if self._base_url is None:
            from aiproxy_desktop.core.providers.openai.provider import openai_provider

            return openai_provider(context)
        from aiproxy_desktop.core.providers.openai.vendors import build_endpoint, vendor_by_id

        vendor = vendor_by_id(self._provider_id)
        label = "OpenAI" if self._provider_id == "openai" else vendor.label if vendor else "The endpoint"
        keyed = self._provider_id != _ENDPOINT
        return build_endpoint(
            self._provider_id, label, self._base_url, context.http, context.credentials, needs_key=keyed
        )


def _owner_of(base_url: str) -> str:
    """The id under which the key of an address is known."""
    from aiproxy_desktop.core.providers.openai.vendors import key_owner

    return key_owner(base_url) or _ENDPOINT


class GoogleCompletions(ProviderCompletions):
    """Gemini."""

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        super().__init__("gemini", api_key)
        self._base_url = base_url

    def build(self, context: ProviderContext) -> Provider:
        """The provider itself."""
        from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider, gemini_provider

        if self._base_url is None:
            return gemini_provider(context)
        return GeminiProvider(context.http, context.credentials, self._base_url)


class OllamaCompletions(ProviderCompletions):
    """Ollama at `base_url`, else where OLLAMA_HOST says, else on this machine."""

    def __init__(self, base_url: str | None = None) -> None:
        super().__init__("ollama", None)
        self._base_url = base_url

    def build(self, context: ProviderContext) -> Provider:
        """The provider itself."""
        from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider, ollama_provider

        return (
            ollama_provider(context)
            if self._base_url is None
            else OllamaProvider(context.http, self._base_url)
        )


class AnthropicCompletions(ProviderCompletions):
    """Anthropic."""

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        super().__init__("anthropic", api_key)
        self._base_url = base_url

    def build(self, context: ProviderContext) -> Provider:
        """The provider itself."""
        from aiproxy_desktop.core.providers.anthropic.provider import AnthropicProvider, anthropic_provider

        if self._base_url is None:
            return anthropic_provider(context)
        return AnthropicProvider(context.http, context.credentials, self._base_url)
