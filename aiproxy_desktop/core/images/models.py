"""What each image model takes, as data.

OpenAI's rows are those of openai-python 3.57.0 (`image_generate_params`, `image_edit_params`), Gemini's those
of google-genai 3.6.1 (`types.ImageConfig`). The seed's three ids keep the seed's capabilities: OpenAI has
retired them, compatible servers and Azure still serve them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any


class ImageModel(StrEnum):
    """Image models by name; any other id may be given as text."""

    DALLE_2 = "dall-e-2"
    DALLE_3 = "dall-e-3"
    GPT_IMAGE_1 = "gpt-image-1"
    GPT_IMAGE_1_MINI = "gpt-image-1-mini"
    GPT_IMAGE_1_5 = "gpt-image-1.5"
    GPT_IMAGE_2 = "gpt-image-2"
    GPT_IMAGE_2_5_SUNBURST = "gpt-image-2.5-sunburst"
    GPT_IMAGE_2_5_FLARE = "gpt-image-2.5-flare"
    GPT_IMAGE_2_6_SUNBURST = "gpt-image-2.6-sunburst"
    GPT_IMAGE_2_6_FLARE = "gpt-image-2.6-flare"
    GEMINI_3_1_FLASH_IMAGE = "gemini-3.1-flash-image"
    GEMINI_3_1_FLASH_LITE_IMAGE = "gemini-3.1-flash-lite-image"
    GEMINI_3_PRO_IMAGE = "gemini-3-pro-image"
    GEMINI_NANO_BANANA_2_1 = "gemini-nano-banana-2.1"


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
    characters; `fields` are what its requests may hold besides model, prompt and n, `edit_fields` what those
    with images may hold. `most_images` is how many can be had of one call (of Gemini by several requests at
    once), `most_inputs` how many images go along with an edit (0: it edits none), `masks` whether it takes a
    mask, `most_previews` how many unfinished images can be had. `aspect_ratios` and `resolutions` are
    Gemini's way to say a size. `retired_on` is the day on which its maker ends it, passed or to come.
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

    @property
    def edit_fields(self) -> frozenset[str]:
        """What a request with images may hold besides model, prompt and n."""
        return (self.fields | _EDIT_ALONE if self.fidelities else self.fields) - _GENERATE_ALONE


_EDIT_ALONE = frozenset({"input_fidelity"})
_GENERATE_ALONE = frozenset({"moderation", "style"})

_GPT_FIELDS = frozenset(
    {"size", "quality", "background", "output_format", "output_compression", "moderation", "partial_images"}
    | {"user", "safety_identifier"}
)
_GPT_QUALITIES = ("auto", "low", "medium", "high")
_FINE_QUALITIES = (*_GPT_QUALITIES, "xhigh", "max")
_GPT_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
_GPT_FEATURES = ("text-to-image", "image-to-image", "edit", "mask", "token-pricing")
_GEMINI_FEATURES = ("text-to-image", "image-to-image", "edit", "fusion", "token-pricing")
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9")


def _gpt_image(model: str, **changed: Any) -> ImageModelFacts:
    facts = ImageModelFacts(
        model,
        _GPT_SIZES,
        _GPT_QUALITIES,
        _GPT_FEATURES,
        max_prompt=32_000,
        most_images=10,
        fields=_GPT_FIELDS,
        edits=True,
        masks=True,
        most_inputs=16,
        most_previews=3,
        backgrounds=("auto", "opaque", "transparent"),
        formats=("png", "jpeg", "webp"),
        moderations=("auto", "low"),
    )
    return replace(facts, **changed)


def _gemini_image(model: str, **changed: Any) -> ImageModelFacts:
    facts = ImageModelFacts(
        model,
        sizes=(),
        qualities=(),
        features=_GEMINI_FEATURES,
        max_prompt=100_000,  # its bound is in tokens, 32,768 and more
        most_images=4,
        fields=frozenset({"aspect_ratio", "image_size"}),
        edits=True,
        maker="gemini",
        most_inputs=14,  # ai.google.dev/gemini-api/docs/image-generation
        aspect_ratios=_RATIOS,
        resolutions=("1K", "2K", "4K"),
    )
    return replace(facts, **changed)


IMAGE_MODELS: tuple[ImageModelFacts, ...] = (
    _gpt_image("gpt-image-2.6-sunburst", free_size=True, qualities=_FINE_QUALITIES),
    _gpt_image("gpt-image-2.6-flare", free_size=True, qualities=_FINE_QUALITIES),
    _gpt_image("gpt-image-2.5-sunburst", free_size=True, qualities=_FINE_QUALITIES),
    _gpt_image("gpt-image-2.5-flare", free_size=True, qualities=_FINE_QUALITIES),
    _gpt_image("gpt-image-2", free_size=True),
    _gpt_image("gpt-image-1.5", fidelities=("low", "high"), retired_on=date(2026, 12, 1)),
    _gpt_image("gpt-image-1-mini", retired_on=date(2026, 12, 1)),
    _gpt_image(
        "gpt-image-1",
        sizes=(*_GPT_SIZES, "4096x4096"),
        features=(*_GPT_FEATURES, "4K"),
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
        styles=("vivid", "natural"),
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
        masks=True,
        most_inputs=1,
    ),
    _gemini_image("gemini-3.1-flash-image"),
    _gemini_image("gemini-3.1-flash-lite-image"),
    _gemini_image("gemini-3-pro-image"),
    _gemini_image("gemini-nano-banana-2.1"),
    # The seed's; it knows one resolution.
    _gemini_image("gemini-2.5-flash-image-preview", fields=frozenset({"aspect_ratio"}), resolutions=()),
)

_BY_ID = {facts.id: facts for facts in IMAGE_MODELS}
# The seed's other names for its Gemini model.
_ALIASES = dict.fromkeys(("gemini-2.5-flash-image", "g2.5-flash-image"), "gemini-2.5-flash-image-preview")
_PREVIEW = "-preview"
# What Gemini, routers and proxies write before a maker's own id.
_OWNERS = frozenset({"models", "openai", "azure", "google", "gemini"})


def image_model_facts(model: str) -> ImageModelFacts | None:
    """What is known of a model, dated ids (`gpt-image-2-2026-04-21`) included; None where nothing is."""
    owner, _, name = model.lower().rpartition("/")
    if owner and owner not in _OWNERS:
        return None
    name = _ALIASES.get(name, name)
    known = _BY_ID.get(name) or _BY_ID.get(name.removesuffix(_PREVIEW))
    if known is not None:
        return known
    head, *dated = name.rsplit("-", 3)
    return _BY_ID.get(head) if len(dated) == 3 and all(part.isdigit() for part in dated) else None
