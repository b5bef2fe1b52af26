"""Kept images as files of a person's own: in a format, with or without what is known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.image_files import copied_out, file_name
from aiproxy_desktop.services.images.encoding import PictureFormat, encode
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.storage.image_query import GalleryRow
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.named_files import write_beside, write_named
from aiproxy_desktop.storage.records import Attachment

# `original` is the bytes as they came, whatever is written in them.
ExportFormat: TypeAlias = Literal["original", "png", "jpeg", "webp"]

_MIMES: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write a file.

    `quality` is 1 to 100, for JPEG and WebP; with `metadata` prompt, model and so on are written into it, and
    without it nothing but pixels and their colour profile is in it, unless it is the original.
    """

    format: ExportFormat = "original"
    quality: int = 90
    metadata: bool = True


class ImageExports:
    """Writes kept images where a person said, and copies for other programs."""

    def __init__(self, library: ImageLibrary, folder: Path) -> None:
        """Nothing is written yet.

        Args:
            library: the images.
            folder: of the cache, for what other programs are given.
        """
        self._library = library
        self._folder = folder

    async def save(self, image: StoredImage, target: Path, options: ExportOptions) -> Path:
        """Write one file at a place that the person named, and was asked about where one stood there.

        Raises:
            AIProxyError: the image cannot be read or the file not written; what stood there is as it was.
        """
        data = await self._file(image, options)
        await on_thread(partial(write_named, target, data), "export")
        return target

    async def save_all(
        self, images: Sequence[StoredImage], folder: Path, options: ExportOptions
    ) -> tuple[Path, ...]:
        """Write a file of each into a folder; names that are taken get a number, nothing is replaced.

        Raises:
            AIProxyError: one cannot be read or written; those before it are there.
        """
        written: list[Path] = []
        for image in images:
            data = await self._file(image, options)
            target = folder / export_name(image, options)
            written.append(await on_thread(partial(write_beside, target, data), "export"))
        return tuple(written)

    def copies(self, rows: Sequence[GalleryRow]) -> tuple[Path, ...]:
        """Files with proper names for another program, those that can be made. Blocks: for a thread."""
        made: list[Path] = []
        for row in rows:
            named = _attachment(row.hash, row.mime, _title(row.name, row.caption))
            copy = copied_out(self._library.path(row), named, self._folder)
            if copy is not None:
                made.append(copy)
        return tuple(made)

    async def _file(self, image: StoredImage, options: ExportOptions) -> bytes:
        data = await self._library.data(image)
        if options.format == "original":
            return data
        return await on_thread(partial(_encoded, data, image, options.format, options), "export")


def export_name(image: StoredImage, options: ExportOptions) -> str:
    """A name that any file system takes, from the image's name or the first words of its prompt."""
    mime = _MIMES.get(options.format, image.mime)
    title = _title(image.name, image.prompt)
    if mime != image.mime:
        title = Path(title).stem if Path(title).suffix.lower() in _ENDINGS else title
    return file_name(_attachment(image.hash, mime, title))


_ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


def metadata_of(image: StoredImage) -> Mapping[str, str]:
    """What is known of an image, as texts to write into a file; what is not known is left out."""
    known = {
        "Title": image.name,
        "Prompt": image.prompt,
        "Model": image.model,
        "Parameters": json.dumps(dict(image.parameters), ensure_ascii=False) if image.parameters else "",
        "Cost": "" if image.cost is None else f"{image.cost:.6g} USD",
        "Parents": " ".join(f"{parent.role}:{parent.id}" for parent in image.parents),
        "Id": image.id,
        "Created": image.created_at.isoformat(timespec="seconds"),
        "Software": "AI Proxy Desktop",
    }
    return {key: text for key, text in known.items() if text}


def _encoded(data: bytes, image: StoredImage, kind: PictureFormat, options: ExportOptions) -> bytes:
    picture = open_picture(data, image.name or "image").picture
    metadata = metadata_of(image) if options.metadata else None
    return encode(picture, kind, quality=options.quality, metadata=metadata)


def _title(name: str, prompt: str) -> str:
    return name or " ".join(prompt[:400].split()[:_WORDS]).rstrip(".,;:") or "image"


def _attachment(digest: str, mime: str, name: str) -> Attachment:
    # A dot in words is no ending.
    return Attachment(digest, name, "image", mime, 0)
