"""What the local API stands on; made by whoever runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import ModelNotFoundError, UnknownModelError
from aiproxy_desktop.core.live.codec import LiveTalker
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.server.rules import Rules
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.names import ModelNames

# OpenAI has a default for images, too. Whoever has another model can make this name an alias of it.
DEFAULT_IMAGE_MODEL = "gpt-image-2"


@dataclass(frozen=True, slots=True)
class ApiBackend:
    """Everything a route may use. All of it belongs to the server's own event loop but the log.

    Attributes:
        client: completions and images; it allows no files.
        registry: the providers behind it.
        rules: what holds at this moment; asked for each request.
        names: aliases and what is offered; asked for each request.
        log: where requests are written down.
        refresh: asks the providers for their models, where that was not done lately.
        version: of the application.
        closed: ids of providers that answer nobody now, for want of a key or for a wrong one.
    """

    client: CompletionClient
    registry: Registry
    rules: Callable[[], Rules]
    names: Callable[[], ModelNames]
    log: RequestLog
    refresh: Callable[[], Awaitable[None]]
    version: str = ""
    closed: Callable[[], frozenset[str]] = frozenset

    async def reference_of(self, name: str | None) -> str:
        """The model meant by a name, as `provider:model`.

        Raises:
            AIProxyError: it names none, nobody serves it, or it is not offered to others.
        """
        names = self.names()
        meant = names.meant(name or names.default)
        provider, native = await self.client.router.resolve(meant)
        return _offered(names, f"{provider.id}:{native}", name)

    async def image_reference_of(self, name: str | None) -> str:
        """The same of a model that makes images; without a name it is `DEFAULT_IMAGE_MODEL`.

        Raises:
            AIProxyError: as `reference_of`; UnsupportedError where it makes none.
        """
        names, name = self.names(), name or DEFAULT_IMAGE_MODEL
        target = await self.client.image_target(names.meant(name))
        return _offered(names, target.reference, name)

    async def is_usable(self, provider_id: str) -> bool:
        """Whether a provider's models are worth listing: it is there, and so is its key, if it wants one."""
        return provider_id not in self.closed() and await self.registry.could_answer(provider_id)

    async def live_talker(self, reference: str) -> LiveTalker:
        """Who holds live sessions with a model.

        Raises:
            UnknownModelError: nobody does.
        """
        found: object = self.registry.get(reference.partition(":")[0])
        if not isinstance(found, LiveTalker):
            raise UnknownModelError(reference)
        return found


def _offered(names: ModelNames, reference: str, asked: str | None) -> str:
    if names.offers(reference):
        return reference
    raise ModelNotFoundError(
        f"The model “{asked or reference}” is not offered over the local API",
        "Choose another one, or offer it in Settings, Local API.",
    )
