"""What the studio's pages need besides: images taken in, cropped and extended, and their pixels."""

from __future__ import annotations

from typing import Literal

from aiproxy_desktop.services.images.keeping import ImageKeeper
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.storage.image_records import StoredImage


class ImageStudio:
    """Pictures from files and from the library."""

    def __init__(self, library: ImageKeeper) -> None:
        self._library = library

    async def take_in(
        self,
        data: bytes,
        name: str,
        origin: Literal["opened", "chat"] = "opened",
        conversation_id: str = "",
        message_id: str = "",
    ) -> StoredImage:
        """Keep a file's bytes as they are, once it has shown to be an image.

        Raises:
            AIProxyError: it is no image that can be opened, or it could not be kept.
        """
        raise NotImplementedError

    async def picture_of(self, image: StoredImage) -> Picture:
        """Its pixels, decoded on a thread; those looked at last are at hand.

        Raises:
            AIProxyError: its file is gone or cannot be read.
        """
        raise NotImplementedError

    async def mask_of(self, image: StoredImage) -> Mask | None:
        """The mask it was made with; None where there was none."""
        raise NotImplementedError

    async def crop_version(self, image: StoredImage, box: tuple[int, int, int, int]) -> StoredImage:
        """Keep a version that shows only `box` (left, top, right, bottom in pixels)."""
        raise NotImplementedError

    async def extend_version(
        self, image: StoredImage, margins: tuple[int, int, int, int]
    ) -> tuple[StoredImage, Mask]:
        """Keep a version with more canvas (left, top, right, bottom: pixels), and the mask of what is new."""
        raise NotImplementedError
