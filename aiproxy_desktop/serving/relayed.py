"""A provider of the window's loop, for the server's: a model that two would need twice the memory for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers.builtin.local_models import no_model
from aiproxy_desktop.serving.crossing import Crossing


class RelayedProvider:
    """Asks the provider that another loop has at that moment; closes nothing of it."""

    def __init__(
        self, provider_id: str, label: str, find: Callable[[], Provider | None], crossing: Crossing
    ) -> None:
        """Describe it.

        Args:
            provider_id: of that provider.
            label: what a person calls it.
            find: that provider, if it is there; called on its loop.
            crossing: leads there.
        """
        self._id, self._label = provider_id, label
        self._find = find
        self._crossing = crossing

    @property
    def id(self) -> str:
        """Short and stable: the left side of `provider:model`."""
        return self._id

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._label

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that it offers.

        Raises:
            AIProxyError: and nothing else.
        """

        async def there() -> tuple[ModelInfo, ...]:
            return await self._there().list_models()

        return await self._crossing.run(there)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event. Closing the generator or cancelling its task frees the model.

        Raises:
            AIProxyError: and nothing else.
        """
        async with aclosing(self._crossing.events(lambda: self._there().stream(request))) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        """Nothing of it is ours."""

    def _there(self) -> Provider:
        found = self._find()
        if found is None:
            raise no_model(self._id)
        return found
