"""Documents that are text, for services that take no files: they become part of the prompt."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import replace

from aiproxy_desktop.core.messages import MediaPart, Message, TextPart

_TEXT_TYPES = {
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/sql",
    "application/javascript",
    "application/x-javascript",
    "application/x-python",
    "application/x-sh",
}
_TEXT_SUFFIXES = ("+json", "+xml", "+yaml")


def document_text(part: MediaPart) -> str | None:
    """A text document with its name above it; None for one that is not text."""
    mime = part.mime.partition(";")[0].strip().lower()
    if part.kind != "document":
        return None
    if not (mime.startswith("text/") or mime in _TEXT_TYPES or mime.endswith(_TEXT_SUFFIXES)):
        return None
    utf16 = part.data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    text = part.data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
    return f"{part.name}:\n\n{text}" if part.name else text


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
