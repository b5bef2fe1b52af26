"""The seam between the core and whoever answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo


class Provider(Protocol):
    """One service that answers completions: a vendor, an endpoint, a local server."""

    @property
    def id(self) -> str:
        """Short and stable: the left side of `provider:model`."""
        ...

    @property
    def label(self) -> str:
        """What a person calls it."""
        ...

    def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event (see `events`).

        Closing the generator or cancelling its task closes the connection at once.

        Raises:
            AIProxyError: and nothing else.
        """
        ...

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that this account can use for completions, in the provider's order.

        Raises:
            AIProxyError: and nothing else.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and processes."""
        ...


@runtime_checkable
class Warmable(Protocol):
    """A provider that has to load a model before it can answer."""

    async def warm(self, model: str | None = None) -> None:
        """Load a model, or the default one, so that the first answer does not wait for it.

        Raises:
            AIProxyError: it could not be loaded.
        """
        ...


class Credentials(Protocol):
    """Where keys come from. The core asks at the moment of a call and keeps nothing."""

    async def key_for(self, provider: str) -> str | None:
        """The key of a provider, or None when there is none."""
        ...
