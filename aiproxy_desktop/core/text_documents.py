"""Documents that are text: services read them as part of the prompt, whether or not they take files."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import replace

from aiproxy_desktop.core.media import is_text, plain_type
from aiproxy_desktop.core.messages import HostedMediaPart, MediaLink, MediaPart, Message, TextPart


def is_text_document(part: MediaPart | MediaLink | HostedMediaPart) -> bool:
    """Whether a part is a document of text."""
    return part.kind == "document" and is_text(plain_type(part.mime))


def text_in(data: bytes) -> str:
    """The text of a document: UTF-8, UTF-16 with its mark, else Latin-1, which reads anything."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def titled_text(part: MediaPart) -> str:
    """The text of a document with its name above it."""
    text = text_in(part.data)
    return f"{part.name}:\n\n{text}" if part.name else text


def document_text(part: MediaPart) -> str | None:
    """A text document with its name above it; None for one that is not text."""
    return titled_text(part) if is_text_document(part) else None


def with_documents_as_text(message: Message) -> Message:
    """The message with its text documents turned into text parts."""
    texts = {
        place: text
        for place, part in enumerate(message.parts)
        if isinstance(part, MediaPart) and (text := document_text(part)) is not None
    }
    if not texts:
        return message
    parts = (TextPart(texts[at]) if at in texts else part for at, part in enumerate(message.parts))
    return replace(message, parts=tuple(parts))
