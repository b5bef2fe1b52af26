"""Small pictures of the kept ones: made once, kept in the cache, bounded in bytes. Blocking; any thread."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.images.encoding import thumbnail
from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.storage.blobs import blob_bytes

_log = logging.getLogger(__name__)

# Longest sides that are kept, in pixels: for a small grid, and for a large one on a dense screen.
SIDES: Final = (256, 640)

_MOST_BYTES: Final = 256 * 1024 * 1024
# Files written between two looks at how large the folder is.
_LOOK_AFTER: Final = 256
_DAY: Final = 24 * 60 * 60
# What Pillow raises for a file of the cache that is none any more, and what a picture's own file may be.
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, AIProxyError)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """Pixels: 4 bytes each, blue first, then alpha where `alpha`, not premultiplied; no gap between rows."""

    width: int
    height: int
    alpha: bool
    pixels: bytes = field(repr=False)


class ThumbnailFiles:
    """Thumbnails under one folder, named by the hash of their picture and their side.

    What cannot be written there is made again the next time; nothing is raised for it.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        """Nothing is read or made yet.

        Args:
            folder: the cache's, made when the first is written.
            most_bytes: the oldest used go where there are more.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._written = 0

    def get(self, source: Path, digest: str, width: int, height: int) -> Thumbnail | None:
        """The picture within `width` x `height` pixels, whole and upright, never enlarged.

        Args:
            source: its file.
            digest: what its thumbnails are kept under.
            width: pixels.
            height: pixels.

        Returns:
            it, or None where the file is gone or holds no picture.
        """
        side = next((side for side in SIDES if side >= max(width, height)), 0)
        try:
            image = self._kept(digest, side) if side else None
            if image is None:
                image = thumbnail(blob_bytes(source), side or max(width, height)).image
                if side:
                    self._keep(image, digest, side)
            image.thumbnail((width, height), Image.Resampling.BILINEAR, reducing_gap=None)
        except _BROKEN as error:
            _log.info("no thumbnail of %s: %s", digest[:16], error)
            return None
        alpha = image.mode == "RGBA"
        pixels = image.tobytes("raw", "BGRA" if alpha else "BGRX")
        return Thumbnail(image.width, image.height, alpha, pixels)

    def make(self, digest: str, picture: Picture) -> None:
        """Keep those of a picture whose pixels are at hand: its file need not be decoded again for them."""
        if picture.icc:
            return  # `get` turns its colours into those of a screen
        for side in sorted(SIDES, reverse=True):
            scale = min(side / max(picture.size), 1.0)
            size = (max(1, round(picture.size[0] * scale)), max(1, round(picture.size[1] * scale)))
            small = picture.image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
            picture = Picture(small)
            self._keep(small, digest, side)

    def _path(self, digest: str, side: int, ending: str) -> Path:
        return self._folder / digest[:2] / f"{digest}-{side}.{ending}"

    def _kept(self, digest: str, side: int) -> Image.Image | None:
        for ending, mode in (("jpg", "RGB"), ("png", "RGBA")):
            path = self._path(digest, side, ending)
            try:
                with Image.open(path, formats=("JPEG", "PNG")) as image:
                    kept = image.convert(mode)
                if time.time() - path.stat().st_mtime > _DAY:
                    os.utime(path)
            except FileNotFoundError:
                continue
            except _BROKEN:  # half written by a machine that lost its power: made again
                return None
            return kept
        return None

    def _keep(self, image: Image.Image, digest: str, side: int) -> None:
        ending = "png" if image.mode == "RGBA" else "jpg"
        path = self._path(digest, side, ending)
        unfinished = path.with_name(f".{path.name}.{threading.get_ident()}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            image.save(unfinished, "PNG" if ending == "png" else "JPEG", quality=85)
            unfinished.replace(path)
        except OSError as error:
            _log.info("a thumbnail was not kept: %s", error)
            with suppress(OSError):
                unfinished.unlink()
            return
        with self._lock:
            self._written += 1
            look = self._written % _LOOK_AFTER == 1
        if look:
            self.tidy()

    def tidy(self) -> int:
        """Keep no more bytes than are allowed, those used last; how many files went."""
        files: list[tuple[float, int, Path]] = []
        gone = 0
        try:
            for path in self._folder.glob("??/*"):
                state = path.stat()
                files.append((state.st_mtime, state.st_size, path))
            left = sum(size for _, size, _ in files)
            if left <= self._most_bytes:
                return 0
            for _, size, path in sorted(files):
                if left <= self._most_bytes * 4 // 5:
                    break
                path.unlink(missing_ok=True)
                left -= size
                gone += 1
        except OSError as error:
            _log.info("thumbnails were not tidied: %s", error)
        return gone
