"""A provider in forty lines: it answers in capitals. Put your own service in the place of `upper()`."""

from collections.abc import AsyncGenerator

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.offers import ProviderContext


class ShoutProvider:
    """What a provider has to have: `id`, `label`, `stream`, `list_models`, `aclose`."""

    id = "shout"
    label = "Shout"

    def __init__(self, context: ProviderContext) -> None:
        # context.http speaks HTTP, context.credentials knows keys, context.environ holds the variables.
        self._suffix = context.environ.get("SHOUT_SUFFIX", "!")

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event; what fails is an AIProxyError, here a RequestError."""
        said = [message.text for message in request.messages if message.role == "user"]
        if not said:
            raise RequestError("There is nothing to shout", "Write a message first.", provider=self.id)
        yield Started(self.id, request.model)
        for word in f"{said[-1].upper()}{self._suffix}".split(" "):
            yield TextDelta(f"{word} ")
        yield Finished("stop")

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models there are; what is not known of one stays None."""
        return (ModelInfo("loud", self.id, "Loud", capabilities=Capabilities(vision=False)),)

    async def aclose(self) -> None:
        """Release what was opened."""


def shout_provider(context: ProviderContext) -> ShoutProvider:
    """What the entry point names."""
    return ShoutProvider(context)
