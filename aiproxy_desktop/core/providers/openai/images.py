"""Images over OpenAI's interface: generations and edits, whole or with unfinished images as they come.

From openai-python 3.57.0 (`images_response`, `image_gen_stream_event`, `image_edit_stream_event`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from aiproxy_desktop.core.endpoints import is_loopback, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InvalidEndpointError,
    ProtocolError,
    RequestError,
    UnsupportedError,
)
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.http import HttpCall, HttpClient, interrupted
from aiproxy_desktop.core.http_body import HttpBody
from aiproxy_desktop.core.images.costs import cost
from aiproxy_desktop.core.images.inputs import check_inputs, dimensions, received_image
from aiproxy_desktop.core.images.models import ImageModelFacts, image_model_facts
from aiproxy_desktop.core.images.requests import check_options, given_options
from aiproxy_desktop.core.images.several import several
from aiproxy_desktop.core.images.values import (
    ImageEvent,
    ImageMade,
    ImagePreview,
    ImageRequest,
    ImagesFinished,
    ImagesStarted,
)
from aiproxy_desktop.core.media import sniff
from aiproxy_desktop.core.messages import MediaLink
from aiproxy_desktop.core.multipart import FormFile, write_form
from aiproxy_desktop.core.providers.openai.image_answers import (
    MOST_BYTES,
    Answer,
    Row,
    StreamedImage,
    read_answer,
    read_event,
)
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.timeouts import Timeouts
from aiproxy_desktop.core.wire_json import encode_json

# A picture takes minutes, during which nothing need come.
TIMEOUTS = Timeouts(idle=600.0)
_TAIL_SECONDS = 5.0

MakeCall: TypeAlias = Callable[[str, str, bytes], Awaitable[HttpCall]]


@dataclass(frozen=True, slots=True)
class ImageService:
    """Whose images they are: the provider's id, its label, whose models it has, and how it is asked.

    `call` makes a POST request of a path and a body, with the service's address and key.
    """

    id: str
    label: str
    maker: str
    http: HttpClient
    call: MakeCall


async def stream_images(service: ImageService, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
    """Make images, event by event. Closing the generator closes the connection at once.

    Raises:
        AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
    """
    _check(service, request)
    count = request.options.get("n", 1)
    apart = count > 1 and bool(request.options.get("partial_images"))
    sent = replace(request, options={**request.options, "n": 1}) if apart else request
    call = await _call(service, sent)
    yield ImagesStarted(service.id, request.model)
    source = _apart(service, sent, call, count) if apart else _answer(service, sent, call)
    async with aclosing(source) as events:
        async for event in events:
            yield event


async def _apart(
    service: ImageService, request: ImageRequest, call: HttpCall, count: int
) -> AsyncGenerator[ImageEvent]:
    """Several images with previews: a request each, since events do not say which image they belong to."""
    note = "Each image was asked for by itself, so that its previews are its own."
    async with aclosing(several(lambda: _answer(service, request, call), count)) as events:
        async for event in events:
            if isinstance(event, ImagesFinished):
                yield replace(event, notes={"partial_images": note, **event.notes})
            else:
                yield event


async def _answer(service: ImageService, request: ImageRequest, call: HttpCall) -> AsyncGenerator[ImageEvent]:
    body = await _opened(service, call)
    try:
        streamed = body.header("content-type").lower().startswith("text/event-stream")
        async with aclosing((_streamed if streamed else _whole)(service, request, call, body)) as events:
            async for event in events:
                yield event
    finally:
        body.close()


async def _opened(service: ImageService, call: HttpCall) -> HttpBody:
    """The head of the answer; many compatible servers chat and have no images."""
    try:
        return await service.http.open(call)
    except InvalidEndpointError as error:
        if error.status not in {404, 405}:
            raise
        status, detail = error.status, error.detail
    raise RequestError(
        f"{service.label} has no images at this address ({status})",
        "Pick an image model of another account, or check the base address in Settings.",
        provider=service.id,
        status=status,
        detail=detail,
    )


def _check(service: ImageService, request: ImageRequest) -> None:
    facts, masked = image_model_facts(request.model), request.mask is not None
    try:
        check_options(facts, request.prompt, request.options, inputs=len(request.images), mask=masked)
    except UnsupportedError as error:
        error.provider = service.id
        raise
    check_inputs(request.images, request.mask)


async def _call(service: ImageService, request: ImageRequest) -> HttpCall:
    """The checked request on the wire."""
    fields = _fields(image_model_facts(request.model), request)
    if request.images:
        content_type, content = await on_thread(lambda: _form(request, fields), "image-form")
        path = "/images/edits"
    else:
        content_type, content, path = "application/json", encode_json(fields), "/images/generations"
    call = await service.call("POST", path, content)
    accept = "text/event-stream, application/json" if fields.get("stream") else "application/json"
    headers = {**call.headers, "content-type": content_type, "accept": accept}
    return replace(call, headers=headers, timeouts=TIMEOUTS)


def _fields(facts: ImageModelFacts | None, request: ImageRequest) -> dict[str, Any]:
    fields = {"model": request.model, "prompt": request.prompt, **given_options(request.options)}
    if fields.get("partial_images"):
        fields["stream"] = True
    else:
        fields.pop("partial_images", None)
    if facts is not None and "response_format" in facts.fields:
        # The bytes themselves: an address would have to be fetched, and lasts for an hour.
        fields["response_format"] = "b64_json"
    if fields.get("n") == 1:
        del fields["n"]
    return fields


def _form(request: ImageRequest, fields: Mapping[str, Any]) -> tuple[str, bytes]:
    parts: list[tuple[str, str | FormFile]] = [(name, _form_text(value)) for name, value in fields.items()]
    field = "image" if len(request.images) == 1 else "image[]"
    for number, image in enumerate(request.images, 1):
        mime = sniff(image.data)  # the service looks, too
        name = image.name or f"image-{number}.{mime.partition('/')[2]}"
        parts.append((field, FormFile(name, mime, image.data)))
    if request.mask is not None:
        parts.append(("mask", FormFile("mask.png", "image/png", request.mask)))
    return write_form(parts)


def _form_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _whole(
    service: ImageService, request: ImageRequest, call: HttpCall, body: HttpBody
) -> AsyncGenerator[ImageEvent]:
    """The events of an answer that comes as one JSON value."""
    content = await body.read(MOST_BYTES)
    answer = await on_thread(lambda: read_answer(content), "image-answer")
    if answer.refusal is not None:
        raise service.http.failure(answer.refusal, call)
    if not answer.rows:
        raise ProtocolError(
            f"{service.label} sent an answer without images",
            "Try again; if it goes on, check the base address in Settings.",
            provider=service.id,
        )
    sizes = set()
    for index, row in enumerate(answer.rows):
        made = await _made(service, call, row, index)
        sizes.add(dimensions(made.data))
        yield made
    yield _finished(service, request, answer, sizes)


async def _streamed(
    service: ImageService, request: ImageRequest, call: HttpCall, body: HttpBody
) -> AsyncGenerator[ImageEvent]:
    """The events of an answer that comes piece by piece."""
    decoder, stream = SseDecoder(MOST_BYTES), _Stream(service, request, call)
    async for chunk in body:
        for frame in decoder.feed(chunk):
            if (event := await stream.take(frame.data)) is not None:
                yield event
        if stream.complete:  # some servers hold the connection open
            body.hurry(_TAIL_SECONDS)
    for frame in decoder.close():
        if (event := await stream.take(frame.data)) is not None:
            yield event
    yield stream.finished()


class _Stream:
    """Where a stream stands."""

    def __init__(self, service: ImageService, request: ImageRequest, call: HttpCall) -> None:
        self._service = service
        self._request = request
        self._call = call
        self._made = 0
        self._sizes: set[tuple[int, int] | None] = set()
        self._last: StreamedImage | None = None

    @property
    def complete(self) -> bool:
        """Whether every image that was asked for is there."""
        return bool(self._made >= self._request.options.get("n", 1))

    async def take(self, data: bytes) -> ImageEvent | None:
        """What a frame means; megabytes of base64 are decoded on a thread.

        Raises:
            AIProxyError: it is an error, or holds no image.
        """
        found = await on_thread(lambda: read_event(data), "image-event")
        if found is None:
            return None
        service = self._service
        if found.refusal is not None:
            raise service.http.failure(found.refusal, self._call)
        if found.step is not None:
            image = found.row.image(service.label, service.id)
            mime = received_image(service.label, service.id, image)
            return ImagePreview(self._made, found.step, image, mime)
        made = await _made(service, self._call, found.row, self._made)
        self._made += 1
        self._sizes.add(dimensions(made.data))
        self._last = found
        return made

    def finished(self) -> ImagesFinished:
        """The end.

        Raises:
            InterruptedStreamError: no image came before it.
        """
        last = self._last
        if last is None:
            raise interrupted(self._call)
        # Of several images nobody says whether each one's count is its own or that of all.
        usage = last.usage if self._made == 1 else None
        return _finished(self._service, self._request, Answer((), usage, last.created), self._sizes)


async def _made(service: ImageService, call: HttpCall, row: Row, index: int) -> ImageMade:
    if row.url and not row.data:
        data = await _fetched(service, call, row.url)
    else:
        data = row.image(service.label, service.id)
    mime = received_image(service.label, service.id, data)
    return ImageMade(index, data, mime, row.revised_prompt, row.url)


async def _fetched(service: ImageService, call: HttpCall, url: str) -> bytes:
    """An image that the server gives an address of: through the one door, and no further than it reaches.

    A server on this machine, or of this network, may keep its images there, too.
    """
    server = split_url(call.url).hostname or ""
    try:
        own = is_loopback(server) or split_url(url).hostname == server
    except AIProxyError:
        own = False  # the fetcher says what is wrong with it
    fetcher = MediaFetcher(service.http, allow_private=own)
    return (await fetcher.fetch(MediaLink("image", url))).data


def _finished(
    service: ImageService, request: ImageRequest, answer: Answer, sizes: Collection[tuple[int, int] | None]
) -> ImagesFinished:
    spent = cost(service.maker, request.model, answer.usage)
    return ImagesFinished(answer.usage, spent, _size_note(request.options.get("size"), sizes), answer.created)


def _size_note(wanted: Any, sizes: Collection[tuple[int, int] | None]) -> dict[str, str]:
    """That images came in another size than was asked for, if they did."""
    came = {f"{size[0]}x{size[1]}" for size in sizes if size is not None}
    if not isinstance(wanted, str) or "x" not in wanted or came <= {wanted}:
        return {}
    return {"size": f"{wanted} was asked for, and {', '.join(sorted(came))} came."}
