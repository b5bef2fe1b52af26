"""What is asked of the gallery, and the light rows that answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from aiproxy_desktop.storage.image_records import ImageOrigin
from aiproxy_desktop.storage.tables import moment

GalleryOrder: TypeAlias = Literal["newest", "oldest", "name", "largest", "cost"]


@dataclass(frozen=True, slots=True)
class GalleryQuery:
    """What to show: everything by default, and what fits all of it otherwise.

    `text` is as typed (see `search_query`): looked for in prompts, names, models and tags. An image fits
    `tags` when it has all of them, as they are written in `ImageStore.tags`. `made_from` and `made_until` are
    aware times; the first is included, the second is not.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    favourites: bool = False
    model: str = ""
    origin: ImageOrigin | None = None
    made_from: datetime | None = None
    made_until: datetime | None = None
    order: GalleryOrder = "newest"

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self != GalleryQuery(order=self.order)


class GalleryRow(NamedTuple):
    """As much of an image as a grid shows: cheap enough to have 10,000 of them.

    `created` is in microseconds since 1970, UTC. `caption` is how the prompt begins.
    """

    id: str
    hash: str
    mime: str
    width: int
    height: int
    created: int
    favourite: bool
    name: str
    caption: str
    model: str
    origin: ImageOrigin

    @property
    def created_at(self) -> datetime:
        """When it was kept, aware, in UTC."""
        return moment(self.created)


class Counted(NamedTuple):
    """A tag or a model, and how many images have it."""

    name: str
    images: int
