"""Pictures as files: with what made them written in, or with nothing but pixels and their colours."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.services.images.embedding import KEY, as_json, as_xmp, found_in
from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.services.images.strips import least_and_most, strips

PictureFormat: TypeAlias = Literal["png", "jpeg", "webp"]

# The longest sides that the formats have: ITU-T T.81 and RFC 9649.
_LONGEST = {"png": 2**31 - 1, "jpeg": 65_535, "webp": 16_383}
_LABELS = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def encode(
    picture: Picture,
    format: PictureFormat,  # noqa: A002 - what it is called everywhere
    *,
    quality: int = 90,
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """A picture as a file. It takes a while: call it on a thread.

    The colour profile goes along. Of what the picture's own file said besides, nothing does.

    Args:
        picture: the pixels. JPEG puts what is see-through on white; see `loses_alpha`.
        format: PNG keeps every byte, WebP only at quality 100.
        quality: of JPEG and WebP, 1 to 100.
        metadata: texts by key to write into the file; `read_metadata` gives them back, others show them.
            None and empty: none at all.

    Raises:
        InvalidRequestError: the picture is too large for the format.
    """
    if max(picture.size) > _LONGEST[format]:
        raise InvalidRequestError(
            f"{_LABELS[format]} holds at most {_LONGEST[format]:,} pixels a side",
            "Choose PNG, or make the image smaller.",
        )
    image = _bare(picture.image)
    options: dict[str, Any] = {"icc_profile": picture.icc or None}
    if format == "png":
        # Beyond this level it takes up to several times as long, for some hundredths fewer bytes.
        options |= {"compress_level": 2, "pnginfo": _png_texts(metadata)}
    elif format == "jpeg":
        image = on_white(image)
        options |= {"quality": min(quality, 100), "subsampling": 0 if quality >= 90 else 2}
    else:
        options |= {"quality": quality, "method": 3}
        if quality >= 100:
            options |= {"lossless": True, "exact": True, "method": 1}
    if metadata and format != "png":
        options["xmp"] = as_xmp(metadata)
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def read_metadata(data: bytes) -> Mapping[str, str]:
    """What `encode` wrote into a PNG, JPEG or WebP; empty where it wrote nothing, or it is damaged."""
    return found_in(data)


def loses_alpha(picture: Picture, format: PictureFormat) -> bool:  # noqa: A002 - as above
    """Whether a format puts see-through pixels on white; a person should be told before."""
    return format == "jpeg" and picture.has_alpha and least_and_most(picture.image.getchannel("A"))[0] < 255


def on_white(image: Image.Image) -> Image.Image:
    """An image as RGB, what is see-through in it on white."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    for box in strips(image.size):
        part = image.crop(box)
        white.paste(part, box, part)
    return white


def thumbnail(data: bytes, side: int) -> Picture:
    """A small picture of a file: upright, in sRGB, within a square of `side` pixels.

    A large JPEG is not decoded whole for it.

    Raises:
        RequestError, MediaError: as `open_picture`.
    """
    from aiproxy_desktop.services.images.colours import to_srgb
    from aiproxy_desktop.services.images.opening import open_small

    picture = open_small(data, "image", 2 * side)
    image = picture.image
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return Picture(to_srgb(image, picture.icc) if picture.icc else image)


def _bare(image: Image.Image) -> Image.Image:
    """The same pixels without what a decoder noted beside them: writers put some of that into files."""
    image.load()
    bare = image._new(image.im)
    bare.info = {}
    return bare


def _png_texts(metadata: Mapping[str, str] | None) -> PngInfo | None:
    """Ours in one text, and each by its own key for other programs (w3.org/TR/png-3, iTXt)."""
    if not metadata:
        return None
    texts = PngInfo()
    texts.add_itxt(KEY, as_json(metadata))
    for key, text in metadata.items():
        name = key.encode("latin-1", "ignore")[:79].strip()
        if name and "\0" not in key:
            texts.add_itxt(name, text.replace("\0", " ").encode("utf-8", "replace"))
    return texts
