"""Words for images. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.storage.image_records import ImageOrigin, StoredImage
from aiproxy_desktop.ui.translation import tr

_MOST = 60


def title_of(image: StoredImage) -> str:
    """What a person calls an image: its name, else the first words of its prompt, else where it came from."""
    if image.name:
        return image.name
    words = " ".join(image.prompt.split())
    if words:
        return words if len(words) <= _MOST else f"{words[:_MOST].rsplit(' ', 1)[0]}…"
    return origin_word(image.origin)


def version_title(image: StoredImage) -> str:
    """What tells a version from the others of its chain: what was asked for, or done."""
    if image.origin == "edited" and image.prompt:
        return " ".join(image.prompt.split())
    return origin_word(image.origin) if image.origin in {"cropped", "extended"} else title_of(image)


def origin_word(origin: ImageOrigin) -> str:
    """Where an image came from."""
    return {
        "generated": tr("Generated"),
        "edited": tr("Edited"),
        "opened": tr("Opened"),
        "chat": tr("From the chat"),
        "cropped": tr("Cropped"),
        "extended": tr("Extended"),
    }[origin]


def size_words(width: int, height: int) -> str:
    """Width and height in pixels."""
    return f"{width} × {height}"
