"""Images that go along with a request, and images that come: bytes, checked by what stands in them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from aiproxy_desktop.core.errors import InvalidRequestError, ProtocolError
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.core.media import sniff

# openai-python 3.57.0, `image_edit_params`.
MOST_IMAGE_BYTES = 50 * 1024 * 1024
MOST_MASK_BYTES = 4 * 1024 * 1024
EDITABLE = frozenset({"image/png", "image/webp", "image/jpeg"})
# Of an image that comes. The largest that a model makes have some 20 million.
_MOST_PIXELS = 1 << 28

# Frames of a JPEG that hold its size (ITU-T T.81, table B.1): SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Types of PNG (W3C PNG, 11.2.1) with an alpha channel.
_ALPHA_TYPES = frozenset({4, 6})


def image_input(given: bytes | str | ImageInput, number: int = 1) -> ImageInput:
    """An image as a value.

    Args:
        given: its bytes, base64 of them, or a data URL.
        number: which one it is, for the sentence.

    Raises:
        InvalidRequestError: it is not base64, or not PNG, WebP or JPEG.
    """
    if isinstance(given, ImageInput):
        return given
    data = bytes_of(given, f"Image {number}")
    mime = sniff(data)
    if mime not in EDITABLE:
        raise InvalidRequestError(f"Image {number} cannot be edited", "It must be PNG, WebP or JPEG.")
    return ImageInput(data, mime, f"image-{number}.{mime.partition('/')[2]}")


def image_inputs(
    given: bytes | str | ImageInput | Sequence[bytes | str | ImageInput],
) -> tuple[ImageInput, ...]:
    """One image or several as values.

    Raises:
        InvalidRequestError: there is none, or one of them is none.
    """
    several = [given] if isinstance(given, bytes | str | ImageInput) else list(given)
    if not several:
        raise InvalidRequestError("There is no image to edit", "Give at least one.")
    return tuple(image_input(one, number) for number, one in enumerate(several, 1))


def bytes_of(value: bytes | str, what: str) -> bytes:
    """Bytes, or those of a base64 text or data URL.

    Raises:
        InvalidRequestError: it is neither.
    """
    if not isinstance(value, str):
        return bytes(value)
    try:
        return base64.b64decode(value.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequestError(f"{what} is not base64", "Give its bytes, or base64 of them.") from None


def check_inputs(images: Sequence[ImageInput], mask: bytes | None) -> None:
    """Refuse what OpenAI's edits would refuse, as far as the heads of the files tell.

    Raises:
        InvalidRequestError: an image of another type, one that is too large, or a mask that does not fit.
    """
    for number, image in enumerate(images, 1):
        if sniff(image.data) not in EDITABLE:
            raise InvalidRequestError(f"Image {number} cannot be edited", "It must be PNG, WebP or JPEG.")
        _check_size(f"Image {number}", image.data, MOST_IMAGE_BYTES)
    if mask is None:
        return
    _check_size("The mask", mask, MOST_MASK_BYTES)
    if sniff(mask) != "image/png":
        raise InvalidRequestError("The mask is not a PNG", "Save it as one, transparent where to edit.")
    if not _has_alpha(mask):
        raise InvalidRequestError(
            "The mask has no transparency", "Save it with an alpha channel, transparent where to edit."
        )
    size, wanted = dimensions(mask), dimensions(images[0].data)
    turned = sniff(images[0].data) == "image/jpeg" and size == (wanted or (0, 0))[::-1]  # by its Exif data
    if size is not None and wanted is not None and size != wanted and not turned:
        raise InvalidRequestError(
            f"The mask has {size[0]} x {size[1]} pixels, the image {wanted[0]} x {wanted[1]}",
            "Give a mask of the image's size.",
        )


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height as the head of a PNG, JPEG or WebP says; None where it does not."""
    kind = sniff(data)
    if kind == "image/png" and data[12:16] == b"IHDR" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if kind == "image/jpeg":
        return _jpeg_dimensions(data)
    return _webp_dimensions(data) if kind == "image/webp" else None


def received_image(label: str, provider: str, data: bytes) -> str:
    """The type of an image that a service sent.

    Args:
        label: what a person calls the service.
        provider: its id.
        data: what it sent.

    Raises:
        ProtocolError: it is no image, whatever it was said to be.
    """
    mime = sniff(data)
    size = dimensions(data)
    if size is not None and size[0] * size[1] > _MOST_PIXELS:
        raise ProtocolError(
            f"{label} sent an image of {size[0]:,} x {size[1]:,} pixels",
            "That is more than any model makes, so nothing of it was kept.",
            provider=provider,
        )
    if mime.startswith("image/"):
        return mime
    raise ProtocolError(
        f"{label} sent {_what(data, mime)} instead of an image",
        "Nothing of it was kept. Try again, or pick another model.",
        provider=provider,
    )


def _what(data: bytes, mime: str) -> str:
    if not data:
        return "nothing"
    if data.startswith((b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!")):
        return "a program"
    if data[:512].lstrip().startswith(b"<"):
        return "a web page"
    return f"a file of the type {mime}" if mime else "something unreadable"


def _check_size(what: str, data: bytes, most: int) -> None:
    if len(data) > most:
        raise InvalidRequestError(f"{what} is too large", f"At most {most // 1024**2} MB can be sent.")


def _has_alpha(png: bytes) -> bool:
    return png[25:26] != b"" and (png[25] in _ALPHA_TYPES or b"tRNS" in png)


def _jpeg_dimensions(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if kind in _FRAMES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 1 if kind == 0xFF else 2 + length
    return None


def _webp_dimensions(data: bytes) -> tuple[int, int] | None:
    """As RFC 9649 has it: simple lossy, simple lossless, extended."""
    kind = data[12:16]
    if len(data) < 30:
        return None
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return (
            int.from_bytes(data[26:28], "little") & 0x3FFF,
            int.from_bytes(data[28:30], "little") & 0x3FFF,
        )
    return None
