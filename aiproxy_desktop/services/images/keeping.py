"""What the studio's services need of wherever images are kept."""

from __future__ import annotations

from typing import Protocol

from aiproxy_desktop.storage.image_records import NewImage, StoredImage


class ImageKeeper(Protocol):
    """`ImageLibrary`, as far as it is used here."""

    async def add(self, new: NewImage, data: bytes, mask: bytes | None = None) -> StoredImage:
        """Keep an image.

        Raises:
            StorageError: it could not be kept.
        """
        ...

    async def get(self, image_id: str) -> StoredImage | None:
        """An image by its id; None where it is no longer there."""
        ...

    async def data(self, image: StoredImage) -> bytes:
        """Its bytes.

        Raises:
            StorageError: they are not there any more, or cannot be read.
        """
        ...

    async def mask(self, image: StoredImage) -> bytes | None:
        """The mask it was made with, a PNG; None where there was none."""
        ...
