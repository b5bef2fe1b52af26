"""From what a caller gave to what is sent: read, routed, checked, loaded. What costs something comes last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaLink,
    MediaPart,
    Message,
    TextPart,
)
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.router import Router

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.fetching import MediaFetcher
    from aiproxy_desktop.core.model_manager import ModelManager
    from aiproxy_desktop.core.reading import MessageLike
    from aiproxy_desktop.core.timeouts import Timeouts

# Characters. No model's context is so small that less than this could be known to be too much for it.
_SHORT_TEXT = 8_192

_MEDIA = (MediaPart, MediaLink, HostedMediaPart)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is ready to be sent, whom to ask in which order, and who asks.

    The request's `model` is empty: each target has its own name for it.
    """

    request: CompletionRequest
    targets: tuple[Target, ...]
    context: ClientContext | None


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller gave, unread. `options` holds those of the request; the rest is the client's own.

    `auto_pull` is whether a missing model may be fetched, or what is told of its progress.
    """

    messages: Iterable[MessageLike]
    model: str | None
    provider: str | None
    system_instruction: str | None
    fallbacks: tuple[str, ...]
    auto_pull: bool | Callable[[Any], None]
    options: Mapping[str, Any]


class Preparation:
    """Prepares calls for one client."""

    def __init__(
        self,
        router: Router,
        manager: Callable[[], ModelManager],
        fetcher: Callable[[], MediaFetcher],
        *,
        allow_files: bool,
        timeouts: Timeouts | None,
    ) -> None:
        self._router = router
        self._manager = manager
        self._fetcher = fetcher
        self._allow_files = allow_files
        self._timeouts = timeouts

    async def prepare(self, call: Call) -> Asked:
        """The request and its targets.

        Raises:
            AIProxyError: and nothing else; nothing was sent then.
        """
        request, context, first = await self._read(call)
        targets = [first, *[await self._target(name, None) for name in call.fallbacks]]
        if call.auto_pull:
            await self._pull(first, call.auto_pull)
        if _needs_a_check(request):
            targets = await self._able(request, targets)
        if any(type(part) is MediaLink for message in request.messages for part in message.parts):
            from aiproxy_desktop.core.media_loading import load_media

            loaded = await load_media(request.messages, self._fetcher(), allow_files=self._allow_files)
            request = replace(request, messages=loaded)
            targets = await self._able(request, targets)
        return Asked(request, tuple(targets), context)

    async def request_for(self, call: Call) -> tuple[ModelInfo, CompletionRequest]:
        """The model and the request, links not loaded and nothing refused.

        Raises:
            AIProxyError: what is no request, or no model.
        """
        request, _, target = await self._read(call)
        return self.info(target.provider.id, target.model), replace(request, model=target.model)

    def info(self, provider_id: str, model: str) -> ModelInfo:
        """What is known of a model: as its provider lists it, else as the table has it."""
        return self._router.registry.describe(provider_id, model)

    async def _read(self, call: Call) -> tuple[CompletionRequest, ClientContext | None, Target]:
        messages = await _read_messages(call.messages, call.system_instruction)
        request, context = _read_options(CompletionRequest("", messages), call.options)
        if request.timeouts is None and self._timeouts is not None:
            request = replace(request, timeouts=self._timeouts)
        _check_names(call.model, call.provider)
        return request, context, await self._target(call.model, call.provider, fetch=bool(call.auto_pull))

    async def _target(self, model: str | None, provider: str | None, *, fetch: bool = False) -> Target:
        return Target(*await self._router.resolve(model, provider, fetch=fetch))

    async def _pull(self, target: Target, wish: bool | Callable[[Any], None]) -> None:
        from aiproxy_desktop.core.model_providers import Fetches

        provider: Provider = target.provider
        if isinstance(provider, Fetches):
            await self._manager().ensure_model_ready(
                target.model, provider.id, wish if callable(wish) else None
            )

    async def _able(self, request: CompletionRequest, targets: list[Target]) -> list[Target]:
        """The targets that can take the request; the first one must, the others are passed over in silence.

        Raises:
            UnsupportedError: the first one is known not to take a part of it.
            RequestTooLargeError: its text certainly exceeds the context window.
        """
        from aiproxy_desktop.core.compatibility import LENGTH, refused_parts

        first, *others = targets
        model = self.info(first.provider.id, first.model)
        lacking = refused_parts(model, request)
        # A text that is too long for the first one is what the others may be there for.
        if lacking and not (others and set(lacking) == {LENGTH}):
            await self._refuse(model, request)
        able = (one for one in others if not refused_parts(self.info(one.provider.id, one.model), request))
        return [first, *able]

    async def _refuse(self, model: ModelInfo, request: CompletionRequest) -> None:
        from aiproxy_desktop.core.compatibility import refuse

        # Whoever is refused here should hear of a model that would do.
        refuse(model, request, await self._manager().list_all_models())


def _needs_a_check(request: CompletionRequest) -> bool:
    """Whether anything of a request could be more than its model takes."""
    if request.tools:
        return True
    size = 0
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, TextPart):
                size += len(part.text)
            elif isinstance(part, _MEDIA):
                return True
    return size > _SHORT_TEXT


async def _read_messages(
    messages: Iterable[MessageLike], system_instruction: str | None
) -> tuple[Message, ...]:
    """The messages as values; on a thread where there is much to decode.

    The application's own are values already, and pass without loading what reads dictionaries; so does plain
    text, which most messages are.
    """
    if isinstance(messages, list | tuple) and messages and not system_instruction:
        simple = [message if type(message) is Message else _simple(message) for message in messages]
        values = tuple(message for message in simple if message is not None)
        if len(values) == len(messages):
            return values
    from aiproxy_desktop.core.reading import are_large, listed, read_messages

    given = listed(messages)
    if not are_large(given):
        return read_messages(given, system_instruction)
    from aiproxy_desktop.core.threads import on_thread

    return await on_thread(lambda: read_messages(given, system_instruction), "read-messages")


def _simple(message: Any) -> Message | None:
    """A dictionary of a role and a short text in ASCII, at which nothing can be wrong; None for any other."""
    if type(message) is not dict or len(message) != 2:
        return None
    role, content = message.get("role"), message.get("content")
    if type(content) is not str or not content or len(content) > _SHORT_TEXT or not content.isascii():
        return None
    if role == "user" or role == "system" or role == "assistant":
        return Message(role, (TextPart(content),))
    return None


def _read_options(
    request: CompletionRequest, options: Mapping[str, Any]
) -> tuple[CompletionRequest, ClientContext | None]:
    """The request with its options, and who asks."""
    if all(value is None for value in options.values()):
        return request, None
    from aiproxy_desktop.core.reading import read_options

    said = read_options(options)
    return said.request(request.model, request.messages), said.context


def _check_names(model: Any, provider: Any) -> None:
    for name, value in (("model", model), ("provider", provider)):
        if value is not None and not (isinstance(value, str) and value.isascii()):
            from aiproxy_desktop.core.reading.checks import sound_text

            sound_text(value, f"The option “{name}”")
