"""What each image model takes, as data.

The seed's three ids keep the seed's capabilities: OpenAI has retired them (dall-e-2 and dall-e-3 on
2026-05-12, gpt-image-1 on 2026-10-23), compatible servers still serve them. The rest is from
openai-python 3.54.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ImageModel(StrEnum):
    """Image models by name; any other id may be given as text."""

    DALLE_2 = "dall-e-2"
    DALLE_3 = "dall-e-3"
    GPT_IMAGE_1 = "gpt-image-1"
    GPT_IMAGE_2 = "gpt-image-2"
    GPT_IMAGE_2_5_SUNBURST = "gpt-image-2.5-sunburst"
    GPT_IMAGE_2_5_FLARE = "gpt-image-2.5-flare"
    GPT_IMAGE_2_6_SUNBURST = "gpt-image-2.6-sunburst"
    GPT_IMAGE_2_6_FLARE = "gpt-image-2.6-flare"


class ImageSize(StrEnum):
    """Sizes by name, width x height in pixels; any other may be given as text."""

    AUTO = "auto"
    SMALL = "256x256"
    MEDIUM = "512x512"
    SQUARE = "1024x1024"
    LARGE = "1024x1024"  # the seed has two names for it
    LANDSCAPE = "1792x1024"
    PORTRAIT = "1024x1792"
    GPT_SQUARE = "1024x1024"  # the seed has two names for it
    GPT_LANDSCAPE = "1536x1024"
    GPT_PORTRAIT = "1024x1536"
    GPT_HIGH_RES = "4096x4096"


class ImageQuality(StrEnum):
    """Qualities; which ones a model takes is in its row."""

    STANDARD = "standard"
    HD = "hd"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"
    AUTO = "auto"


class ImageStyle(StrEnum):
    """Styles of dall-e-3."""

    VIVID = "vivid"
    NATURAL = "natural"


@dataclass(frozen=True, slots=True)
class ImageModelFacts:
    """What one model takes; an empty tuple means that it has no such option.

    With `free_size` it takes other sizes than `sizes`, within the bounds of `requests`. `max_prompt` is in
    characters; `fields` are what its requests may hold besides model, prompt and n. `most_inputs` is how many
    images go along with an edit (0: it edits none), `masks` whether it takes a mask, `most_previews` how many
    unfinished images can be had. `aspect_ratios` and `resolutions` are Gemini's way to say a size.
    """

    id: str
    sizes: tuple[str, ...]
    qualities: tuple[str, ...]
    features: tuple[str, ...]
    max_prompt: int
    most_images: int
    fields: frozenset[str]
    edits: bool
    free_size: bool = False
    retired_on: date | None = None
    maker: str = "openai"
    masks: bool = False
    most_inputs: int = 0
    most_previews: int = 0
    backgrounds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    moderations: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    fidelities: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()


_GPT_FIELDS = frozenset(
    {"size", "quality", "background", "output_format", "output_compression", "moderation", "user"}
)
_GPT_QUALITIES = ("auto", "low", "medium", "high")
_GPT_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
_GPT_FEATURES = ("text-to-image", "image-to-image", "edit", "mask", "token-pricing")


def _gpt_image(model: str, *qualities: str) -> ImageModelFacts:
    return ImageModelFacts(
        model, _GPT_SIZES, (*_GPT_QUALITIES, *qualities), _GPT_FEATURES, 32_000, 10, _GPT_FIELDS, True, True
    )


IMAGE_MODELS: tuple[ImageModelFacts, ...] = (
    _gpt_image("gpt-image-2.6-sunburst", "xhigh", "max"),
    _gpt_image("gpt-image-2.6-flare", "xhigh", "max"),
    _gpt_image("gpt-image-2.5-sunburst", "xhigh", "max"),
    _gpt_image("gpt-image-2.5-flare", "xhigh", "max"),
    _gpt_image("gpt-image-2"),
    ImageModelFacts(
        "gpt-image-1",
        (*_GPT_SIZES, "4096x4096"),
        _GPT_QUALITIES,
        (*_GPT_FEATURES, "4K"),
        32_000,
        10,
        _GPT_FIELDS,
        edits=True,
        retired_on=date(2026, 10, 23),
    ),
    ImageModelFacts(
        "dall-e-3",
        ("1024x1024", "1792x1024", "1024x1792"),
        ("standard", "hd"),
        ("text-to-image", "styles", "quality"),
        4_000,
        1,
        frozenset({"size", "quality", "style", "response_format", "user"}),
        edits=False,
        retired_on=date(2026, 5, 12),
    ),
    ImageModelFacts(
        "dall-e-2",
        ("256x256", "512x512", "1024x1024"),
        (),
        ("text-to-image", "edit", "variations"),
        1_000,
        10,
        frozenset({"size", "response_format", "user"}),
        edits=True,
        retired_on=date(2026, 5, 12),
    ),
)

_BY_ID = {facts.id: facts for facts in IMAGE_MODELS}


def image_model_facts(model: str) -> ImageModelFacts | None:
    """What is known of a model, dated ids (`gpt-image-2-2026-04-21`) included; None where nothing is."""
    known = _BY_ID.get(model)
    if known is not None:
        return known
    head, *dated = model.rsplit("-", 3)
    return _BY_ID.get(head) if len(dated) == 3 and all(part.isdigit() for part in dated) else None
