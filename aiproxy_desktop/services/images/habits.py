"""How a person left the studio: how the gallery lies, what is written and not yet sent."""

from __future__ import annotations

import logging
from typing import Any, get_args

from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_query import GalleryOrder
from aiproxy_desktop.storage.settings import MOST_DRAFT

_log = logging.getLogger(__name__)

_USUAL: GalleryOrder = "newest"


class StudioHabits:
    """Read at the start, kept at the end. What cannot be kept is logged: it is a comfort, nothing more."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    @property
    def gallery_side(self) -> int:
        """The least width of a tile, logical pixels; 0 for the usual one."""
        return self._settings.current.gallery_side

    @property
    def gallery_order(self) -> GalleryOrder:
        """In which order the gallery stood."""
        kept = self._settings.current.gallery_order
        return next((order for order in get_args(GalleryOrder) if order == kept), _USUAL)

    async def keep_gallery(self, side: int, order: GalleryOrder) -> None:
        """Find the gallery so again."""
        await self._keep(gallery_side=side, gallery_order="" if order == _USUAL else order)

    def draft(self, room: str) -> str:
        """What was written in a room's panel and not sent."""
        return self._settings.current.image_drafts.get(room, "")

    async def keep_draft(self, room: str, prompt: str) -> None:
        """Find the prompt again; one that is longer than any model takes is cut."""
        drafts = {name: text for name, text in self._settings.current.image_drafts.items() if name != room}
        if prompt.strip():
            drafts[room] = prompt[:MOST_DRAFT]
        await self._keep(image_drafts=drafts)

    async def _keep(self, **changes: Any) -> None:
        try:
            await self._settings.update(**changes)
        except StorageError as error:
            _log.warning("how the studio was left is not kept: %s", error)
