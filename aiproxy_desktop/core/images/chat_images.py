"""Images by models that draw in a chat, Gemini's and routers': one a request, several by several at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError, RequestError, UnsupportedError
from aiproxy_desktop.core.events import ImageReceived, Noted, StreamEvent, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.images.costs import cost
from aiproxy_desktop.core.images.inputs import check_inputs, received_image
from aiproxy_desktop.core.images.models import image_model_facts
from aiproxy_desktop.core.images.requests import check_options, given_options
from aiproxy_desktop.core.images.several import several
from aiproxy_desktop.core.images.values import (
    ImageEvent,
    ImageMade,
    ImagePreview,
    ImageRequest,
    ImagesFinished,
    ImagesStarted,
    ImageUsage,
    ImageWords,
)
from aiproxy_desktop.core.media import sniff
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message, TextPart
from aiproxy_desktop.core.timeouts import Timeouts

Ask: TypeAlias = Callable[[CompletionRequest], AsyncGenerator[StreamEvent]]

_MOST_WORDS = 300
_SHAPE = ("aspect_ratio", "image_size")
_DRAW = ("gemini:gemini-3.1-flash-image", "gemini:gemini-3-pro-image")
# A picture takes minutes, during which nothing need come.
_TIMEOUTS = Timeouts(idle=600.0)
# What an answer without an image says in place of one (google-genai 3.6.1, `types.FinishReason`).
_NO_IMAGE = "NO_IMAGE"


# Of a model of which nothing is known: each is a request.
_MOST_IMAGES = 10


@dataclass(frozen=True, slots=True)
class Painter:
    """Whose images they are: the provider's id, its label, and how it answers a completion.

    `maker` is whose models it has and `model` what a name stands for, aliases resolved: so the tables know
    them. `draws` is False where it is known to make no images. `nested` is whether the shape of images goes
    into a field of its own, `image_config`.
    """

    id: str
    label: str
    maker: str
    model: str
    ask: Ask
    draws: bool = True
    nested: bool = False


async def stream_images(painter: Painter, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
    """Make images, event by event. Closing the generator closes the connections at once.

    Raises:
        AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
    """
    _check(painter, request)
    check_inputs(request.images, None)
    count = request.options.get("n", 1)
    completion = _completion(painter, request)
    yield ImagesStarted(painter.id, request.model)

    def ask() -> AsyncGenerator[ImageEvent]:
        return _one(painter, completion)

    async with aclosing(ask() if count == 1 else several(ask, count)) as events:
        async for event in events:
            yield event


def _check(painter: Painter, request: ImageRequest) -> None:
    facts = image_model_facts(painter.model)
    if facts is not None and facts.maker != "gemini":
        facts = None  # drawn in a chat, it takes other options than by its own interface
    if not painter.draws:
        raise _unsupported(painter, request, "makes no images", "images")
    if facts is None and request.mask is not None:
        raise _unsupported(painter, request, "takes no mask", "mask")
    try:
        check_options(
            facts, request.prompt, request.options, inputs=len(request.images), mask=request.mask is not None
        )
    except UnsupportedError as error:
        error.provider = painter.id
        raise
    count = request.options.get("n", 1)
    if count > _MOST_IMAGES:
        raise InvalidRequestError(f"{count} images are too many", f"Ask for 1 to {_MOST_IMAGES}.")


def _unsupported(painter: Painter, request: ImageRequest, what: str, part: str) -> UnsupportedError:
    able = ("openai:gpt-image-2",) if part == "mask" else _DRAW
    return UnsupportedError(
        f"{painter.model} {what}",
        f"{' and '.join(one.partition(':')[2] for one in able)} {'does' if len(able) == 1 else 'do'}.",
        part=part,
        model=f"{painter.id}:{request.model}",
        alternatives=able,
        provider=painter.id,
    )


def _completion(painter: Painter, request: ImageRequest) -> CompletionRequest:
    """The request as a completion: the images, then the words."""
    options = given_options(request.options)
    options.pop("n", None)
    if painter.nested:
        shape = {name: options.pop(name) for name in _SHAPE if name in options}
        options |= {"image_config": shape} if shape else {}
    media = (MediaPart("image", sniff(one.data), one.data, one.name) for one in request.images)
    message = Message("user", (*media, TextPart(request.prompt)))
    return CompletionRequest(request.model, (message,), images=True, extra=options, timeouts=_TIMEOUTS)


async def _one(painter: Painter, completion: CompletionRequest) -> AsyncGenerator[ImageEvent]:
    """The events of one request, the count and the cost of it last.

    Raises:
        AIProxyError: and nothing else; RequestError where it made no image.
    """
    made, steps = 0, 0
    words: list[str] = []
    notes: dict[str, str] = {}
    usage: ImageUsage | None = None
    async with aclosing(_asked(painter, completion)) as events:
        async for event in events:
            if isinstance(event, ImageReceived):
                mime = received_image(painter.label, painter.id, event.data)
                if event.preview:
                    yield ImagePreview(made, steps, event.data, mime)
                    steps += 1
                else:
                    yield ImageMade(made, event.data, mime)
                    made, steps = made + 1, 0
            elif isinstance(event, TextDelta):
                words.append(event.text)
            elif isinstance(event, Noted):
                notes[event.parameter] = event.sentence
            elif isinstance(event, UsageReported):
                usage = _usage(event.usage)
    said = "".join(words).strip()
    if not made:
        raise _nothing_made(painter, said)
    if said:
        yield ImageWords(said)
    yield ImagesFinished(usage, cost(painter.maker, painter.model, usage), notes)


async def _asked(painter: Painter, completion: CompletionRequest) -> AsyncGenerator[StreamEvent]:
    """The answer, where a reason of Gemini's for having no image is one that a person understands."""
    failure: AIProxyError | None = None
    async with aclosing(painter.ask(completion)) as events:
        try:
            async for event in events:
                yield event
        except AIProxyError as error:
            failure = error
    if failure is not None:
        raise _nothing_made(painter, "") if _NO_IMAGE in failure.detail else failure


def _usage(usage: Usage) -> ImageUsage:
    return ImageUsage(usage.input_tokens, usage.output_tokens, output_image_tokens=usage.output_image_tokens)


def _nothing_made(painter: Painter, words: str) -> RequestError:
    stop = "" if words.endswith((".", "!", "?")) else "."
    said = f"It said: {words[:_MOST_WORDS]}{stop}" if words else "It gave no reason."
    return RequestError(
        f"{painter.label} made no image",
        f"{said} Say more clearly what the image shall show, or pick another model.",
        provider=painter.id,
    )
