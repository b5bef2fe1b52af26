"""What CompletionClient does about models: lists them, chooses, fetches, and takes in another server's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.errors import InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import ModelAdministrator

if TYPE_CHECKING:  # nothing of it is needed before a call
    from aiproxy_desktop.core.administration import PullProgress
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.model_manager import ModelManager
    from aiproxy_desktop.core.registry import Registry
    from aiproxy_desktop.core.router import Router
    from aiproxy_desktop.core.selection import Selection


class ModelCalls(ABC):
    """The models of the providers behind a client."""

    @property
    @abstractmethod
    def registry(self) -> Registry:
        """The providers."""

    @property
    @abstractmethod
    def router(self) -> Router:
        """What resolves model names."""

    @property
    @abstractmethod
    def model_manager(self) -> ModelManager:
        """What lists and chooses models."""

    @abstractmethod
    def _own_http(self) -> HttpClient:
        """What servers that are taken in are asked with."""

    @abstractmethod
    def _check_open(self) -> None:
        """Whether anything can be asked.

        Raises:
            InvalidRequestError: the client is closed.
        """

    def add_endpoint(
        self,
        provider_id: str,
        base_url: str,
        api_key: str | None = None,
        *,
        label: str = "",
        vendor: str = "",
    ) -> None:
        """Take in one more OpenAI-compatible server, a team's vLLM or LiteLLM cluster say.

        Args:
            provider_id: short; its models are `provider_id:model` from now on.
            base_url: up to and without `/chat/completions`.
            api_key: its key, where it wants one.
            label: what messages call it; by default its id.
            vendor: the vendor whose quirks it has (`vllm`, `litellm` …), where its address does not tell.

        Raises:
            InvalidEndpointError: the address is not one.
            InvalidKeyError: the key cannot be sent.
            InvalidRequestError: the id is taken, empty, or holds a colon or space.
        """
        from aiproxy_desktop.core.credentials import StaticCredentials, checked_key
        from aiproxy_desktop.core.endpoints import parse_base_url
        from aiproxy_desktop.core.providers.openai.vendors import build_endpoint

        keys = {} if api_key is None else {provider_id: checked_key(api_key, provider=provider_id)}
        server = build_endpoint(
            provider_id,
            label or provider_id,
            parse_base_url(base_url),
            self._own_http(),
            StaticCredentials(keys),
            vendor_id=vendor,
        )
        try:
            self.registry.add(server)
        except ValueError as error:
            raise InvalidRequestError(f"{error}".capitalize(), "Choose another id.") from None

    async def models(self, provider: str | None = None) -> tuple[ModelInfo, ...]:
        """The models of one provider, or of all that answer; see `ModelManager.list_all_models`.

        Raises:
            AIProxyError: the one provider asked for is unknown or fails. Asked for all, those that
                fail (no key, not running) are left out; `model_manager.errors` tells why.
        """
        self._check_open()
        return tuple(await self.model_manager.list_all_models(provider))

    async def list_models(self, provider: str | None = None) -> list[dict[str, Any]]:
        """`models` as the seed's dictionaries; see `model_entries.model_entry`.

        Raises:
            AIProxyError: as `models`.
        """
        from aiproxy_desktop.core.model_entries import model_entry

        return [model_entry(model) for model in await self.models(provider)]

    async def find_best_model(self, requirements: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """The best model that has everything required (see `requirements`), or None.

        Returns:
            The model as `list_models` has it, with an `explanation`; its `id` is a name for `model`.

        Raises:
            InvalidRequestError: a requirement that is none, or a value that does not fit.
        """
        from aiproxy_desktop.core.selection import selection_entry

        return selection_entry(await self.explain_selection(requirements), self.registry.known_models())

    async def explain_selection(self, requirements: Mapping[str, Any] | None = None) -> Selection:
        """The same with its reasons, and why each other model was passed over.

        Raises:
            InvalidRequestError: as `find_best_model`.
        """
        self._check_open()
        return await self.model_manager.explain_selection(requirements)

    async def pull(self, model: str, provider: str | None = None) -> AsyncGenerator[PullProgress]:
        """Fetch a model to where it runs (Ollama), step by step. Closing the generator stops it.

        Raises:
            AIProxyError: nothing fetches this model, or the fetch failed.
        """
        self._check_open()
        owner, native = await self.router.resolve(model, provider, fetch=True)
        if not isinstance(owner, ModelAdministrator):
            raise UnsupportedError(
                f"{owner.label} fetches no models", "Only Ollama's can be pulled.", part="pull", model=model
            )
        async with aclosing(owner.pull(native)) as steps:
            async for step in steps:
                yield step
