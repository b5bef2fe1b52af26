"""Providers that need no service: for trying things out, and for tests of what stands above the core."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo


class ScriptedProvider:
    """Plays the same events for every request, and keeps the requests.

    An `AIProxyError` in the script is raised in its place; an asyncio-friendly pause of `delay`
    seconds comes before each event. `then` holds the scripts of the requests after the first one, the last
    of them being played again and again.
    """

    def __init__(
        self,
        events: Sequence[StreamEvent | AIProxyError],
        delay: float = 0.0,
        *,
        id: str = "scripted",  # noqa: A002  # the field's own word
        label: str = "Scripted",
        models: Sequence[str] = ("script",),
        then: Sequence[Sequence[StreamEvent | AIProxyError]] = (),
    ) -> None:
        self._events = tuple(events)
        self._then = tuple(tuple(script) for script in then)
        self._delay = delay
        self._id = id
        self._label = label
        self._models = tuple(models)
        self.requests: list[CompletionRequest] = []
        self.closed_streams = 0
        self.closed = False

    @property
    def id(self) -> str:
        """Left side of `provider:model`."""
        return self._id

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._label

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Play the script.

        Raises:
            AIProxyError: as the script says.
        """
        import asyncio

        self.requests.append(request)
        try:
            for event in self._script(request):
                await asyncio.sleep(self._delay)
                if isinstance(event, AIProxyError):
                    raise event
                yield event
        finally:
            self.closed_streams += 1

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models given."""
        return tuple(ModelInfo(name, self._id, name) for name in self._models)

    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _script(self, request: CompletionRequest) -> Sequence[StreamEvent | AIProxyError]:
        del request
        earlier = len(self.requests) - 1
        return self._then[min(earlier, len(self._then)) - 1] if earlier and self._then else self._events


class EchoProvider(ScriptedProvider):
    """Answers with the last user message, a word at a time."""

    def __init__(
        self,
        delay: float = 0.0,
        *,
        id: str = "echo",  # noqa: A002  # the field's own word
        label: str = "Echo",
        models: Sequence[str] = ("echo",),
    ) -> None:
        super().__init__((), delay, id=id, label=label, models=models)

    def _script(self, request: CompletionRequest) -> Sequence[StreamEvent | AIProxyError]:
        said = [message.text for message in request.messages if message.role == "user"]
        words = re.findall(r"\s*\S+|\s+$", said[-1]) if said else []
        return (
            Started(self.id, request.model),
            *(TextDelta(word) for word in words),
            UsageReported(Usage(len(words), len(words))),
            Finished("stop"),
        )
