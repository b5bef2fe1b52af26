"""Answers of OpenAI's image interface, as values. Nothing here waits; it is called on threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from aiproxy_desktop.core.data_urls import decode_base64
from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.images.values import ImageUsage
from aiproxy_desktop.core.media import UnreadableMedia
from aiproxy_desktop.core.wire_json import decode_json

# Ten of the largest are some 200 MB of base64.
MOST_BYTES = 256 * 1024 * 1024

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class _Image(msgspec.Struct, gc=False):
    """What sound services send: base64 is decoded on the way, in a tenth of the time that it takes after."""

    b64_json: bytes | None = None
    url: str | None = None
    revised_prompt: str | None = None


class _Whole(msgspec.Struct, gc=False):
    data: list[_Image] | None = None
    usage: Any = None
    created: Any = None
    error: Any = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    b64_json: bytes | None = None
    partial_image_index: Any = None
    usage: Any = None
    created_at: Any = None
    error: Any = None


_whole_decoder = msgspec.json.Decoder(_Whole)
_event_decoder = msgspec.json.Decoder(_Event)


@dataclass(frozen=True, slots=True)
class Row:
    """One image of an answer: its bytes, None where they cannot be read, or where it is."""

    data: bytes | None = field(default=None, repr=False)
    url: str = ""
    revised_prompt: str = ""

    def image(self, label: str, provider: str) -> bytes:
        """The bytes.

        Raises:
            ProtocolError: there are none that can be read.
        """
        if self.data is None:
            raise ProtocolError(
                f"{label} sent an image that cannot be read",
                "It did not come whole. Nothing of it was kept; try again.",
                provider=provider,
            )
        return self.data


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    rows: tuple[Row, ...]
    usage: ImageUsage | None = None
    created: int | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class StreamedImage:
    """One event of a stream: an unfinished image with its `step`, a finished one, or a refusal."""

    row: Row
    step: int | None = None
    usage: ImageUsage | None = None
    created: int | None = None
    refusal: Refusal | None = None


def read_answer(content: bytes) -> Answer:
    """An answer that came as one JSON value.

    Raises:
        ProtocolError: it is not JSON.
    """
    try:
        sound = _whole_decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_any_answer(content)
    if sound.error:
        return Answer((), refusal=read_refusal(content) or Refusal())
    rows = tuple(Row(one.b64_json, one.url or "", one.revised_prompt or "") for one in sound.data or ())
    return Answer(rows, _usage(sound.usage), _count(sound.created))


def _read_any_answer(content: bytes) -> Answer:
    """An answer of another shape, or whose images cannot be read."""
    value = decode_json(_any_decoder, content)
    if not isinstance(value, Mapping):
        return Answer(())
    if value.get("error"):
        return Answer((), refusal=read_refusal(content) or Refusal())
    rows = value.get("data")
    found = tuple(_row(row) for row in rows) if isinstance(rows, list) else ()
    return Answer(found, _usage(value.get("usage")), _count(value.get("created")))


def read_event(data: bytes) -> StreamedImage | None:
    """One event of a stream; None for what is not known, and for the end.

    Raises:
        ProtocolError: it is not JSON.
    """
    if not data.strip() or data.strip() == b"[DONE]":
        return None
    try:
        event = _event_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_any_event(data)
    if event.error or event.type == "error":
        return StreamedImage(Row(), refusal=read_refusal(data) or Refusal())
    row = Row(event.b64_json)
    if event.type.endswith(".partial_image"):
        return StreamedImage(row, _count(event.partial_image_index) or 0)
    if event.type.endswith(".completed"):
        return StreamedImage(row, None, _usage(event.usage), _count(event.created_at))
    return None


def _read_any_event(data: bytes) -> StreamedImage | None:
    """An event of another shape, or whose image cannot be read."""
    value = decode_json(_any_decoder, data)
    if not isinstance(value, Mapping):
        return None
    kind = str(value.get("type", ""))
    if value.get("error") or kind == "error":
        return StreamedImage(Row(), refusal=read_refusal(data) or Refusal())
    if kind.endswith(".partial_image"):
        return StreamedImage(_row(value), _count(value.get("partial_image_index")) or 0)
    if kind.endswith(".completed"):
        return StreamedImage(_row(value), None, _usage(value.get("usage")), _count(value.get("created_at")))
    return None


def _row(value: Any) -> Row:
    fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    encoded, url, revised = fields.get("b64_json"), fields.get("url"), fields.get("revised_prompt")
    words = revised if isinstance(revised, str) else ""
    if isinstance(encoded, str) and (encoded or not url):
        try:
            if encoded.startswith("data:"):
                encoded = encoded[encoded.find(",") + 1 :]
            return Row(decode_base64(encoded, MOST_BYTES), "", words)
        except UnreadableMedia:
            return Row(None, "", words)
    return Row(None, url if isinstance(url, str) else "", words)


def _usage(value: Any) -> ImageUsage | None:
    if not isinstance(value, Mapping):
        return None
    given, made = _details(value, "input_tokens_details"), _details(value, "output_tokens_details")
    output = _count(value.get("output_tokens"))
    # Without details what comes out is images alone (`image_gen_completed_event.Usage`).
    pictures = _count(made.get("image_tokens")) if made else output
    return ImageUsage(
        _count(value.get("input_tokens")),
        output,
        _count(given.get("text_tokens")),
        _count(given.get("image_tokens")),
        pictures,
    )


def _details(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
