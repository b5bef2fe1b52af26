"""Opening pictures: by what is in them, within bounds, upright, 8 bits a channel, with an early preview."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from PIL import Image, ImageFile

from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.media import MIB
from aiproxy_desktop.services.chosen_files import clean_name, read_bounded, size_text
from aiproxy_desktop.services.images.formats.container import Container, CutShort, PartsFile
from aiproxy_desktop.services.images.formats.png import check_rows
from aiproxy_desktop.services.images.normalising import Note, normalised, upright
from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.services.images.recognising import Format, recognised

# Of a file: the largest that 150 megapixels come in, short of uncompressed ones of 16 bits.
MOST_BYTES = 512 * MIB

# The long side of previews, and what is worth one.
_PREVIEW_SIDE = 1024
_WORTH_A_PREVIEW = 2_000_000
# Seconds until the first preview of a picture that comes row by row, and between the next.
_UNTIL_PREVIEW = 0.02
_BETWEEN_PREVIEWS = 0.1


class OpeningCancelled(Exception):  # noqa: N818 - no failure: whoever asked for it knows
    """The opening of a picture was given up because it was no longer wanted."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture out of a file, the file's true type, and what was done to it that a person should know."""

    picture: Picture
    mime: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be seen of a picture before all of it is read.

    `picture` is small and has the shape of the whole, whose size in pixels is `size`; rows that have not come
    are see-through.
    """

    picture: Picture
    size: tuple[int, int]


def read_picture_file(path: Path) -> tuple[bytes, str]:
    """The bytes of a file and its harmless name. Links are followed; it blocks as long as the disk does.

    Raises:
        RequestError: it cannot be read, is empty, or is no regular file.
        MediaError: it is too large.
    """
    name = clean_name(path.name)
    return read_bounded(path, f"“{name}”", MOST_BYTES), name


def open_picture(
    data: bytes,
    name: str,
    on_preview: Callable[[Preview], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Opened:
    """Decode a picture. It takes up to seconds and never holds the interpreter long: call it on a thread.

    Args:
        data: the file.
        name: what it is called; only errors say it.
        on_preview: told, on this thread, what can be seen early of a large JPEG or PNG: none, one or several.
        cancelled: asked now and then whether to give up.

    Raises:
        RequestError: it is empty, or no picture that can be read here.
        MediaError: it is damaged, cut short, or too large.
        OpeningCancelled: `cancelled` said so.
    """
    return _opened(data, name, _Watch(on_preview, cancelled))


def _opened(data: bytes, name: str, watch: _Watch, side: int = 0) -> Opened:
    shown = f"“{clean_name(name)}”"
    _check_bytes(len(data), shown)
    form = recognised(data, shown)
    try:
        container = form.read(data)
        _check_pixels(container.size, shown, form.most_pixels)
        return _decoded(form, container, watch, shown, side)
    except (OpeningCancelled, MediaError):
        raise
    except CutShort:
        raise _cut_short(shown) from None
    except MemoryError:
        raise MediaError(
            f"{shown} needs more memory than there is", "Close other programs, or open a smaller copy."
        ) from None
    except Exception as error:
        if "truncated" in str(error):
            raise _cut_short(shown) from error
        raise MediaError(
            f"{shown} is damaged and cannot be read", "Open another copy, or save it again as PNG."
        ) from error


def open_image(data: bytes, name: str) -> Image.Image:
    """The pixels of a picture, RGB or RGBA, in whatever colours they are.

    Raises:
        RequestError, MediaError: as `open_picture`.
    """
    return open_picture(data, name).picture.image


def open_small(data: bytes, name: str, side: int) -> Picture:
    """A picture at a fraction of its size where its format can be decoded so, with `side` pixels at least.

    Raises:
        RequestError, MediaError: as `open_picture`.
    """
    return _opened(data, name, _Watch(None, None), side).picture


@dataclass(frozen=True, slots=True)
class _Watch:
    on_preview: Callable[[Preview], None] | None
    cancelled: Callable[[], bool] | None

    def check(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise OpeningCancelled


def _decoded(form: Format, container: Container, watch: _Watch, shown: str, side: int) -> Opened:
    watch.check()
    wanted = watch.on_preview is not None and container.size[0] * container.size[1] >= _WORTH_A_PREVIEW
    if wanted and container.first_pass:
        _scaled_preview(form, container, watch)
    in_rows = form.mime in {"image/png", "image/jpeg"} and not container.in_passes
    rows = _Rows(container, watch) if wanted and in_rows else None

    def watched(_at: int) -> None:
        watch.check()
        if rows is not None:
            rows.look()

    image = form.opened(_file(container.parts, watched))
    _check_pixels(image.size, shown, form.most_pixels)  # once more: by whoever allocates them
    if image.size != container.size and form.mime != "image/gif":
        raise ValueError("the header lies")
    if side:
        _draft(image, side)
    if rows is not None:
        rows.image = image
    image.load()
    watch.check()
    if form.mime == "image/png" and _ends_empty(image):
        check_rows(container)
    picture, notes = normalised(image, container)
    return Opened(picture, form.mime, notes)


def _file(parts: tuple[memoryview, ...], watched: Callable[[int], None] | None = None) -> IO[bytes]:
    return cast("IO[bytes]", PartsFile(parts, watched))


def _scaled_preview(form: Format, container: Container, watch: _Watch) -> None:
    """A progressive JPEG decoded small, by its first pass alone: that is quick, where all of it is slow."""
    image = form.opened(_file(container.first_pass, lambda _at: watch.check()))
    _draft(image, _PREVIEW_SIDE)
    image.load()
    width, height = container.size
    whole = (height, width) if container.turn >= 5 else (width, height)
    if watch.on_preview is not None:
        shown = upright(image.convert("RGB"), container.turn)
        watch.on_preview(Preview(Picture(shown, _profile(container, image.mode)), whole))


def _draft(image: ImageFile.ImageFile, side: int) -> None:
    """Have it decoded at a fraction of its size, where its format can be, with `side` pixels at least."""
    factor = max(1, max(image.size) // side)
    image.draft(image.mode, (max(1, image.width // factor), max(1, image.height // factor)))


def _ends_empty(image: Image.Image) -> bool:
    """Whether nothing is in the last row: the decoder leaves out, in silence, what has not come."""
    return image.crop((0, image.height - 1, image.width, image.height)).getbbox() is None


def _profile(container: Container, mode: str) -> bytes:
    return container.icc if mode == "RGB" else b""


class _Rows:
    """The rows of a PNG or JPEG as they come, made small.

    A JPEG could be decoded at an eighth of its size first; of detailed ones that takes nearly as long as all.
    """

    def __init__(self, container: Container, watch: _Watch) -> None:
        self.image: ImageFile.ImageFile | None = None  # while it loads
        self._container = container
        self._watch = watch
        width, height = container.size
        self._factor = max(1, -(-max(width, height) // _PREVIEW_SIDE))
        self._small: Image.Image | None = None
        self._done = 0  # rows of the small one
        self._next = time.monotonic() + _UNTIL_PREVIEW

    def look(self) -> None:
        """Tell a preview where it is time for one."""
        image = self.image
        if image is None or time.monotonic() < self._next:
            return
        if image._im is None:
            return
        view = image._new(image.im)
        rows = _rows_there(view) // self._factor
        if rows > self._done:
            self._add(view, rows)
        self._next = time.monotonic() + _BETWEEN_PREVIEWS

    def _add(self, view: Image.Image, rows: int) -> None:
        width, height = view.size
        factor = self._factor
        if self._small is None:
            self._small = Image.new("RGBA", (-(-width // factor), -(-height // factor)))
        strip = view.crop((0, self._done * factor, width, rows * factor))
        if strip.mode not in {"RGB", "RGBA", "L", "LA"}:
            strip = strip.convert("RGBA")
        self._small.paste(strip.reduce(factor).convert("RGBA"), (0, self._done))
        self._done = rows
        if self._watch.on_preview is not None:
            turn = self._container.turn
            size = (height, width) if turn >= 5 else (width, height)
            shown = Picture(upright(self._small.copy(), turn), _profile(self._container, view.mode))
            self._watch.on_preview(Preview(shown, size))


def _rows_there(view: Image.Image) -> int:
    """How many rows hold anything, going by some columns: what has not come is all 0."""
    width, height = view.size
    there = 0
    for column in range(0, width, max(1, width // 16)):
        box = view.crop((column, 0, min(width, column + 4), height)).getbbox()
        there = max(there, box[3] - 1 if box else 0)  # the last row may be half
    return there


def _check_bytes(size: int, shown: str) -> None:
    if size > MOST_BYTES:
        raise MediaError(
            f"{shown} is too large ({size_text(size)})",
            f"At most {MOST_BYTES // MIB} MiB of an image can be opened.",
        )


def _check_pixels(size: tuple[int, int], shown: str, most: int) -> None:
    width, height = size
    if min(size) <= 0:
        raise ValueError("no pixels")
    if width * height > most:
        raise MediaError(
            f"{shown} is too large ({width} × {height} pixels)",
            f"Open a smaller copy: at most {most // 10**6} megapixels fit.",
        )


def _cut_short(shown: str) -> MediaError:
    return MediaError(f"{shown} is cut short: its end is missing", "Copy or download it again.")
