"""Image events as one answer, in the seed's shape."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.images.values import ImageEvent, ImageMade, ImagesFinished, ImageUsage, ImageWords


async def whole_answer(
    model: str, events: AsyncGenerator[ImageEvent], notes: Mapping[str, str]
) -> dict[str, Any]:
    """What came of a request once it has ended.

    Args:
        model: which model was asked.
        events: see `values`.
        notes: sentences about options that were left out before.

    Returns:
        model; created (seconds since the epoch, the service's own or this machine's); images, one
        {"data": bytes, "mime_type", "revised_prompt"} or a list of several; text, what the model said
        besides, or None; usage (None where the service did not say); cost in US dollars, None where it is not
        known; notes, a list of {"parameter", "sentence"}.

    Raises:
        AIProxyError: and nothing else.
    """
    images: list[dict[str, Any]] = []
    words: list[str] = []
    end = ImagesFinished()
    async with aclosing(events):
        async for event in events:
            if isinstance(event, ImageMade):
                images.append(_entry(event))
            elif isinstance(event, ImageWords):
                words.append(event.text)
            elif isinstance(event, ImagesFinished):
                end = event
    created = end.created
    if created is None:
        import time

        created = int(time.time())
    return {
        "model": model,
        "created": created,
        "images": images[0] if len(images) == 1 else images,
        "text": "".join(words) or None,
        "usage": _usage(end.usage),
        "cost": end.cost,
        "notes": [
            {"parameter": name, "sentence": sentence} for name, sentence in {**notes, **end.notes}.items()
        ],
    }


def refuse_previews(options: Mapping[str, Any]) -> None:
    """Unfinished images have no place in a whole answer.

    Raises:
        InvalidRequestError: they are asked for.
    """
    if options.get("partial_images"):
        raise InvalidRequestError(
            "Unfinished images come only while an answer is streamed",
            "Call stream_images() for them, or leave out partial_images.",
        )


def _entry(made: ImageMade) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "data": made.data,
        "mime_type": made.mime,
        "revised_prompt": made.revised_prompt or None,
    }
    return {**entry, "url": made.url} if made.url else entry


def _usage(usage: ImageUsage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    given, made = usage.input_tokens, usage.output_tokens
    found: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": made,
        "total_tokens": given + made if given is not None and made is not None else None,
    }
    if usage.input_text_tokens is not None or usage.input_image_tokens is not None:
        found["input_tokens_details"] = {
            "text_tokens": usage.input_text_tokens,
            "image_tokens": usage.input_image_tokens,
        }
    return found
