"""Files that a person chose to send: read without waiting for anything, known by what is in them. No Qt."""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.errors import MediaError, RequestError
from aiproxy_desktop.core.media import (
    MIB,
    USUAL_LIMITS,
    UnreadableMedia,
    identify,
    is_text,
    kind_of,
    sniff,
    type_by_name,
)
from aiproxy_desktop.core.messages import MediaKind
from aiproxy_desktop.storage.records import AttachmentKind

# UTF-8, of one text: as much as a message may have.
MAX_TEXT_BYTES = 8 * MIB

# What the type of a file is told by, before all of it is read.
_HEAD_BYTES = 4096
_MAX_NAME = 200
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

# What people attach by mistake, or under another name.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"SQLite format 3\0", "a database"),
)
# No text holds these, whatever it is written in.
_CONTROLS = frozenset((*range(0x20), 0x7F)) - frozenset(b"\t\n\r\f\x1b")
# At most every fifth letter.
_ACCENTS_IN = 5
# Joiners are part of names in some scripts; other invisible characters only mislead.
_JOINERS = "\u200c\u200d"
_KIND_WORDS = {"image": "an image", "audio": "a sound", "video": "a film", "document": "a document"}
_MANY = {"image": "of an image", "audio": "of a sound", "video": "of a film", "document": "of a document"}


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """What a file turned out to be. `data` of text is UTF-8 without a mark, whatever it was written in."""

    name: str
    kind: AttachmentKind
    mime: str
    data: bytes

    @property
    def media_kind(self) -> MediaKind:
        """Its kind as the core says it: text is a document."""
        return "document" if self.kind == "text" else self.kind


def read_chosen(
    path: Path,
    shown: str = "",
    *,
    name: str = "",
    text_limit: int = MAX_TEXT_BYTES,
    text_only: bool = False,
) -> ChosenFile:
    """Read a file and find out what it is. It blocks for as long as the disk does: call it on a thread.

    Links are followed. What is no regular file (a pipe, a device, a socket) is not even opened.

    Args:
        path: the file.
        shown: how errors call it; by default its name in quotation marks.
        name: what it is called from now on, instead of its own name.
        text_limit: bytes that a text may have.
        text_only: refuse all else before it is read.

    Raises:
        RequestError: it cannot be read, is empty, or is nothing that can be sent.
        MediaError: it is too large for what it is.
    """
    shown = shown or f"“{clean_name(path.name)}”"
    try:
        _check_regular(path.stat(), shown)
        with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123 - O_NONBLOCK: a pipe put there meanwhile must not hold us
            status = os.fstat(file.fileno())
            _check_regular(status, shown)
            head = file.read(_HEAD_BYTES)
            kind = _kind(head, path.name)
            if text_only and kind != "text":
                raise RequestError(f"{shown} is not text", "Choose another file.")
            limit = text_limit if kind == "text" else USUAL_LIMITS.of(kind)
            _check_size(status.st_size, limit, kind, shown)
            data = head + file.read(limit + 1 - len(head))
    except (OSError, ValueError) as error:  # ValueError: a path that no system call takes
        raise unreadable(error, shown) from error
    _check_size(len(data), limit, kind, shown)
    return recognise(data, name or path.name, shown, text_limit=text_limit)


def read_bounded(path: Path, shown: str, most: int) -> bytes:
    """All bytes of a regular file, whatever they are; it blocks for as long as the disk does.

    Args:
        path: the file; links are followed.
        shown: how errors call it.
        most: bytes that it may have.

    Raises:
        RequestError: it cannot be read, or is empty.
        MediaError: it is too large.
    """
    try:
        _check_regular(path.stat(), shown)
        with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123 - as above
            status = os.fstat(file.fileno())
            _check_regular(status, shown)
            data = file.read(most + 1) if status.st_size <= most else b""
    except (OSError, ValueError) as error:
        raise unreadable(error, shown) from error
    if not data or len(data) > most:
        size = max(status.st_size, len(data))
        raise MediaError(
            f"{shown} is too large ({size_text(size)})", f"At most {most // MIB} MiB can be opened."
        )
    return data


def recognise(data: bytes, name: str, shown: str = "", *, text_limit: int = MAX_TEXT_BYTES) -> ChosenFile:
    """Find out what bytes are: by themselves first, by their name where they leave it open.

    Raises:
        RequestError: they are none, or nothing that can be sent.
        MediaError: they are too many for what they are.
    """
    shown = shown or f"“{clean_name(name)}”"
    if not data:
        raise RequestError(f"{shown} is empty", "Choose another file.")
    named = type_by_name(name)
    kind = _kind(data[:_HEAD_BYTES], name)
    _check_size(len(data), text_limit if kind == "text" else USUAL_LIMITS.of(kind), kind, shown)
    if kind == "text":
        text = decoded(data)
        if text is None and is_text(named):
            text = _of_older_windows(data)
        if text is None:
            raise _no_text(data, named, shown)
        if not text:  # a mark of its encoding, and nothing after it
            raise RequestError(f"{shown} is empty", "Choose another file.")
        mime = named if is_text(named) else "text/plain"
        return ChosenFile(clean_name(name), "text", mime, text.encode("utf-8"))
    try:
        part = identify(_called(kind, named), data, named)
    except UnreadableMedia as found:
        raise MediaError(f"{shown} {found.what}", found.advice) from None
    return ChosenFile(clean_name(name), part.kind, part.mime, data)


