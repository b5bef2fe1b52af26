"""The one door through which a file that a message names is read: a whole path, a real file, media alone."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiproxy_desktop.core.data_urls import check_size
from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.media import (
    USUAL_LIMITS,
    MediaLimits,
    UnreadableMedia,
    identify,
    is_text,
    kind_of,
    plain_type,
    sniff,
    type_by_name,
)
from aiproxy_desktop.core.messages import MediaLink, MediaPart

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


async def load_file(link: MediaLink, limits: MediaLimits = USUAL_LIMITS) -> MediaPart:
    """The media in a file, read on a thread.

    Images, sounds, films and PDF are known by their bytes. A text file is read only where its name
    says that it is one and no folder on the way to it is hidden, so that no key or configuration goes
    out by mistake.

    Raises:
        MediaError: it is not there, not a file, too large, or not media.
    """
    from aiproxy_desktop.core.threads import on_thread

    return await on_thread(lambda: read_media_file(link, limits), "media-file")


def read_media_file(link: MediaLink, limits: MediaLimits = USUAL_LIMITS) -> MediaPart:
    """As `load_file`, at once."""
    path = _path(link)
    shown = f"The file “{_shown(path.name)}”"
    try:
        data = _read(path, limits.of(link.kind))
        _check_text(path, data)
        return identify(link.kind, data, type_by_name(path.name) or link.mime, link.name or path.name)
    except UnreadableMedia as found:
        raise MediaError(f"{shown} {found.what}", found.advice) from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system call takes
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is none"
        raise MediaError(f"{shown} cannot be read", f"Check the path: {reason}.") from None


def _path(link: MediaLink) -> Path:
    """The path that a link means.

    Raises:
        MediaError: it is relative, or a file URL of another machine.
    """
    place = link.place
    try:
        if place[:5].lower() == "file:":
            parts = urlsplit(place)
            if parts.netloc not in {"", "localhost"}:
                raise MediaError(
                    f"A file on the machine “{_shown(parts.netloc)}” cannot be read",
                    "Name one on this machine.",
                )
            place = unquote(parts.path, errors="surrogateescape")
            # file:///C:/x is C:/x
            place = place[1:] if re.match(r"/[A-Za-z]:", place) else place
        path = Path(place).expanduser()
    except (ValueError, RuntimeError):  # no URL; no such user
        path = Path(link.place)
    if not path.is_absolute():
        raise MediaError(
            f"“{_shown(place)}” is not a whole path", "Begin it with / or ~, or give a file:// address."
        )
    return path


def _read(path: Path, limit: int) -> bytes:
    """All bytes of a regular file; nothing else is even opened."""
    _check_regular(path.stat(), limit)
    with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123  # O_NONBLOCK: a pipe put there meanwhile must not hold us
        _check_regular(os.fstat(file.fileno()), limit)
        data = file.read(limit + 1)
    check_size(len(data), limit)
    return data


def _check_regular(status: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableMedia("is a folder", "Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableMedia("is a device, a pipe or a socket", "Name a file.")
    check_size(status.st_size, limit)


def _check_text(path: Path, data: bytes) -> None:
    """Refuse what is known by its name alone, unless it is text that stands in the open.

    A link counts by its own name and by that of what it leads to.
    """
    if sniff(data):
        return
    real = path.resolve()
    mimes = [plain_type(type_by_name(name)) for name in {path.name, real.name}]
    if all(mime and kind_of(mime) != "document" for mime in mimes):
        return
    if not all(map(is_text, mimes)):
        raise UnreadableMedia(
            "is neither an image, sound, film, PDF nor text", "Name a file of one of these."
        )
    if any(part.startswith(".") and part not in {".", ".."} for part in {*path.parts, *real.parts}):
        raise UnreadableMedia(
            "is text in a hidden place, which is not sent", "Copy it to another folder first."
        )


def _shown(text: str) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= 80 else clean[:79] + "…"
