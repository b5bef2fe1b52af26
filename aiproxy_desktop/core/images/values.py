"""What is asked of an image model and what comes of it: one shape for every provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class ImageInput:
    """An image that goes along with a request."""

    data: bytes = field(repr=False)
    mime: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One request for images; with `images` it is an edit, whose first one is what is changed.

    `options` are the request's own fields by OpenAI's or Gemini's names (`size`, `quality`, `n`,
    `background`, `output_format`, `partial_images`, `aspect_ratio`, `image_size` …), checked before anything
    is sent.
    `mask` is a PNG of the first image's size; what is transparent in it is to be changed.
    """

    model: str
    prompt: str
    options: Mapping[str, Any] = field(default_factory=dict)
    images: tuple[ImageInput, ...] = ()
    mask: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """Tokens of one request as the service counted them; None is unknown.

    `output_image_tokens` are those of the output that are images, where the service tells them from words
    and thoughts.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_image_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ImagesStarted:
    """The provider is being asked."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class ImagePreview:
    """An image that is not done: `index` is which one (from 0), `step` how often it came before."""

    index: int
    step: int
    data: bytes = field(repr=False)
    mime: str


@dataclass(frozen=True, slots=True)
class ImageMade:
    """One finished image; `index` counts from 0. `revised_prompt` is what the model was truly asked.

    `url` is where it was fetched, of a server that gives addresses.
    """

    index: int
    data: bytes = field(repr=False)
    mime: str
    revised_prompt: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ImageWords:
    """What the model said besides."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagesFinished:
    """The end of it, always last. `cost` in US dollars; None where tokens or prices are not known.

    `notes` are sentences about options that were answered in another way than asked, by the option's name.
    `created` is when the service says that it was, in seconds since the epoch.
    """

    usage: ImageUsage | None = None
    cost: float | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    created: int | None = None


ImageEvent: TypeAlias = ImagesStarted | ImagePreview | ImageMade | ImageWords | ImagesFinished
