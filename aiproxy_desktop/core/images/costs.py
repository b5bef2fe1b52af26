"""What images cost, in US dollars: exactly once the service has counted, about before, and never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.values import ImageUsage
from aiproxy_desktop.core.models import Price

_MILLION = 1_000_000

# Output tokens of one image by quality and size, as OpenAI's guide to image generation lists them for
# gpt-image-1 and 1.5. Of later models only prices by the token are published.
_SQUARE, _TALL, _WIDE = "1024x1024", "1024x1536", "1536x1024"
_GPT_IMAGE_TOKENS: Mapping[str, Mapping[str, int]] = {
    "low": {_SQUARE: 272, _TALL: 408, _WIDE: 400},
    "medium": {_SQUARE: 1056, _TALL: 1584, _WIDE: 1568},
    "high": {_SQUARE: 4160, _TALL: 6240, _WIDE: 6208},
}
_BY_TOKENS = frozenset({"gpt-image-1", "gpt-image-1.5"})

# Dollars an image: developers.openai.com/api/docs/models/gpt-image-1-mini.
_MINI: Mapping[str, Mapping[str, float]] = {
    "low": {_SQUARE: 0.005, _TALL: 0.006, _WIDE: 0.006},
    "medium": {_SQUARE: 0.011, _TALL: 0.015, _WIDE: 0.015},
    "high": {_SQUARE: 0.036, _TALL: 0.052, _WIDE: 0.052},
}

# Output tokens of one image by resolution: ai.google.dev/gemini-api/docs/pricing, and for the flash model
# docs.cloud.google.com, gemini/3-1-flash-image. Without a resolution it is 1K.
_GEMINI_TOKENS: Mapping[str, Mapping[str, int]] = {
    "gemini-3-pro-image": {"1K": 1120, "2K": 1120, "4K": 2000},
    "gemini-3.1-flash-image": {"1K": 1120, "2K": 1680, "4K": 2520},
    "gemini-3.1-flash-lite-image": {"1K": 1120},
    "gemini-2.5-flash-image-preview": {"1K": 1290},
}


def cost(maker: str, model: str, usage: ImageUsage | None) -> float | None:
    """What a request cost, by the service's own count and the table's prices.

    Args:
        maker: whose model it is, as the table knows it.
        model: the maker's name for it.
        usage: the count.

    Returns:
        Dollars, or None where a count or a price is missing.
    """
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    prices = _prices(maker, model)
    if prices is None or usage.output_image_tokens is None:
        return None
    text, image = prices
    pictures = usage.input_image_tokens
    if pictures is None:
        # Where both cost the same, nobody need tell them apart.
        if text.input != image.input:
            return None
        pictures = 0
    counted = (
        (usage.input_tokens - pictures, text.input),
        (pictures, image.input),
        (usage.output_tokens - usage.output_image_tokens, text.output),
        (usage.output_image_tokens, image.output),
    )
    total = 0.0
    for tokens, price in counted:
        if tokens > 0 and price is None:
            return None
        total += max(0, tokens) * (price or 0.0)
    return total / _MILLION


def estimate(facts: ImageModelFacts, options: Mapping[str, Any], n: int | None = None) -> float | None:
    """About what images will cost, the prompt and images that go along not counted.

    Args:
        facts: the model's row.
        options: the request's own fields.
        n: how many images; by default what the options say, or one.

    Returns:
        Dollars for all of them; None where the maker does not publish it for this size and quality ("auto"
        says neither).
    """
    count = options.get("n", 1) if n is None else n
    each = _each(facts, options)
    return each * count if each is not None and isinstance(count, int) else None


def _each(facts: ImageModelFacts, options: Mapping[str, Any]) -> float | None:
    quality, size = str(options.get("quality")), str(options.get("size"))
    if facts.id == "gpt-image-1-mini":
        return _MINI.get(quality, {}).get(size)
    tokens: int | None
    if facts.id in _BY_TOKENS:
        tokens = _GPT_IMAGE_TOKENS.get(quality, {}).get(size)
    else:
        tokens = _GEMINI_TOKENS.get(facts.id, {}).get(options.get("image_size") or "1K")
    prices = _prices(facts.maker, facts.id)
    if tokens is None or prices is None or prices[1].output is None:
        return None
    return tokens * prices[1].output / _MILLION


def _prices(maker: str, model: str) -> tuple[Price, Price] | None:
    from aiproxy_desktop.core.catalog import bundled_catalog

    catalog = bundled_catalog()
    name = model.removeprefix("models/")
    return catalog.image_price(maker, name) or catalog.image_price(maker, name.removesuffix("-preview"))