def decoded(data: bytes) -> str | None:
    """Text in UTF-8, or in UTF-16 with its mark; None where it is neither."""
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = data.decode("utf-16")
        elif b"\0" in data:
            return None
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _of_older_windows(data: bytes) -> str | None:
    """Text in Windows' western code page, as spreadsheets still write it; None where there are signs of none.

    Only for files whose name says that they are text: almost any bytes can be read so. Accents are few in the
    languages it is for; where they are many, it is another code page, and to be read wrong is worse than not.
    """
    accents = sum(byte >= 0x80 for byte in data)
    if accents * _ACCENTS_IN > len(data) or _CONTROLS.intersection(data):
        return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return None


def clean_name(name: str) -> str:
    """A file name that can be shown and stored: valid, visible, of bounded length."""
    valid = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    seen = "".join(char if char.isprintable() or char in _JOINERS else "\ufffd" for char in valid)
    if len(seen) <= _MAX_NAME:
        return seen or "file"
    stem, dot, ending = seen.rpartition(".")
    ending = dot + ending if stem and len(ending) <= 8 else ""
    return seen[: _MAX_NAME - len(ending) - 1] + "…" + ending


def known_as(head: bytes) -> str:
    """What bytes that are no media are, in words with an article, by how they begin; empty where unknown."""
    return next((words for mark, words in _OTHERS if head.startswith(mark)), "")


def size_text(size: int) -> str:
    """Bytes as people count them: 512 bytes, 184 KB, 3.2 MB, 1.5 GB."""
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    for unit, factor in (("KB", 1000), ("MB", 1000**2), ("GB", 1000**3)):
        value = size / factor
        if value < 999.5 or unit == "GB":
            return f"{value:.1f} {unit}" if value < 9.95 and unit != "KB" else f"{value:,.0f} {unit}"
    raise AssertionError  # the last unit always returns


def unreadable(error: OSError | ValueError, shown: str) -> RequestError:
    """The system's refusal in words."""
    if isinstance(error, FileNotFoundError):
        return RequestError(
            f"{shown} cannot be read: it is not there (any more)", "Look where it is, and choose it again."
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is none"
    return RequestError(f"{shown} cannot be read ({reason})", "Choose another file.")


def _kind(head: bytes, name: str) -> AttachmentKind:
    """What a file seems to be by its first bytes; text is what is left, and may prove not to be."""
    found = sniff(head)
    if found:
        kind = kind_of(found)
        return _called(kind, type_by_name(name)) if found in {"video/mp4", "video/webm"} else kind
    named = type_by_name(name)
    # The name decides where the marks are too short to do so alone.
    if named == "image/bmp" and head.startswith(b"BM"):
        return "image"
    if named.startswith("audio/") and head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0:
        return "text" if head.startswith(codecs.BOM_UTF16_LE) else "audio"
    return "text"


def _called(kind: MediaKind, named: str) -> MediaKind:
    """Sound in a container that films use as well is a sound where its name says so."""
    return "audio" if kind == "video" and named.startswith("audio/") else kind


def _check_regular(status: os.stat_result, shown: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise RequestError(f"{shown} cannot be read: it is a folder", "Choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise RequestError(f"{shown} cannot be read: it is a device, a pipe or a socket", "Choose a file.")
    if not status.st_size:
        raise RequestError(f"{shown} is empty", "Choose another file.")


def _check_size(size: int, limit: int, kind: AttachmentKind, shown: str) -> None:
    if size > limit:
        raise MediaError(
            f"{shown} is too large ({size_text(size)})",
            f"At most {limit // MIB} MiB {_MANY.get(kind, 'of text')} can be sent.",
        )


def _no_text(data: bytes, named: str, shown: str) -> RequestError:
    """Why bytes that are no text are refused, in words for whoever was deceived by a name."""
    truly = known_as(data)
    family = kind_of(named) if named and not is_text(named) else ""
    advice = "Only text in UTF-8, images, sounds, films and PDF can be sent."
    if truly and family and family != "document":
        return RequestError(f"{shown} is {truly}, not {_KIND_WORDS[family]}", advice)
    if family and family != "document":
        return RequestError(f"{shown} is not {_KIND_WORDS[family]}, and it is not text", advice)
    if truly:
        return RequestError(f"{shown} is {truly}: it is not text", advice)
    return RequestError(f"{shown} is not text in UTF-8", advice)
