"""The images a person has: kept with what is known of them, found, deleted with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_query import Counted, GalleryQuery, GalleryRow
from aiproxy_desktop.storage.image_records import NewImage, StoredImage
from aiproxy_desktop.storage.images import ImageStore


class ImageLibrary:
    """The one owner of kept images. Methods raise StorageError; then nothing was changed."""

    def __init__(self, store: ImageStore, blobs: BlobStore) -> None:
        """Nothing is read yet.

        Args:
            store: what is known of the images.
            blobs: their bytes, beside those of the chat's attachments.
        """
        self._store = store
        self._blobs = blobs
        # Told the ids that were added, changed, deleted or brought back.
        self.changed: Subscribers[[tuple[str, ...]]] = Subscribers()

    async def add(self, new: NewImage, data: bytes, mask: bytes | None = None) -> StoredImage:
        """Keep an image.

        Args:
            new: what is known of it.
            data: its file, as it came or was encoded; of the type `new.mime`.
            mask: what was changed of its base, a PNG in grey.

        Returns:
            it as kept.
        """
        digest = await self._blobs.put(data)
        mask_digest = await self._blobs.put(mask) if mask is not None else ""
        image = await self._store.add(new, digest, len(data), mask_digest)
        self.changed((image.id,))
        return image

    async def get(self, image_id: str) -> StoredImage:
        """One image.

        Raises:
            MissingImageError: there is none of this id, or it is deleted.
        """
        return await self._store.get(image_id)

    async def many(self, ids: Sequence[str]) -> tuple[StoredImage, ...]:
        """Those of these that are there, in this order."""
        return await self._store.many(ids)

    async def family(self, image_id: str) -> tuple[StoredImage, ...]:
        """All versions in the chain of this one, itself among them, oldest first."""
        return await self._store.family(image_id)

    async def children(self, image_id: str) -> tuple[StoredImage, ...]:
        """What was made from it, as a base or a reference, oldest first."""
        return await self._store.children(image_id)

    async def data(self, image: StoredImage) -> bytes:
        """Its file.

        Raises:
            StorageError: it is not there any more, or cannot be read.
        """
        return await self._read(image.hash)

    async def mask(self, image: StoredImage) -> bytes | None:
        """The mask it was made with, a PNG in grey; None where there was none.

        Raises:
            StorageError: it is not there any more, or cannot be read.
        """
        return await self._read(image.mask_hash) if image.mask_hash else None

    def path(self, image: StoredImage | GalleryRow) -> Path:
        """Where its file lies: named by its hash, never to be written to."""
        return self._blobs.path(image.hash)

    def blob_path(self, digest: str) -> Path:
        """Where the file of a hash lies, or would."""
        return self._blobs.path(digest)

    async def search(self, query: GalleryQuery, limit: int | None = None) -> tuple[GalleryRow, ...]:
        """All that fit, in the order asked for, or at most `limit` of the first."""
        return await self._store.search(query, limit)

    async def tags(self) -> tuple[Counted, ...]:
        """Every tag in use with how many images have it, by name."""
        return await self._store.tags()

    async def models(self) -> tuple[Counted, ...]:
        """Every model that made an image with how many, the most used first."""
        return await self._store.models()

    async def count(self) -> int:
        """How many images there are."""
        return await self._store.count()

    async def set_favourite(self, ids: Sequence[str], favourite: bool) -> None:
        """Mark or unmark them."""
        await self._store.set_favourite(ids, favourite)
        self.changed(tuple(ids))

    async def set_tags(self, image_id: str, tags: Sequence[str]) -> None:
        """Give it these tags and no others, cleaned as `storage.images.clean_tags` says."""
        await self._store.set_tags(image_id, tags)
        self.changed((image_id,))

    async def rename(self, image_id: str, name: str) -> None:
        """Call it so."""
        await self._store.rename(image_id, name)
        self.changed((image_id,))

    async def delete(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Take them out of sight; `restore` brings them back until the application ends.

        Returns:
            those that were there.
        """
        gone = await self._store.delete(ids)
        if gone:
            self.changed(gone)
        return gone

    async def restore(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Undo `delete`.

        Returns:
            those that came back.
        """
        back = await self._store.restore(ids)
        if back:
            self.changed(back)
        return back

    async def purge(self, ids: Sequence[str] | None = None) -> None:
        """Remove what was deleted for good, these or all; the bytes go when attachments are tidied."""
        await self._store.purge(ids)

    async def _read(self, digest: str) -> bytes:
        try:
            return await self._blobs.read(digest)
        except StorageError:
            path = self._blobs.path(digest)
            if await on_thread(path.exists, "images"):
                raise
            raise StorageError(
                "The file of this image is no longer there", f"It was kept as {path}. Delete the image."
            ) from None
