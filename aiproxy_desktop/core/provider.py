"""The seam between the core and whoever answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from aiproxy_desktop.core.administration import DeletionSpace, ModelDetails, PullProgress, RunningModel
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo

if TYPE_CHECKING:  # nothing of it is needed to start
    from aiproxy_desktop.core.images.values import ImageEvent, ImageRequest


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


@runtime_checkable
class Detectable(Protocol):
    """A server on this machine or network that may or may not be running."""

    async def detect(self) -> bool:
        """Whether it is there. Never raises, and costs next to nothing where it is not."""
        ...


@runtime_checkable
class ModelAdministrator(Protocol):
    """A provider whose models are fetched, loaded and deleted by the person who runs it."""

    def pull(self, model: str) -> AsyncGenerator[PullProgress]:
        """Fetch a model, step by step; it is there once the generator ends.

        Closing the generator or cancelling its task stops the download; another pull goes on from there.

        Raises:
            AIProxyError: and nothing else. InterruptedStreamError where it ended early.
        """
        ...

    async def ensure_model(
        self, model: str, on_progress: Callable[[PullProgress], None] | None = None
    ) -> bool:
        """Fetch a model only if it is missing; whether it was.

        Raises:
            AIProxyError: and nothing else.
        """
        ...

    async def delete(self, model: str) -> None:
        """Delete a model from the server's disk.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        ...

    async def show(self, model: str) -> ModelDetails:
        """All that the server tells of a model.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        ...

    async def running(self) -> tuple[RunningModel, ...]:
        """The models that are loaded now.

        Raises:
            AIProxyError: and nothing else.
        """
        ...

    async def unload(self, model: str) -> None:
        """Take a model out of memory now.

        Raises:
            AIProxyError: and nothing else.
        """
        ...


@runtime_checkable
class ModelMaker(Protocol):
    """A provider that makes models of others, or of files of this computer."""

    async def copy(self, source: str, destination: str) -> None:
        """Give a model a second name.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where there is no such source.
        """
        ...

    def create(self, model: str, modelfile: str, folder: Path | None = None) -> AsyncGenerator[PullProgress]:
        """Make a model as a Modelfile says, whose relative paths count from `folder`, step by step.

        Closing the generator or cancelling its task stops that.

        Raises:
            AIProxyError: and nothing else.
        """
        ...

    async def deletion_space(self, model: str) -> DeletionSpace:
        """What deleting a model would free.

        Raises:
            AIProxyError: and nothing else.
        """
        ...


@runtime_checkable
class ImageMaker(Protocol):
    """A provider with models that make or change images."""

    def stream_images(self, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
        """Make images, event by event (see `images.values`).

        Closing the generator or cancelling its task closes the connection at once.

        Raises:
            AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
        """
        ...

    def image_models(self) -> tuple[ModelInfo, ...]:
        """The models that this account's last list named, and before any list those that are known here."""
        ...


class Credentials(Protocol):
    """Where keys come from. The core asks at the moment of a call and keeps nothing."""

    async def key_for(self, provider: str) -> str | None:
        """The key of a provider, or None when there is none."""
        ...
