"""Content of a message: text and media, in every shape that is in use for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from aiproxy_desktop.core.data_urls import check_size, decode_base64, parse_data_url
from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.media import (
    AUDIO_FORMATS,
    FORMATS,
    UnreadableMedia,
    identify,
    plain_type,
    type_by_name,
)
from aiproxy_desktop.core.messages import (
    Detail,
    HostedMediaPart,
    MediaKind,
    MediaLink,
    MediaPart,
    Part,
    ReasoningPart,
    TextPart,
)
from aiproxy_desktop.core.reading.checks import Budget, invalid, optional_text, quoted, sound_text, type_name

# Types of text parts, and the field that holds the text.
_TEXTS = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
_THOUGHTS = {"thinking": "thinking", "reasoning": "text"}

# Types of media parts: what each is taken for, and where besides a field of its own name the file may stand.
_MEDIA: dict[str, tuple[MediaKind, str]] = {
    **dict.fromkeys(("image_url", "input_image", "image"), ("image", "image_url")),
    **dict.fromkeys(("audio_url", "input_audio", "audio"), ("audio", "audio_url")),
    **dict.fromkeys(("video_url", "input_video", "video"), ("video", "video_url")),
    **dict.fromkeys(("pdf", "pdf_url"), ("document", "pdf_url")),
    **dict.fromkeys(("document", "document_url"), ("document", "document_url")),
    **dict.fromkeys(("file", "file_url", "input_file"), ("document", "file_url")),
}
_LABELS = {"pdf": "application/pdf", "pdf_url": "application/pdf"}
_DATA = ("data", "file_data", "base64", "b64_json", "bytes")
_PLACES = ("url", "uri", "file_uri", "file_url", "image_url", "path")
_TYPES = ("mime_type", "media_type", "mimeType", "mime", "format")
_NAMES = ("filename", "name", "title")

# What a provider reads from where it is: ai.google.dev/gemini-api/docs/video-understanding and /files.
_HOSTED = re.compile(
    r"gs://|https://generativelanguage\.googleapis\.com/[^?#]*files/"
    r"|https://(?:(?:www|m)\.)?youtube\.com/(?:watch\?|shorts/|live/)|https://youtu\.be/",
    re.IGNORECASE,
)
_DETAILS: tuple[Detail, ...] = get_args(Detail)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_PATH = re.compile(r"/|~|file:|[A-Za-z]:[\\/]|\\\\", re.IGNORECASE)


def read_content(content: Any, where: str, budget: Budget) -> tuple[Part, ...]:
    """The parts of a message's content: a text, or a list of texts and parts.

    Raises:
        InvalidRequestError: it is neither, or a part of it is none.
    """
    if isinstance(content, str):
        return (_text(content, where, budget),)
    if isinstance(content, Mapping):
        raise invalid(where, "has an object as its content", "Put the part into a list.")
    if not isinstance(content, list | tuple):
        raise invalid(where, f"has {type_name(content)} as its content", "Give a text or a list of parts.")
    return tuple(read_part(part, f"{where}, part {place},", budget) for place, part in enumerate(content, 1))


def read_part(part: Any, where: str, budget: Budget) -> Part:
    """One part of a message's content.

    Raises:
        InvalidRequestError: it is not a part that can be sent.
    """
    if isinstance(part, str):
        return _text(part, where, budget)
    if not isinstance(part, Mapping):
        raise invalid(where, f"is {type_name(part)}, not a part", "Give an object with a type.")
    kind = part.get("type", "text" if "text" in part else None)
    if isinstance(kind, str):
        if kind in _TEXTS:
            return _text(part.get(_TEXTS[kind]), where, budget)
        if kind in _THOUGHTS:
            return ReasoningPart(_text(part.get(_THOUGHTS[kind]), where, budget).text)
        if kind in _MEDIA:
            return _media(kind, part, where, budget)
    known = ", ".join((*_TEXTS, *_MEDIA))
    shown = f"is of the type {quoted(kind)}" if kind is not None else "has no type"
    raise invalid(where, f"{shown}, so that it cannot be sent", f"Known are {known}.")


def read_images(images: Any, where: str, budget: Budget) -> tuple[Part, ...]:
    """Images beside a message's content: parts, addresses, base64 texts or bytes.

    Raises:
        InvalidRequestError: it is no list, or one of them is no image.
    """
    if isinstance(images, str | bytes | Mapping):
        images = [images]
    if not isinstance(images, Iterable):
        raise invalid(where, f"has {type_name(images)} as its images", "Give a list of images.")
    return tuple(_image(image, f"{where}, image {place},", budget) for place, image in enumerate(images, 1))


def _image(image: Any, where: str, budget: Budget) -> Part:
    if isinstance(image, Mapping):
        return read_part({"type": "image", **image}, where, budget)
    if isinstance(image, str) and not re.match(r"data:|https?:|file:", image, re.IGNORECASE):
        return read_part({"type": "image", "data": image}, where, budget)
    return read_part({"type": "image", "image": image}, where, budget)


def _text(value: Any, where: str, budget: Budget) -> TextPart:
    if isinstance(value, str):
        budget.spend(len(value), where)
    return TextPart(sound_text(value, where))


def _media(kind_name: str, part: Mapping[str, Any], where: str, budget: Budget) -> Part:
    kind, field = _MEDIA[kind_name]
    spec = _spec(kind_name, field, part, where)
    found = _file(kind_name, kind, spec, where, budget)
    detail = _detail(spec, where)
    return replace(found, detail=detail) if detail else found


def _file(
    kind_name: str, kind: MediaKind, spec: Mapping[str, Any], where: str, budget: Budget
) -> MediaPart | MediaLink | HostedMediaPart:
    name = optional_text(_first(spec, _NAMES), where)
    label = _label(spec, kind, where) or _LABELS.get(kind_name, "")
    data, place, file_id = _first(spec, _DATA), _first(spec, _PLACES), spec.get("file_id")
    if data is None and isinstance(place, str) and place[:5].lower() == "data:":
        data = place
    try:
        if data is not None:
            return _inline(kind, data, label, name, where, budget)
        if place is not None:
            return _linked(kind, sound_text(place, where).strip(), label, name)
    except UnreadableMedia as found:
        raise invalid(where, found.what, found.advice) from None
    if file_id is not None:
        return HostedMediaPart(kind, label or type_by_name(name), sound_text(file_id, where))
    raise invalid(
        where,
        f"of the type “{kind_name}” holds no file",
        "Give its data, its url or the id of an uploaded file.",
    )


def _spec(kind_name: str, field: str, part: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """The fields that describe a file, wherever in the part they stand."""
    inner = part.get(kind_name, part.get(field))
    if inner is None:
        inner = part.get("source", part)
    if isinstance(inner, str):
        return {**part, "url": inner}
    if isinstance(inner, bytes | bytearray):
        return {**part, "data": inner}
    if not isinstance(inner, Mapping):
        raise invalid(where, f"has {type_name(inner)} as its file", "Give an object with url or data.")
    source = inner.get("source")
    spec = {**part, **inner, **(source if isinstance(source, Mapping) else {})}
    if spec.get("type") == "text" and isinstance(spec.get("data"), str):  # Anthropic's plain text documents
        spec["data"] = sound_text(spec["data"], where).encode()
    return spec


def _detail(spec: Mapping[str, Any], where: str) -> Detail:
    detail = optional_text(spec.get("detail"), where)
    for known in _DETAILS:
        if detail == known:
            return known
    shown = ", ".join(known for known in _DETAILS if known)
    raise invalid(where, f"has the detail {quoted(detail)}", f"Known are {shown}.")


def _label(spec: Mapping[str, Any], kind: MediaKind, where: str) -> str:
    label = optional_text(_first(spec, _TYPES), where).strip().lower()
    if not label or "/" in label:
        return plain_type(label)
    known = AUDIO_FORMATS if kind == "audio" else tuple(FORMATS)
    if label not in known:
        raise invalid(where, f"has the format {quoted(label)}", f"Formats taken are {', '.join(known)}.")
    return "audio/webm" if kind == "audio" and label == "webm" else FORMATS[label]


def _inline(kind: MediaKind, data: Any, label: str, name: str, where: str, budget: Budget) -> MediaPart:
    limit = budget.limits.of(kind)
    if isinstance(data, bytes | bytearray):
        check_size(len(data), limit)
        found = bytes(data)
    else:
        text = sound_text(data, where)
        if text[:5].lower() == "data:":
            own, found = parse_data_url(text, limit)
            label = plain_type(own) or label
        else:
            found = decode_base64(text, limit)
    budget.spend(len(found), where)
    return identify(kind, found, label, name)


def _linked(kind: MediaKind, place: str, label: str, name: str) -> MediaLink | HostedMediaPart:
    if _HOSTED.match(place):
        return HostedMediaPart(kind, label or type_by_name(place), place)
    if _ADDRESS.match(place):
        try:
            split_url(place)
        except InvalidEndpointError as error:
            # Not the error's title, which shows the whole address: it may hold a token.
            raise UnreadableMedia("links to what is no sound address", error.advice) from None
    elif not _PATH.match(place) or "\0" in place:
        raise UnreadableMedia(
            f"links to {quoted(place.partition('?')[0])}, which is neither an address nor a path",
            "Give a data URL, an address that begins with https:// or http://, or a whole path.",
        )
    return MediaLink(kind, place, label, name)


def _first(spec: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((spec[name] for name in names if spec.get(name) is not None), None)
