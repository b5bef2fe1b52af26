"""What a drop or the clipboard brings: files, a picture, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

# Beside the files of images that this application has: their ids, one a line, so that none is kept twice.
IMAGES_TYPE: Final = "application/x-aiproxy-images"
# Bytes of them: another program may have written there what it likes.
_MOST_IDS = 64 * 1024

# As files, which spares encoding them anew.
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_HERE = {"", "localhost"}
_FETCHED = {"http", "https", "data"}
# A picture inside the page may be the whole of a data address.
_MOST_HTML = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """Files and folders of this computer; or else a picture, as the bytes of a file or decoded.

    `links`: how many addresses came that are no files here. `address` is where a browser's picture lies in
    the web, for a drop of that; empty where none is told. `images`: ids, where the files are images of the
    library.
    """

    paths: tuple[Path, ...] = ()
    links: int = 0
    data: bytes = b""
    ending: str = ""
    picture: QImage = field(default_factory=QImage)
    address: str = ""
    images: tuple[str, ...] = ()

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture and no file."""
        return bool(self.data) or not self.picture.isNull()


def ids_as_data(ids: Iterable[str]) -> bytes:
    """What goes under `IMAGES_TYPE`."""
    return "\n".join(ids).encode()


def ids_in(mime: QMimeData) -> tuple[str, ...]:
    """The images of the library that are dragged or pasted; empty where they come from elsewhere."""
    if not mime.hasFormat(IMAGES_TYPE):
        return ()
    return tuple(bytes(mime.data(IMAGES_TYPE).data())[:_MOST_IDS].decode("ascii", "ignore").split())


def carries(mime: QMimeData) -> bool:
    """Whether something may be attached of it, told without taking it over."""
    return mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(name) for name in _PICTURES)


def pasted_as_attachment(mime: QMimeData) -> bool:
    """Whether pasting this attaches it: files and pictures do. Text that comes with a picture stays text.

    Tables and words copied from an office program come as text and as a picture of it.
    """
    if any(_is_file(url) for url in mime.urls()):
        return True
    return carries(mime) and not mime.hasText()


def brought(mime: QMimeData) -> Brought:
    """Take it over."""
    urls = mime.urls()
    paths = tuple(Path(url.toLocalFile()) for url in urls if _is_file(url))
    links = len(urls) - len(paths)
    if paths:
        return Brought(paths, links, images=ids_in(mime))
    for name, ending in _PICTURES.items():
        if mime.hasFormat(name):
            data = bytes(mime.data(name).data())
            if data:
                return Brought(links=links, data=data, ending=ending)
    image = mime.imageData() if mime.hasImage() else None
    picture = image if isinstance(image, QImage) else QImage()
    return Brought(links=links, picture=picture, address=_address(mime))


def _address(mime: QMimeData) -> str:
    """Of a picture in a page: a picture that is a link as well comes with the link's address as its own."""
    finder = _PictureFinder()
    finder.feed(mime.html()[:_MOST_HTML] if mime.hasHtml() else "")
    links = [url.toString() for url in mime.urls() if url.scheme() in _FETCHED]
    found = [finder.source] if finder.source.partition(":")[0].lower() in _FETCHED else links
    return found[0] if found else ""


class _PictureFinder(HTMLParser):
    """Finds the first picture of a piece of HTML; nothing of it is shown or loaded."""

    source = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and not self.source:
            self.source = next((value or "" for name, value in attrs if name == "src"), "")


def _is_file(url: QUrl) -> bool:
    return url.isLocalFile() and url.host().lower() in _HERE
