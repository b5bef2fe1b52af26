"""Files that go with a question: media as they are, anything else as text. No Qt."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from aiproxy_desktop.core.errors import RequestError, RequestTooLargeError
from aiproxy_desktop.core.local_files import load_file
from aiproxy_desktop.core.media import kind_of, sniff, type_by_name
from aiproxy_desktop.core.messages import MediaLink, MediaPart
from aiproxy_desktop.core.threads import on_thread

# Bytes of a prompt or of a text file: far beyond any context window, small enough to hold.
MAX_INPUT_BYTES = 32 * 1024 * 1024

# What the type of a file is told by.
_HEAD_BYTES = 1024


async def read_files(paths: Iterable[Path]) -> tuple[list[MediaPart], list[str]]:
    """Images, sounds, films and PDF as parts; texts with their names, as a message shows them.

    Raises:
        RequestError: one of them cannot be read, or is neither (MediaError, RequestTooLargeError among them).
    """
    media: list[MediaPart] = []
    texts: list[str] = []
    for path in paths:
        mime = await on_thread(partial(_media_type, path), "file")
        if mime:
            media.append(await load_file(MediaLink(kind_of(mime), str(path.absolute()), mime)))
        else:
            texts.append(await on_thread(partial(_file_text, path), "file"))
    return media, texts


def _media_type(path: Path) -> str:
    """The type of a file that is seen or heard, or of a PDF; empty for any other."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error
    found = sniff(head)
    if found:
        return found
    named = type_by_name(path.name)
    # The name decides where the bytes leave it open (MPEG frames, bitmaps), and they are no text.
    return named if named and kind_of(named) != "document" and not _is_text(head) else ""


def _is_text(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _file_text(path: Path) -> str:
    """A file of text as a message shows it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_INPUT_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    return named_text(path.name, as_text(data, f"The file {path}"))


def named_text(name: str, text: str) -> str:
    """A text as a message shows it: its name, then the text in a fence that it does not hold itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{name}:\n{fence}\n{text.rstrip()}\n{fence}"


def _unreadable(path: Path, error: OSError) -> RequestError:
    return RequestError(f"The file {path} cannot be read ({error.strerror})", "Name another.")


def as_text(data: bytes, what: str) -> str:
    """What was read, as text.

    Raises:
        RequestError: it is too large or no text.
    """
    if len(data) > MAX_INPUT_BYTES:
        raise RequestTooLargeError(
            f"{what} is too large", f"At most {MAX_INPUT_BYTES // (1024 * 1024)} MiB can be sent."
        )
    binary = RequestError(
        f"{what} is not text", "Only UTF-8 text, images, sounds, films and PDF can be sent."
    )
    if b"\0" in data:
        raise binary
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise binary from None
