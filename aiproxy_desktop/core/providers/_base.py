"""What every provider over HTTP shares: one request, one streamed answer, one way to end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ProtocolError,
    ProviderTimeoutError,
    RequestError,
    UnsupportedError,
)
from aiproxy_desktop.core.events import Noted, Started, StreamEvent
from aiproxy_desktop.core.http import HttpCall, HttpClient, interrupted
from aiproxy_desktop.core.http_body import HttpBody
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaLink,
    Message,
    OpaquePart,
    ReasoningPart,
    TextPart,
)
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.timeouts import Timeouts

# A list is asked for while a person looks on; a host that is away must not hold it up.
LIST_TIMEOUTS = Timeouts(connect=4.0, idle=20.0)
_TAIL_SECONDS = 5.0

# On the wire, where a token takes up to 400 bytes: ten times the longest answer of any model. What goes on
# beyond it has no end, and would fill memory and disk.
MAX_ANSWER_BYTES = 512 * 1024 * 1024
_MAX_REVISIONS = 3


class HttpProvider(ABC):
    """A provider that answers over HTTP in one dialect. The `HttpClient` is its caller's to close."""

    def __init__(self, provider_id: str, label: str, http: HttpClient, vendor: str = "") -> None:
        """Describe it.

        Args:
            provider_id: left side of `provider:model`, and the name its key is known by.
            label: what a person calls it.
            http: shared client; not closed here.
            vendor: whose models it has, where its id does not say: a second account of one vendor.
        """
        self._id = provider_id
        self._label = label
        self._http = http
        self._vendor = "" if vendor == provider_id else vendor

    @property
    def id(self) -> str:
        """Short and stable: the left side of `provider:model`."""
        return self._id

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._label

    @property
    def vendor(self) -> str:
        """Whose models it has, where its id does not say; else empty."""
        return self._vendor

    @property
    def server(self) -> str:
        """The base URL of its server, as it was set; for telemetry. Empty where it is not known."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._id!r})"

    @abstractmethod
    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire."""

    def adapt(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request as its model takes it, with a note for each thing changed or left out.

        What is left out here would be refused there. Idempotent, and asked again after `revise`.
        """
        return request, ()

    def hosting(self, request: CompletionRequest) -> AbstractAsyncContextManager[CompletionRequest]:
        """The request with media too large to send along put where the provider finds them, for the block."""
        return nullcontext(request)

    @abstractmethod
    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:
        """A fresh decoder for its answer."""

    @abstractmethod
    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that this account can use for completions, in the provider's order."""

    def takes_name(self, request: CompletionRequest, name: str) -> bool:  # noqa: ARG002  # for subclasses
        """Whether an adapted request can say that a message is from someone of that name."""
        return False

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:  # noqa: ARG002  # for subclasses
        """Learn from a refusal; True where the same request would now be written another way."""
        return False

    def explain(self, request: CompletionRequest, error: RequestError) -> None:  # noqa: B027  # optional
        """Put better advice into a refusal, where this provider knows any."""

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Answer, event by event. Closing the generator or cancelling its task closes the connection.

        Raises:
            AIProxyError: and nothing else.
        """
        async with self._under_own_name(), self.hosting(self.sendable(request)) as hosted:
            call, adapted, notes, body = await self._open(hosted)
            try:
                yield Started(self._id, request.model)
                for note in notes:
                    yield note
                decoder = self.decoder(adapted, lambda refusal: self._http.failure(refusal, call))
                size = 0
                while (chunk := await _next_chunk(body, decoder)) is not None:
                    size += len(chunk)
                    for event in decoder.feed(chunk):
                        yield event
                    if decoder.failure is not None:
                        raise self._named(decoder.failure)
                    if size > MAX_ANSWER_BYTES:
                        raise self._endless()
                    if decoder.complete:
                        break
                    if decoder.finish is not None:  # counts and an end may follow, but soon
                        body.hurry(_TAIL_SECONDS)
                await body.drain()
                for event in decoder.end():
                    yield event
                self._check_end(decoder, call)
            finally:
                body.close()

    async def aclose(self) -> None:  # noqa: B027  # optional: most own nothing
        """Nothing of its own to release."""

    def sendable(self, request: CompletionRequest) -> CompletionRequest:
        """The request without messages that hold nothing, which several providers refuse."""
        messages = tuple(message for message in request.messages if _holds_something(message))
        if not any(message.role != "system" for message in messages):
            raise RequestError("There is nothing to send", "Write a message first.", provider=self._id)
        for message in messages:
            for part in message.parts:
                if isinstance(part, MediaLink):
                    raise RequestError(
                        f"The {part.kind} was not loaded", "Load links before asking.", provider=self._id
                    )
        return request if len(messages) == len(request.messages) else replace(request, messages=messages)

    async def _open(
        self, request: CompletionRequest
    ) -> tuple[HttpCall, CompletionRequest, tuple[Noted, ...], HttpBody]:
        revisions = 0
        while True:
            adapted, notes = self._speakers(request, *self.adapt(request))
            call = await self.completion_call(adapted)
            if request.timeouts is not None:
                call = replace(call, timeouts=request.timeouts)
            try:
                return call, adapted, notes, await self._http.open(call)
            except RequestError as error:
                revisions += 1
                if revisions > _MAX_REVISIONS or not self.revise(request, error):
                    self.explain(request, error)
                    raise

    def _speakers(
        self, request: CompletionRequest, adapted: CompletionRequest, notes: tuple[Noted, ...]
    ) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The adapted request without names that its provider does not take, and a note for them."""
        names = dict.fromkeys(message.name for message in request.messages if message.name)
        left_out = [name for name in names if not self.takes_name(adapted, name)]
        if not left_out:
            return adapted, notes
        messages = tuple(
            replace(message, name="") if message.name in left_out else message for message in adapted.messages
        )
        shown = ", ".join(f"“{name[:40]}”" for name in left_out[:3])
        sentence = f"{self._label} takes no such name of a speaker, so it was left out: {shown}."
        return replace(adapted, messages=messages), (*notes, Noted("name", sentence))

    def _check_end(self, decoder: AnswerDecoder, call: HttpCall) -> None:
        if decoder.failure is not None:
            raise self._named(decoder.failure)
        if decoder.finish is None:
            raise interrupted(call)

    @asynccontextmanager
    async def _under_own_name(self) -> AsyncIterator[None]:
        """What the dialect's own modules refuse is this account's, not that of the vendor's first."""
        try:
            yield
        except AIProxyError as error:
            if self._vendor and error.provider == self._vendor:
                error.provider = self._id
                if isinstance(error, UnsupportedError):
                    error.model = error.model.replace(f"{self._vendor}:", f"{self._id}:", 1)
            raise

    def _named(self, error: AIProxyError) -> AIProxyError:
        error.provider = error.provider or self._id
        return error

    def _endless(self) -> ProtocolError:
        return ProtocolError(
            f"The answer from {self._label} has no end",
            f"It exceeds {MAX_ANSWER_BYTES // (1024 * 1024)} MiB, so reading stopped. What came is kept.",
            provider=self._id,
        )

    def unreadable_list(self) -> ProtocolError:
        """A list of models that is not one."""
        return ProtocolError(
            f"{self._label} sent a list of models that cannot be read",
            "Check the base address in Settings.",
            provider=self._id,
        )


def split_system(messages: Sequence[Message]) -> tuple[str, tuple[Message, ...]]:
    """The system text (all of it, joined by blank lines) apart from the turns."""
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    return system, tuple(message for message in messages if message.role != "system")


def _holds_something(message: Message) -> bool:
    return any(
        bool(part.text) if isinstance(part, TextPart) else not isinstance(part, ReasoningPart | OpaquePart)
        for part in message.parts
    )


async def _next_chunk(body: HttpBody, decoder: AnswerDecoder) -> bytes | None:
    """The next chunk, or None at the end; after `finish` nothing that befalls the connection matters."""
    try:
        return await body.__anext__()
    except StopAsyncIteration:
        return None
    except (InterruptedStreamError, ProviderTimeoutError):
        if decoder.finish is None:
            raise
        return None
