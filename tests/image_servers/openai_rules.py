"""What OpenAI's image models take, written down apart from the application's own table.

From the parameters of openai-python 3.57.0 (`image_generate_params`, `image_edit_params`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.image_servers.base import RefusedRequestError

MODELS = (
    "gpt-image-2.6-sunburst",
    "gpt-image-2.6-flare",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-flare",
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-1.5",
    "gpt-image-1-mini",
    "gpt-image-1",
    "dall-e-3",
    "dall-e-2",
)
_COMMON = {"model", "prompt", "n", "size", "user"}
_GPT = {
    *_COMMON,
    *("quality", "background", "output_format", "output_compression", "moderation", "safety_identifier"),
    *("stream", "partial_images"),
}
_SIZES = {
    "dall-e-2": {"256x256", "512x512", "1024x1024"},
    "dall-e-3": {"1024x1024", "1792x1024", "1024x1792"},
}
_GPT_SIZES = {"auto", "1024x1024", "1536x1024", "1024x1536"}


def check(given: Mapping[str, Any], *, edit: bool) -> None:
    """Refuse what the service would refuse.

    Raises:
        RefusedRequestError: with the field that is wrong.
    """
    model = str(given.get("model", ""))
    if model in MODELS:
        _check_known(model, given, edit=edit)
    prompt = given.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise RefusedRequestError("A prompt is required", "prompt")
    if len(prompt) > {"dall-e-2": 1000, "dall-e-3": 4000}.get(model, 32_000):
        raise RefusedRequestError("The prompt is too long", "prompt")
    most = 1 if model == "dall-e-3" else 10
    _need(given, "n", lambda value: 1 <= value <= most, int)


def fields_of(model: str, *, edit: bool) -> set[str]:
    """Which fields a request for a known model may have, files apart."""
    if model == "dall-e-3":
        return _COMMON | {"quality", "style", "response_format"}
    if model == "dall-e-2":
        return _COMMON | {"response_format"}
    return _GPT | ({"input_fidelity"} if edit and model == "gpt-image-1.5" else set())


def _check_known(model: str, given: Mapping[str, Any], *, edit: bool) -> None:
    if edit and model == "dall-e-3":
        raise RefusedRequestError("dall-e-3 edits no images", "model")
    unknown = set(given) - fields_of(model, edit=edit)
    if unknown:
        raise RefusedRequestError(f"Unknown parameter: {min(unknown)!r}", min(unknown))
    _need(given, "size", lambda value: _size_fits(model, value), str)
    qualities = {"auto", "low", "medium", "high"}
    if model == "dall-e-3":
        qualities = {"standard", "hd"}
    elif re.match(r"gpt-image-2\.[56]", model):
        qualities |= {"xhigh", "max"}
    _need(given, "quality", lambda value: value in qualities, str)
    _need(given, "background", lambda value: value in {"auto", "opaque", "transparent"}, str)
    _need(given, "output_format", lambda value: value in {"png", "jpeg", "webp"}, str)
    _need(given, "output_compression", lambda value: 0 <= value <= 100, int)
    _need(given, "moderation", lambda value: value in {"auto", "low"}, str)
    _need(given, "partial_images", lambda value: 0 <= value <= 3, int)
    _need(given, "input_fidelity", lambda value: value in {"high", "low"}, str)
    _need(given, "style", lambda value: value in {"vivid", "natural"}, str)
    kind = given.get("output_format", "png")
    if given.get("background") == "transparent" and kind == "jpeg":
        raise RefusedRequestError("Transparent needs png or webp", "background")
    if "output_compression" in given and kind == "png":
        raise RefusedRequestError("Compression must be 100 for png", "output_compression")
    if given.get("partial_images") and not given.get("stream"):
        raise RefusedRequestError("Partial images are only streamed", "partial_images")


def _size_fits(model: str, size: str) -> bool:
    if size in _SIZES.get(model, _GPT_SIZES):
        return True
    sides = re.fullmatch(r"(\d+)x(\d+)", size)
    if sides is None or not model.startswith("gpt-image-2"):
        return False
    wide, high = int(sides[1]), int(sides[2])
    if not wide or not high or wide % 16 or high % 16:
        return False
    return max(wide, high) <= 3 * min(wide, high) and wide * high <= 3840 * 2160 and max(wide, high) <= 3840


def _need(given: Mapping[str, Any], name: str, fits: Callable[[Any], bool], kind: type) -> None:
    if name not in given:
        return
    value = given[name]
    if not isinstance(value, kind) or isinstance(value, bool) or not fits(value):
        raise RefusedRequestError(f"Invalid value: {value!r} for {name!r}", name)
