"""One task's way through a provider: checked, prepared, asked for in as many requests as it takes.

Nothing is kept here: whoever listens does that. The command line and the window both go this way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    ModelNotFoundError,
    ProtocolError,
    QuotaError,
    RequestError,
    UnknownModelError,
    UnsupportedError,
)
from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.requests import check_options
from aiproxy_desktop.core.images.values import (
    ImageEvent,
    ImageInput,
    ImageMade,
    ImagePreview,
    ImagesFinished,
    ImageWords,
)
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.editing import PreparedEdit, finish_edit, prepare_edit, reference
from aiproxy_desktop.services.images.encoding import encode
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.picture import Mask, Picture

# A slip of the keyboard should not cost a fortune.
MOST_IMAGES = 10

# Requests under way at one provider; further ones wait for these.
AT_ONCE = 4

# Images beyond what was asked for are kept, since they are paid for, up to a bound.
_MOST_EXTRA = 16

# Makers whose services make one image a request: what fails then leaves the others.
_ONE_A_REQUEST = frozenset({"gemini"})

# What stands among the parameters of a kept image and is no field of a request, or is said otherwise.
_NO_OPTIONS = frozenset({"n", "feather", "protect", "revised_prompt"})

# Whoever is refused so is refused the next time as well: what has not been sent yet is not.
_REFUSED_ALIKE = (
    *(AuthenticationError, ConfigurationError, InvalidRequestError, ModelNotFoundError, QuotaError),
    *(UnknownModelError, UnsupportedError),
)


@dataclass(frozen=True, slots=True)
class ImageWork:
    """A task with all that it needs in memory; see `tasks.ImageTask`.

    `name` is what a person calls the model. `previews` is how many unfinished images are wanted.
    """

    model: str
    name: str
    prompt: str
    facts: ImageModelFacts | None
    options: Mapping[str, Any] = field(default_factory=dict)
    count: int = 1
    base: Picture | None = None
    mask: Mask | None = None
    feather: float = 0.0
    references: tuple[ImageInput, ...] = ()
    protect: bool = True
    previews: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a work: images `first` to `first + count - 1` of it."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ReadyWork:
    """A work as it is sent; `edit` is how an answer becomes a version of the base, where there is one."""

    model: str
    prompt: str
    options: Mapping[str, Any]
    images: tuple[ImageInput, ...]
    mask: bytes | None
    edit: PreparedEdit | None
    protect: bool
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class FinishedImage:
    """An image as it can be kept: surely one, and what is in it."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int


class Listener(Protocol):
    """Hears what comes of a work, on the loop; must not block."""

    def previewed(self, index: int, data: bytes) -> None:
        """An unfinished image."""
        ...

    def came(self, call: Call, index: int, made: ImageMade) -> None:
        """A whole image, unchecked: `finish` makes it one that can be kept."""
        ...

    def said(self, call: Call, text: str) -> None:
        """What the model said besides, piece by piece."""
        ...

    def ended(self, call: Call, end: ImagesFinished) -> None:
        """A request is over, and what it cost."""
        ...

    def failed(self, call: Call, error: AIProxyError) -> None:
        """A request is over, without some or all of its images."""
        ...


def check_work(work: ImageWork) -> None:
    """Look for what stands against it; nothing is sent.

    Raises:
        InvalidRequestError: something is missing or out of bounds.
        UnsupportedError: this model does no such thing.
    """
    if not work.prompt.strip():
        raise InvalidRequestError("There is no prompt", "Say what the image shall show.")
    if not 1 <= work.count <= MOST_IMAGES:
        raise InvalidRequestError(
            f"{work.count} images are too many or too few", f"Ask for 1 to {MOST_IMAGES}."
        )
    if work.mask is not None:
        _check_mask(work, work.mask)
    call = _calls(work)[0]
    # A model without masks gets the mask as an instruction.
    masked = work.mask is not None and (work.facts is None or work.facts.masks)
    inputs = len(work.references) + (work.base is not None)
    check_options(work.facts, work.prompt, _options(work, call), inputs=inputs, mask=masked)


async def prepare(work: ImageWork) -> ReadyWork:
    """Make it what is sent. Pixels are worked on by a thread.

    Raises:
        AIProxyError: as `check_work`, or the images cannot be sent as they are.
    """
    check_work(work)
    return await on_thread(lambda: _prepared(work), "image-prepare")


async def ask(
    client: CompletionClient,
    ready: ReadyWork,
    listener: Listener,
    gate: AbstractAsyncContextManager[Any],
) -> None:
    """Send the requests side by side, each once the gate lets it through, and tell what comes of them.

    Cancelling closes the connections.
    """
    extra = iter(range(_end(ready), _end(ready) + _MOST_EXTRA))
    refused: list[AIProxyError] = []

    async def one(call: Call) -> None:
        try:
            async with gate:
                if refused:
                    raise refused[0]
                await _ask_one(client, ready, call, _Answer(call, listener, extra))
        except AIProxyError as error:
            if isinstance(error, _REFUSED_ALIKE):
                refused.append(error)
            listener.failed(call, error)

    async with asyncio.TaskGroup() as group:
        for call in ready.calls:
            group.create_task(one(call), name="image request")


