"""Files that go with a question on the command line: media as they are, anything else as text. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from aiproxy_desktop.core.errors import RequestError, RequestTooLargeError
from aiproxy_desktop.core.messages import MediaPart
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.chosen_files import ChosenFile, read_chosen
from aiproxy_desktop.services.image_metadata import without_metadata

# Bytes of a prompt or of a text file: far beyond any context window, small enough to hold.
MAX_INPUT_BYTES = 32 * 1024 * 1024


async def read_files(paths: Iterable[Path]) -> tuple[list[MediaPart], list[str]]:
    """Images, sounds, films and PDF as parts; texts with their names, as a message shows them.

    Raises:
        RequestError: one of them cannot be read, or is neither (MediaError among them).
    """
    media: list[MediaPart] = []
    texts: list[str] = []
    for path in paths:
        chosen = await on_thread(partial(_read, path), "file")
        if chosen.kind == "text":
            texts.append(named_text(chosen.name, chosen.data.decode("utf-8")))
        else:
            media.append(MediaPart(chosen.media_kind, chosen.mime, chosen.data, chosen.name))
    return media, texts


def _read(path: Path) -> ChosenFile:
    chosen = read_chosen(path, f"The file {path}", text_limit=MAX_INPUT_BYTES)
    if chosen.kind != "image":
        return chosen
    # Where a photograph was taken is nobody's business.
    data = without_metadata(chosen.data, chosen.mime) or chosen.data
    return ChosenFile(chosen.name, chosen.kind, chosen.mime, data)


def named_text(name: str, text: str) -> str:
    """A text as a message shows it: its name, then the text in a fence that it does not hold itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{name}:\n{fence}\n{text.rstrip()}\n{fence}"


def as_text(data: bytes, what: str) -> str:
    """What was read, as text.

    Raises:
        RequestError: it is too large or no text.
    """
    if len(data) > MAX_INPUT_BYTES:
        raise RequestTooLargeError(
            f"{what} is too large", f"At most {MAX_INPUT_BYTES // (1024 * 1024)} MiB can be sent."
        )
    try:
        if b"\0" not in data:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # said below
    raise RequestError(f"{what} is not text", "Only UTF-8 text, images, sounds, films and PDF can be sent.")
