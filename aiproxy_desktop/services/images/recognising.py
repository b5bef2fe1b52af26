"""Which decoder a file is for, by its bytes; what is none of theirs is refused in one sentence."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from PIL import ImageFile

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.media import kind_of, sniff
from aiproxy_desktop.services.chosen_files import known_as
from aiproxy_desktop.services.image_size import image_size
from aiproxy_desktop.services.images.formats import gif, jpeg, png, tiff
from aiproxy_desktop.services.images.formats.container import Container, CutShort, as_it_is

# A picture of so many pixels takes 600 MB; the copies that editing makes of it, some more.
MOST_PIXELS = 150_000_000
# Pillow warns, for the whole process, of GIFs and TIFFs larger than this.
_MOST_WARNED_PIXELS = 89_000_000
_ADVICE = "Open a PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file."
# An entry of the list of items: its version, number and protection, then its type.
_EXIF_ITEM = re.compile(rb"(infe.{8})Exif", re.DOTALL)
_KINDS = {"audio": "a sound", "video": "a film"}


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is opened: how its beginning is read and which decoder takes it."""

    mime: str
    read: Callable[[bytes], Container]
    opened: Callable[[IO[bytes]], ImageFile.ImageFile]
    most_pixels: int = MOST_PIXELS


def recognised(data: bytes, shown: str) -> Format:
    """The format that the bytes are of, whatever they are called.

    Args:
        data: the file.
        shown: how errors call it.

    Raises:
        RequestError: they are none, or of no format that can be opened.
    """
    if not data:
        raise RequestError(f"{shown} is empty", "Choose another file.")
    mime = sniff(data) or ("image/bmp" if data.startswith(b"BM") else "")
    form = _FORMATS.get(mime)
    if form is None:
        raise _refused(data, mime, shown)
    return form


def _refused(data: bytes, mime: str, shown: str) -> RequestError:
    if mime in {"image/heic", "image/heif"}:
        return RequestError(
            f"{shown} is a HEIC image, which cannot be opened here", "Save it as JPEG or PNG."
        )
    truly = known_as(data) or _KINDS.get(kind_of(mime) if mime else "", "")
    if mime == "application/pdf":
        truly = "a PDF document"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return RequestError(f"{shown} is a drawing (SVG), not pixels", "Export it as PNG, and open that.")
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        truly = "a web page"
    elif head.startswith(b"#!"):
        truly = "a program"
    elif not truly and head.startswith((b"<?xml", b"{", b"[")):
        truly = "text"
    return RequestError(f"{shown} is {truly}, not an image" if truly else f"{shown} is not an image", _ADVICE)


def _png(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(file)


def _jpeg(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.JpegImagePlugin import JpegImageFile

    return JpegImageFile(file)


def _webp(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.WebPImagePlugin import WebPImageFile

    return WebPImageFile(file)


def _gif(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.GifImagePlugin import GifImageFile

    return GifImageFile(file)


def _bmp(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.BmpImagePlugin import BmpImageFile

    return BmpImageFile(file)


def _tiff(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.TiffImagePlugin import TiffImageFile

    return TiffImageFile(file)


def _avif(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL.AvifImagePlugin import AvifImageFile

    return AvifImageFile(file)


def _read_webp(data: bytes) -> Container:
    size = image_size(data)
    if size is None:
        raise ValueError("no size")
    if int.from_bytes(data[4:8], "little") + 8 > len(data) + 1:
        raise CutShort
    return as_it_is(data, size)


def _read_bmp(data: bytes) -> Container:
    """The two kinds of header that a Windows bitmap has."""
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:
        return as_it_is(data, struct.unpack_from("<HH", data, 18))
    width, height = struct.unpack_from("<ii", data, 18)
    return as_it_is(data, (width, abs(height)))


def _read_avif(data: bytes) -> Container:
    """Sizes are in the properties (`ispe`, ISO/IEC 23008-12); the largest that is named counts.

    Exif data are left out: how a picture is turned is said in a property, too.
    """
    end = _end_of_boxes(data)
    head = data[:end]
    at, size = 0, (0, 0)
    while (at := head.find(b"ispe", at)) >= 0 and at + 16 <= end:
        width, height = struct.unpack_from(">II", head, at + 8)
        size = max(size, (width, height), key=lambda one: one[0] * one[1])
        at += 4
    lean = _EXIF_ITEM.sub(rb"\1skip", head)
    return Container(size, (memoryview(lean), memoryview(data)[end:]))


def _end_of_boxes(data: bytes) -> int:
    """Where the boxes end that describe the pictures; those with the pictures come after, or before them.

    Raises:
        CutShort: a box is longer than the file.
    """
    at = end = 0
    while at + 8 <= len(data):  # one after the other: their size, their name, what is in them
        (length,) = struct.unpack_from(">I", data, at)
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length == 0:  # up to the end
            length = len(data) - at
        if length < 8:
            raise ValueError("no box")
        if data[at + 4 : at + 8] in {b"meta", b"moov"}:
            end = min(len(data), at + length)
        at += length
    if at > len(data):
        raise CutShort
    return end


# Decoders by name: Pillow's others are not for files from anywhere.
_FORMATS = {
    form.mime: form
    for form in (
        Format("image/png", png.read, _png),
        Format("image/jpeg", jpeg.read, _jpeg),
        Format("image/webp", _read_webp, _webp),
        Format("image/gif", gif.read, _gif, _MOST_WARNED_PIXELS),
        Format("image/bmp", _read_bmp, _bmp),
        Format("image/tiff", tiff.read, _tiff, _MOST_WARNED_PIXELS),
        Format("image/avif", _read_avif, _avif),
    )
}
