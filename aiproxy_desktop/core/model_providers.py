"""Lists of models with the seed's names: one provider each, usable alone or in a `ModelManager`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials
from aiproxy_desktop.core.errors import UnknownModelError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Credentials, Provider

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient


class ModelProvider(ABC):
    """Whoever lists models. Write one and register it with `ModelManager.register_provider`."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The provider's id ("openai", "ollama", "gemini")."""

    @property
    @abstractmethod
    def supports_local_deployment(self) -> bool:
        """Whether its models can run on this machine."""

    @abstractmethod
    async def list_models(self) -> list[ModelInfo]:
        """The models it offers now."""

    @abstractmethod
    async def get_model_info(self, model_id: str) -> ModelInfo:
        """One of them."""

    @abstractmethod
    async def ensure_model_available(self, model_id: str) -> None:
        """See that a model can be used, fetching it where that is needed."""

    async def aclose(self) -> None:
        """Release connections; nothing where there are none."""
        return


@runtime_checkable
class Fetches(Protocol):
    """A provider that can fetch a model which is missing."""

    async def ensure_model(self, model: str, on_progress: Callable[[Any], None] | None = None) -> bool:
        """Fetch it only if it is missing; whether it was."""
        ...


class _CoreModelProvider(ModelProvider):
    """One of the core's own providers, made at the first call. Nothing needs a key before that."""

    _id = ""
    _local = False

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._made: tuple[Provider, HttpClient] | None = None

    @property
    def name(self) -> str:
        """The provider's id."""
        return self._id

    @property
    def supports_local_deployment(self) -> bool:
        """Whether its models run on a machine of one's own."""
        return self._local

    async def list_models(self) -> list[ModelInfo]:
        """The models that complete text, with what the bundled table adds to them.

        Raises:
            AIProxyError: and nothing else. MissingKeyError where there is no key.
        """
        from aiproxy_desktop.core.catalog import bundled_catalog

        complete = bundled_catalog().complete
        return [complete(model) for model in await self._provider().list_models()]

    async def get_model_info(self, model_id: str) -> ModelInfo:
        """One model.

        Raises:
            UnknownModelError: the provider does not list it.
            AIProxyError: the list could not be had.
        """
        model = find_model(await self.list_models(), model_id)
        if model is None:
            raise UnknownModelError(model_id[:80], provider=self.name)
        return model

    async def ensure_model_available(self, model_id: str) -> None:
        """See that a model is there; where the provider can fetch models, a missing one is fetched.

        Raises:
            AIProxyError: it is not there and cannot be fetched.
        """
        provider = self._provider()
        if isinstance(provider, Fetches):
            await provider.ensure_model(model_id)
        else:
            await self.get_model_info(model_id)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._made is not None:
            provider, http = self._made
            self._made = None
            try:
                await provider.aclose()
            finally:
                await http.aclose()

    def _provider(self) -> Provider:
        if self._made is None:
            from aiproxy_desktop.core.http import HttpClient

            http = HttpClient()
            self._made = (self._build(http), http)
        return self._made[0]

    def _build(self, http: HttpClient) -> Provider:
        raise NotImplementedError

    def _credentials(self) -> Credentials:
        if self._api_key is not None:
            return StaticCredentials({self._id: self._api_key})
        return EnvironmentCredentials(os.environ)

    def _address(self, variable: str, otherwise: str) -> str:
        return self._base_url or os.environ.get(variable, "").strip() or otherwise


class OpenAIModelProvider(_CoreModelProvider):
    """OpenAI, or with a `base_url` any endpoint that speaks its dialect.

    Without `base_url`, OPENAI_BASE_URL or OpenAI's own; without `api_key`, OPENAI_API_KEY at each call, which
    a `base_url` that is not OpenAI's never gets to see.
    """

    _id = "openai"

    def _build(self, http: HttpClient) -> Provider:
        from aiproxy_desktop.core.providers.openai.provider import OPENAI_BASE_URL, OpenAICompatibleProvider
        from aiproxy_desktop.core.providers.openai.vendors import key_owner

        address = self._address("OPENAI_BASE_URL", OPENAI_BASE_URL)
        credentials = self._credentials()
        elsewhere = self._base_url is not None and key_owner(self._base_url) != self._id
        if elsewhere and self._api_key is None:
            credentials = StaticCredentials({})
        return OpenAICompatibleProvider(
            self._id, "OpenAI", address, http, credentials, needs_key=not elsewhere
        )


class OllamaModelProvider(_CoreModelProvider):
    """An Ollama server: at `base_url`, in any of OLLAMA_HOST's forms, or where OLLAMA_HOST says."""

    _id = "ollama"
    _local = True

    def __init__(self, base_url: str | None = None) -> None:
        super().__init__(base_url=base_url)

    def _build(self, http: HttpClient) -> Provider:
        from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider

        return OllamaProvider(http, self._address("OLLAMA_HOST", ""))


class GeminiModelProvider(_CoreModelProvider):
    """Gemini. Without `api_key`, GOOGLE_API_KEY or GEMINI_API_KEY at each call."""

    _id = "gemini"

    def __init__(self, api_key: str | None = None) -> None:
        super().__init__(api_key)

    def _build(self, http: HttpClient) -> Provider:
        from aiproxy_desktop.core.providers.gemini.provider import GEMINI_BASE_URL, GeminiProvider

        return GeminiProvider(
            http, self._credentials(), self._address("GOOGLE_GEMINI_BASE_URL", GEMINI_BASE_URL)
        )


class AnthropicModelProvider(_CoreModelProvider):
    """Anthropic. Without `api_key`, ANTHROPIC_API_KEY at each call; the same for ANTHROPIC_BASE_URL."""

    _id = "anthropic"

    def _build(self, http: HttpClient) -> Provider:
        module = import_module("aiproxy_desktop.core.providers.anthropic.provider")
        address = self._address("ANTHROPIC_BASE_URL", module.ANTHROPIC_BASE_URL)
        provider: Provider = module.AnthropicProvider(http, self._credentials(), address)
        return provider


def find_model(models: list[ModelInfo] | tuple[ModelInfo, ...], name: str) -> ModelInfo | None:
    """The model of that id or reference, with or without Ollama's `:latest` or Gemini's `models/`."""
    plain = _plain(name)
    exact = (model for model in models if name in {model.id, model.reference})
    loose = (model for model in models if plain in {_plain(model.id), f"{model.provider}:{_plain(model.id)}"})
    return next(exact, None) or next(loose, None)


def _plain(name: str) -> str:
    return name.removesuffix(":latest").removeprefix("models/")
