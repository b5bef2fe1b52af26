"""The images of one database, found by their words; their bytes lie in `blobs`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from aiproxy_desktop.storage import image_rows
from aiproxy_desktop.storage.conversations import new_id
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.image_query import Counted, GalleryQuery, GalleryRow
from aiproxy_desktop.storage.image_records import NewImage, StoredImage
from aiproxy_desktop.storage.tables import in_utc, micros

# Control characters, and those that reorder what stands beside them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MAX_TAG = 60
MAX_TAGS = 40
MAX_NAME = 200


class ImageStore:
    """What is kept of images besides their bytes.

    Every method raises StorageError when the database refuses, and then nothing was changed.
    """

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now

    async def add(self, new: NewImage, digest: str, size: int, mask_digest: str = "") -> StoredImage:
        """Keep one whose bytes are kept already.

        Args:
            new: what is known of it.
            digest: of its bytes.
            size: how many bytes.
            mask_digest: of its mask; empty where it has none.
        """
        identity = new_id()
        image = StoredImage(
            *(identity, digest, size, in_utc(self._now()), identity, new.origin, new.mime),
            *(new.width, new.height, clean_name(new.name), new.prompt, new.model, new.parameters, new.cost),
            *(new.input_tokens, new.output_tokens, new.parents, new.run, new.group),
            *(new.conversation_id, new.message_id),
            mask_hash=mask_digest,
        )
        return await self._db.run(partial(image_rows.insert, image=image))

    async def get(self, image_id: str) -> StoredImage:
        """One image.

        Raises:
            MissingImageError: there is none of this id, or it is deleted.
        """
        return await self._db.read(partial(image_rows.one, image_id=image_id))

    async def many(self, ids: Sequence[str]) -> tuple[StoredImage, ...]:
        """Those of these that are there, in this order."""
        return await self._db.read(partial(image_rows.many, ids=tuple(ids)))

    async def family(self, image_id: str) -> tuple[StoredImage, ...]:
        """All versions in the chain of this one, oldest first."""
        return await self._db.read(partial(image_rows.family, image_id=image_id))

    async def children(self, image_id: str) -> tuple[StoredImage, ...]:
        """What was made from it, oldest first."""
        return await self._db.read(partial(image_rows.children, image_id=image_id))

    async def search(self, query: GalleryQuery, limit: int | None = None) -> tuple[GalleryRow, ...]:
        """All that fit, in the order asked for, or at most `limit` of the first."""
        most = -1 if limit is None else limit
        return await self._db.read(partial(image_rows.search, query=query, limit=most))

    async def tags(self) -> tuple[Counted, ...]:
        """Every tag in use, by name."""
        return await self._db.read(image_rows.tags)

    async def models(self) -> tuple[Counted, ...]:
        """Every model that made an image here, the most used first."""
        return await self._db.read(image_rows.models)

    async def count(self) -> int:
        """How many images there are."""
        return await self._db.read(image_rows.count)

    async def set_favourite(self, ids: Sequence[str], favourite: bool) -> None:
        """Mark or unmark them."""
        await self._db.run(partial(image_rows.set_favourite, ids=tuple(ids), favourite=favourite))

    async def set_tags(self, image_id: str, tags: Sequence[str]) -> None:
        """Give it these tags and no others.

        Raises:
            MissingImageError: it is no longer there.
        """
        await self._db.run(partial(image_rows.set_tags, image_id=image_id, wanted=clean_tags(tags)))

    async def rename(self, image_id: str, name: str) -> None:
        """Call it so.

        Raises:
            MissingImageError: it is no longer there.
        """
        await self._db.run(partial(image_rows.set_name, image_id=image_id, name=clean_name(name)))

    async def delete(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Take them out of sight until they are brought back or purged; those that were there."""
        at = micros(self._now())
        return await self._db.run(partial(image_rows.set_deleted, ids=tuple(ids), at=at))

    async def restore(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Undo `delete`; those that came back."""
        return await self._db.run(partial(image_rows.set_deleted, ids=tuple(ids), at=None))

    async def purge(self, ids: Sequence[str] | None = None) -> None:
        """Remove what was deleted for good: these, or all of it."""
        await self._db.run(partial(image_rows.purge, ids=None if ids is None else tuple(ids)))


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """As they are kept: on one line, not too long, each once whatever its case, without commas."""
    kept: dict[str, str] = {}
    for tag in tags:
        clean = clean_name(tag.replace(",", " "))[:MAX_TAG].rstrip()
        if clean:
            kept.setdefault(clean.casefold(), clean)
    return tuple(kept.values())[:MAX_TAGS]


def clean_name(name: str) -> str:
    """On one line, not too long, and without what is not seen but turns what is."""
    return " ".join(_UNSEEN.sub(" ", name).split())[:MAX_NAME].rstrip()
