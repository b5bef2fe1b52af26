"""What the studio's pages need besides: images taken in, cropped and extended, and their pixels."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.chosen_files import clean_name
from aiproxy_desktop.services.images.encoding import encode
from aiproxy_desktop.services.images.extending import crop, extend
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.masks import mask_from
from aiproxy_desktop.services.images.opening import Opened, Preview, open_picture
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.pictures import PictureShelf
from aiproxy_desktop.storage.image_bookkeeping import ImageBookkeeping
from aiproxy_desktop.storage.image_records import ImageOrigin, ImageParent, NewImage, StoredImage

# Bytes that come again within it are the same image, not a second one.
_SAME_WITHIN = timedelta(days=1)


class ImageStudio:
    """Pictures from files and from the library."""

    def __init__(
        self,
        library: ImageLibrary,
        books: ImageBookkeeping,
        on_opened: Callable[[str, Picture], None] | None = None,
    ) -> None:
        """Wire up.

        Args:
            library: keeps images.
            books: knows which files were opened before.
            on_opened: told on a thread the hash and the pixels of a file that was opened.
        """
        self._library = library
        self._books = books
        self._on_opened = on_opened
        self._shelf = PictureShelf()
        self._adding = asyncio.Lock()

    async def take_in(
        self,
        data: bytes,
        name: str,
        origin: Literal["opened", "chat"] = "opened",
        conversation_id: str = "",
        message_id: str = "",
        on_preview: Callable[[Preview], None] | None = None,
    ) -> StoredImage:
        """Keep a file's bytes as they are, once it has shown to be an image.

        The same bytes twice in a day are one image.

        Args:
            data: of the file.
            name: what it is called, which may be anything.
            origin: whether it was opened (dropped, pasted) or came from the chat.
            conversation_id: of which conversation.
            message_id: of which message.
            on_preview: told on a thread what can be seen early of a large one.

        Raises:
            AIProxyError: it is no image that can be opened, or it could not be kept.
        """
        shown = clean_name(_last_part(name))

        def work() -> tuple[Opened, str]:
            opened, digest = open_picture(data, shown, on_preview), hashlib.sha256(data).hexdigest()
            if self._on_opened is not None:
                self._on_opened(digest, opened.picture)
            return opened, digest

        opened, digest = await on_thread(work, "image-open")
        width, height = opened.picture.size
        new = NewImage(
            *(origin, opened.mime, width, height, shown),
            conversation_id=conversation_id,
            message_id=message_id,
        )
        async with self._adding:
            image = await self._same(digest) or await self._library.add(new, data)
        self._shelf.put(image.hash, opened.picture)
        return image

    async def picture_of(
        self, image: StoredImage, on_preview: Callable[[Preview], None] | None = None
    ) -> Picture:
        """Its pixels, decoded on a thread; those looked at last are at hand.

        Args:
            image: which one.
            on_preview: told on that thread what can be seen early.

        Raises:
            AIProxyError: its file is gone or cannot be read.
        """

        async def opened() -> Picture:
            data = await self._library.data(image)
            name = image.name or "image"
            return (await on_thread(lambda: open_picture(data, name, on_preview), "image-open")).picture

        return await self._shelf.get(image.hash, opened)

    async def mask_of(self, image: StoredImage) -> Mask | None:
        """The mask it was made with, of its base's size; None where there was none.

        Raises:
            AIProxyError: its file is gone or cannot be read.
        """
        data = await self._library.mask(image)
        if data is None:
            return None
        size = (image.width, image.height)
        return await on_thread(lambda: mask_from(data, "mask.png", size), "image-mask")

    async def crop_version(self, image: StoredImage, box: tuple[int, int, int, int]) -> StoredImage:
        """Keep a version that shows only `box` (left, top, right, bottom: pixels).

        Raises:
            AIProxyError: the box holds nothing of it, or it could not be kept.
        """
        picture = await self.picture_of(image)
        part = await on_thread(lambda: crop(picture, box), "image-crop")
        return await self._keep_version(image, part, "cropped")

    async def extend_version(
        self, image: StoredImage, margins: tuple[int, int, int, int]
    ) -> tuple[StoredImage, Mask]:
        """Keep a version with more canvas (left, top, right, bottom: pixels), and the mask of what is new.

        Raises:
            AIProxyError: it would be too large, or it could not be kept.
        """
        picture = await self.picture_of(image)
        larger, mask = await on_thread(lambda: extend(picture, *margins), "image-extend")
        return await self._keep_version(image, larger, "extended"), mask

    async def _same(self, digest: str) -> StoredImage | None:
        """The image of these bytes that was taken in within a day."""
        known = await self._books.same(digest, datetime.now(UTC) - _SAME_WITHIN)
        return None if known is None else await self._library.get(known)

    async def _keep_version(self, image: StoredImage, picture: Picture, origin: ImageOrigin) -> StoredImage:
        data = await on_thread(lambda: encode(picture, "png"), "image-encode")
        new = NewImage(origin, "image/png", *picture.size, name=image.name, parents=(ImageParent(image.id),))
        kept = await self._library.add(new, data)
        self._shelf.put(kept.hash, picture)
        return kept


def _last_part(name: str) -> str:
    """Without the folders that a name from outside may hold."""
    return name.replace("\\", "/").rpartition("/")[2].strip(" .\t\r\n") or "image"
