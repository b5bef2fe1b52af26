"""Image events as answers of `/v1/images/…`, whole or as server-sent events.

The shapes are those of openai-python 3.57.0 (`images_response`, `image_gen_stream_event`,
`image_edit_stream_event`). Over and above them: `model`, `provider`, `cost` in US dollars, `notes` (what was
left out or came otherwise than asked) and `text` (what the model said besides).
"""

from __future__ import annotations

import time
from binascii import b2a_base64
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.images.inputs import dimensions
from aiproxy_desktop.core.images.values import (
    ImageEvent,
    ImageMade,
    ImagePreview,
    ImagesFinished,
    ImageUsage,
    ImageWords,
)
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.images.body import ImageAsk
from aiproxy_desktop.server.streaming import named_event


class ImageAnswer:
    """What came of one request so far."""

    def __init__(self, asked: ImageAsk, reference: str, notes: Mapping[str, str]) -> None:
        """Begin.

        Args:
            asked: the request.
            reference: `provider:model` of whoever answers it.
            notes: sentences about options that were left out, by name.
        """
        self._asked, self._notes = asked, dict(notes)
        self._provider, _, self._model = reference.partition(":")
        self._made: list[ImageMade] = []
        self._words: list[str] = []
        self.end = ImagesFinished()

    def take(self, event: ImageEvent) -> None:
        """One more event."""
        if isinstance(event, ImageMade):
            self._made.append(event)
        elif isinstance(event, ImageWords):
            self._words.append(event.text)
        elif isinstance(event, ImagesFinished):
            self.end = event
            self._notes |= event.notes

    async def whole(self) -> bytes:
        """All of it as JSON; megabytes of base64 are made on a thread."""
        sizes = {_size(one.data) for one in self._made}
        kinds = {_format(one.mime) for one in self._made}
        value = {
            "created": self._created(),
            "background": self._said("background"),
            "output_format": kinds.pop() if len(kinds) == 1 else None,
            "quality": self._said("quality"),
            "size": sizes.pop() if len(sizes) == 1 else None,
            "usage": usage_entry(self.end.usage, words_alone=not self._asked.images),
            **self._beside(),
        }
        made, as_url = sorted(self._made, key=lambda one: one.index), self._asked.as_url
        return await on_thread(lambda: encode_json(value | {"data": [_entry(one, as_url) for one in made]}))

    async def frames(self, events: AsyncGenerator[ImageEvent]) -> AsyncGenerator[bytes]:
        """The events of a stream as they come.

        Each image waits for what follows it, since the last one tells the count of tokens of all.
        """
        kind = "image_edit" if self._asked.images else "image_generation"
        waiting: ImageMade | None = None
        async for event in events:
            self.take(event)
            if isinstance(event, ImagePreview):
                fields = self._fields(event.data, event.mime)
                fields |= {"partial_image_index": event.step, "image_index": event.index}
                yield await _frame(f"{kind}.partial_image", fields)
            elif isinstance(event, ImageMade):
                if waiting is not None:
                    yield await _frame(f"{kind}.completed", self._completed(waiting))
                waiting = event
        if waiting is not None:
            last = self._completed(waiting) | {
                "usage": usage_entry(self.end.usage, words_alone=not self._asked.images),
                **self._beside(),
            }
            yield await _frame(f"{kind}.completed", last)

    def _completed(self, made: ImageMade) -> dict[str, Any]:
        fields = self._fields(made.data, made.mime) | {"usage": None, "image_index": made.index}
        return fields | ({"revised_prompt": made.revised_prompt} if made.revised_prompt else {})

    def _fields(self, data: bytes, mime: str) -> dict[str, Any]:
        return {
            "b64_json": data,
            "created_at": self._created(),
            "background": self._said("background") or "auto",
            "output_format": _format(mime),
            "quality": self._said("quality") or "auto",
            "size": _size(data) or self._said("size") or "auto",
        }

    def _beside(self) -> dict[str, Any]:
        notes = [{"parameter": name, "sentence": sentence} for name, sentence in self._notes.items()]
        said = {"text": "".join(self._words)} if self._words else {}
        names = {"model": self._model, "provider": self._provider}
        return {**names, "cost": self.end.cost, "notes": notes, **said}

    def _created(self) -> int:
        return int(time.time()) if self.end.created is None else self.end.created

    def _said(self, name: str) -> str | None:
        """What was asked for, where that says what came."""
        value = self._asked.options.get(name)
        return value if isinstance(value, str) and value != "auto" and name not in self._notes else None


def usage_entry(usage: ImageUsage | None, *, words_alone: bool) -> dict[str, Any] | None:
    """Tokens in OpenAI's words; None for what nobody counted.

    Args:
        usage: as the service counted.
        words_alone: whether no image was given, so that all that went in are tokens of text.
    """
    if usage is None or usage == ImageUsage():
        return None
    if words_alone and usage.input_text_tokens is None:
        usage = replace(usage, input_text_tokens=usage.input_tokens, input_image_tokens=0)
    given, made, pictures = usage.input_tokens, usage.output_tokens, usage.output_image_tokens
    entry: dict[str, Any] = {
        "input_tokens": given,
        "input_tokens_details": {
            "text_tokens": usage.input_text_tokens,
            "image_tokens": usage.input_image_tokens,
        },
        "output_tokens": made,
        "total_tokens": None if given is None or made is None else given + made,
    }
    if pictures is not None:
        words = None if made is None else max(0, made - pictures)
        entry["output_tokens_details"] = {"image_tokens": pictures, "text_tokens": words}
    return entry


def _entry(made: ImageMade, as_url: bool) -> dict[str, Any]:
    # Nothing that was made is kept here, so that its address is the image itself.
    entry: dict[str, Any] = {"b64_json": made.data}
    if as_url:
        entry = {"url": f"data:{made.mime};base64,{b2a_base64(made.data, newline=False).decode()}"}
    return entry | ({"revised_prompt": made.revised_prompt} if made.revised_prompt else {})


def _format(mime: str) -> str:
    return mime.partition("/")[2]


def _size(data: bytes) -> str | None:
    size = dimensions(data)
    return None if size is None else f"{size[0]}x{size[1]}"


async def _frame(kind: str, fields: Mapping[str, Any]) -> bytes:
    return await on_thread(lambda: named_event(kind, fields), "image-frame")