def finish(ready: ReadyWork, data: bytes) -> FinishedImage:
    """What came, as it is kept. Blocks: call it on a thread.

    Where nothing is to be protected or cut away, these are the model's own bytes.

    Raises:
        ProtocolError: it is no image.
    """
    edit = ready.edit
    if edit is None or (edit.feathered is None and edit.plan.content == (0, 0, *edit.plan.sent_size)):
        try:
            opened = open_picture(data, "answer")
        except RequestError as error:
            raise ProtocolError(
                "The model answered with something that is no readable image",
                "Try again, or choose another model.",
                detail=str(error),
            ) from error
        return FinishedImage(data, opened.mime, *opened.picture.size)
    picture = finish_edit(edit, data, protect=ready.protect)
    return FinishedImage(encode(picture, "png"), "image/png", *picture.size)


async def _ask_one(client: CompletionClient, ready: ReadyWork, call: Call, answer: _Answer) -> None:
    """Send one request.

    Raises:
        AIProxyError: it brought no images, or not all of them.
    """
    options = dict(ready.options) | ({"n": call.count} if call.count > 1 else {})
    async with client.stream_images(
        ready.prompt, ready.model, images=ready.images, mask=ready.mask, **options
    ) as events:
        async for event in events:
            answer.hear(event)
    if not answer.any_came:
        raise ProtocolError("The model sent no image", "Say it in other words, or try again.")


class _Answer:
    """What comes of one request, told by the places of its images in the whole work."""

    def __init__(self, call: Call, listener: Listener, extra: Iterator[int]) -> None:
        self.any_came = False
        self._call = call
        self._listener = listener
        self._extra = extra
        self._places: dict[int, int | None] = {}

    def hear(self, event: ImageEvent) -> None:
        """Pass it on."""
        if isinstance(event, ImagePreview):
            place = self._place(event.index)
            if place is not None:
                self._listener.previewed(place, event.data)
        elif isinstance(event, ImageMade):
            self.any_came = True
            place = self._place(event.index)
            if place is not None:
                self._listener.came(self._call, place, event)
        elif isinstance(event, ImageWords):
            self._listener.said(self._call, event.text)
        elif isinstance(event, ImagesFinished):
            self._listener.ended(self._call, event)

    def _place(self, index: int) -> int | None:
        """Which image of the work it is; None for one too many."""
        if index not in self._places:
            within = 0 <= index < self._call.count
            self._places[index] = self._call.first + index if within else next(self._extra, None)
        return self._places[index]


def _prepared(work: ImageWork) -> ReadyWork:
    calls = tuple(_calls(work))
    options = _options(work, calls[0])
    options.pop("n", None)
    if work.base is None:
        images = tuple(reference(one) for one in work.references)
        return ReadyWork(work.model, work.prompt, options, images, None, None, work.protect, calls)
    edit = prepare_edit(work.base, work.mask, work.feather, work.facts, work.prompt, work.references, options)
    return ReadyWork(work.model, edit.prompt, edit.options, edit.images, edit.mask, edit, work.protect, calls)


def _calls(work: ImageWork) -> list[Call]:
    """As few requests as the model lets, or one an image.

    One each where unfinished images are shown: a stream of several counts no tokens that could be told apart.
    One each, too, of a model of which nothing is known, and where the service makes no more at once.
    """
    facts = work.facts
    alone = facts is None or facts.maker in _ONE_A_REQUEST or _previews(work) > 0
    most = 1 if facts is None or alone else facts.most_images
    return [Call(first, min(most, work.count - first)) for first in range(0, work.count, max(1, most))]


def _options(work: ImageWork, call: Call) -> dict[str, Any]:
    options = {
        name: value
        for name, value in work.options.items()
        if value is not None and value != "" and name not in _NO_OPTIONS
    }
    if call.count > 1:
        options["n"] = call.count
    if _previews(work):
        options["partial_images"] = _previews(work)
    return options


def _previews(work: ImageWork) -> int:
    """How many unfinished images to ask for; what the options say goes first."""
    asked = work.options.get("partial_images")
    if asked is not None:
        return asked if isinstance(asked, int) else 0
    edits = work.base is not None or bool(work.references)
    if work.facts is None or (edits and work.count > 1):
        return 0  # images that go along are paid for with each request
    return min(work.previews, work.facts.most_previews)


def _end(ready: ReadyWork) -> int:
    return ready.calls[-1].first + ready.calls[-1].count


def _check_mask(work: ImageWork, mask: Mask) -> None:
    if work.base is None:
        raise InvalidRequestError("There is a mask and no image", "Choose the image that it belongs to.")
    if mask.size != work.base.size:
        raise InvalidRequestError(
            f"The mask is {_sides(mask.size)} and the image {_sides(work.base.size)}",
            "Use a mask of the image's own size.",
        )
    if mask.box is None:
        raise InvalidRequestError(
            "The mask is empty, so nothing may change", "Paint over what shall change, or take the mask away."
        )


def _sides(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
