"""How the gallery writes what is known of an image: unknown says so, what costs nothing is free. No Qt."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from aiproxy_desktop.storage.image_query import GalleryOrder, GalleryRow
from aiproxy_desktop.storage.image_records import ImageOrigin, StoredImage
from aiproxy_desktop.ui.chat.conversation.facts import file_size, money
from aiproxy_desktop.ui.images.panel.words import option_label
from aiproxy_desktop.ui.images.words import origin_word
from aiproxy_desktop.ui.moments import day
from aiproxy_desktop.ui.translation import tr, tr_count


def origin_words() -> dict[ImageOrigin, str]:
    """Where images come from, in the order in which they are offered."""
    return {origin: origin_word(origin) for origin in get_args(ImageOrigin)}


def order_words() -> dict[GalleryOrder, str]:
    """The orders there are."""
    return {
        "newest": tr("Newest first"),
        "oldest": tr("Oldest first"),
        "name": tr("By name"),
        "largest": tr("Largest first"),
        "cost": tr("Most expensive first"),
    }


def model_name(reference: str) -> str:
    """A model without its provider."""
    return reference.partition(":")[2] or reference


def title(row: GalleryRow) -> str:
    """What stands below a tile: the name, else how the prompt begins."""
    return row.name or " ".join(row.caption.split()) or tr("Untitled")


def short(text: str, most: int = 40) -> str:
    """As much of a text as a sentence has room for."""
    return text if len(text) <= most else text[:most].rstrip() + "…"


def spoken(row: GalleryRow) -> str:
    """A cell as it is read out."""
    words = tr(
        "{title}, {origin}, {date}",
        title=title(row),
        origin=origin_words().get(row.origin, row.origin),
        date=moment(row.created_at),
    )
    return tr("{image}, favourite", image=words) if row.favourite else words


def moment(when: datetime) -> str:
    """`26 Nov 2026, 14:05`, in the system's zone."""
    here = when.astimezone()
    return tr("{date}, {time}", date=day(here.date()), time=here.strftime("%H:%M"))


def date(when: datetime) -> str:
    """`26 Nov 2026`, in the system's zone."""
    return day(when.astimezone().date())


def cost(dollars: float | None) -> str:
    """`$0.042`, `Free`, `Unknown`."""
    return tr("Unknown") if dollars is None else money(dollars)


def size(image: StoredImage) -> str:
    """`1024 × 768, 2.1 MB`."""
    return tr(
        "{width} × {height}, {size}",
        width=image.width,
        height=image.height,
        size=file_size(image.size_bytes),
    )


def parameter(option: str) -> str:
    """What an option is called that a model was asked with; one that nobody knows as its server calls it."""
    return tr("Size asked for") if option == "size" else option_label(option)


def count(shown: int, total: int, *, narrowed: bool) -> str:
    """How many there are, or are left of them."""
    if narrowed:
        return tr("{shown} of {total}", shown=f"{shown:,}", total=f"{total:,}")
    return tr_count("{n} image", "{n} images", total)
