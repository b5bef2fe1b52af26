"""What an answer cost, from the provider's count and the price of the model. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.registry import Registry

_MILLION = 1_000_000

# From a provider's id and its own name of a model to what is known of it.
Describe: TypeAlias = Callable[[str, str], ModelInfo]


def describe_from(registry: Registry) -> Describe:
    """What a provider lists goes first, then the bundled table."""
    return registry.describe


def cost_of(usage: Usage | None, model: ModelInfo | None) -> float | None:
    """US dollars: 0 is free, None is unknown. Models on this machine are free, counted or not."""
    if model is None:
        return None
    if model.free:
        return 0.0
    price = model.price
    if usage is None or price is None or price.input is None or price.output is None:
        return None
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    if usage.output_image_tokens:
        # A picture's tokens have a price of their own, many times that of words.
        from aiproxy_desktop.core.images.costs import cost
        from aiproxy_desktop.core.images.values import ImageUsage

        images = usage.output_image_tokens
        counted = ImageUsage(usage.input_tokens, usage.output_tokens, output_image_tokens=images)
        return cost(model.maker, model.id, counted)
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    cached_price = price.input if price.cached_input is None else price.cached_input
    whole = (usage.input_tokens - cached) * price.input + cached * cached_price
    return (whole + usage.output_tokens * price.output) / _MILLION
