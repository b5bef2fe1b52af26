"""What tests of images share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from aiproxy_desktop.core import (
    CompletionClient,
)
from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.values import (
    ImageEvent,
)
from tests.image_servers.painting import encoded


async def events_of(client: CompletionClient, prompt: str, model: str, **options: Any) -> list[ImageEvent]:
    async with client.stream_images(prompt, model, **options) as events:
        return [event async for event in events]


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture no two neighbouring pixels of which are alike."""
    image = Image.radial_gradient("L").resize(size)
    return Image.merge("RGB", (image, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), image.rotate(90)))


def mask_with_hole(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), box)
    return encoded(mask)


def wishes(facts: ImageModelFacts) -> list[dict[str, Any]]:
    """Requests that together hold every word of a row."""
    rows: dict[str, Sequence[str]] = {
        "size": [size for size in facts.sizes if size != "4096x4096"],
        "quality": facts.qualities,
        "background": facts.backgrounds,
        "output_format": facts.formats,
        "moderation": facts.moderations,
        "style": facts.styles,
        "aspect_ratio": facts.aspect_ratios,
        "image_size": [one for one in facts.resolutions if one != "4K"],
    }
    found: list[dict[str, Any]] = [{name: word} for name, words in rows.items() for word in words]
    if facts.free_size:
        found.append({"size": "16x48"})
    if facts.formats:
        found += [{"output_format": "webp", "output_compression": 0}, {"user": "someone"}]
    return [*found, {"n": min(2, facts.most_images)}]
