"""Images are made ready to be sent by Qt's decoders, off the main thread."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QImageWriter, QPainter

from aiproxy_desktop.core.media import UnreadableMedia
from aiproxy_desktop.services.attaching import PreparedImage
from aiproxy_desktop.services.image_metadata import turned
from aiproxy_desktop.ui.imaging.preparing import MAX_BYTES, MAX_SIDE, QtImageTool, png_of, thumbnail

SECRET = "52.5200 N 13.4050 E"


def picture(width: int, height: int, *, clear: bool = False) -> QImage:
    """Red on the left, blue on the right; see-through in the middle where `clear`."""
    kind = QImage.Format.Format_ARGB32 if clear else QImage.Format.Format_RGB32
    image = QImage(width, height, kind)
    image.fill(QColor(0, 0, 0, 0) if clear else QColor("white"))
    painter = QPainter(image)
    painter.fillRect(0, 0, width // 3, height, QColor("red"))
    painter.fillRect(2 * width // 3, 0, width, height, QColor("blue"))
    painter.end()
    return image


def saved(image: QImage, kind: str, *, turn: int = 0) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.setText("Comment", SECRET)
    assert QImageWriter(buffer, kind.encode()).write(image)
    data = bytes(buffer.data().data())
    if not turn:
        return data
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turn, 0, 0) + SECRET.encode()
    body = b"Exif\0\0" + tiff
    return data[:2] + struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body + data[2:]


def shown(found: PreparedImage) -> QImage:
    buffer = QBuffer()
    buffer.setData(found.data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    return reader.read()


def prepare(data: bytes, mime: str) -> PreparedImage:
    found = QtImageTool().prepare(data, mime)
    assert SECRET.encode() not in found.data
    assert (shown(found).width(), shown(found).height()) == (found.width, found.height)
    assert len(found.data) <= MAX_BYTES
    return found


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_small_image_stays_as_it_is_but_for_its_metadata(kind: str) -> None:
    found = prepare(saved(picture(300, 200), kind), f"image/{kind}")
    assert (found.mime, found.width, found.height) == (f"image/{kind}", 300, 200)
    assert shown(found) == shown(PreparedImage(saved(picture(300, 200), kind), "", 0, 0))


@pytest.mark.parametrize(("kind", "becomes"), [("jpeg", "jpeg"), ("png", "png"), ("bmp", "png")])
def test_a_large_image_is_made_smaller(kind: str, becomes: str) -> None:
    found = prepare(saved(picture(3000, 1500), kind), f"image/{kind}")
    assert (found.mime, found.width, found.height) == (f"image/{becomes}", MAX_SIDE, MAX_SIDE // 2)
    assert shown(found).pixelColor(100, 500).red() > 240
    assert shown(found).pixelColor(2000, 500).blue() > 240


@pytest.mark.parametrize("size", [(300, 200), (3000, 1500)])
def test_a_photograph_is_stood_upright(size: tuple[int, int]) -> None:
    found = prepare(saved(picture(*size), "jpeg", turn=6), "image/jpeg")
    assert found.width < found.height
    assert not turned(found.data)
    # A quarter to the right: what was left is on top.
    assert shown(found).pixelColor(found.width // 2, 5).red() > 240
    assert shown(found).pixelColor(found.width // 2, found.height - 5).blue() > 240


def test_what_is_see_through_stays_so() -> None:
    found = prepare(saved(picture(3000, 1500, clear=True), "png"), "image/png")
    assert found.mime == "image/png"
    assert shown(found).pixelColor(MAX_SIDE // 2, 500).alpha() == 0


def test_a_picture_of_noise_is_bounded_in_bytes_too() -> None:
    noise = QImage(random.Random(1).randbytes(4 * 1500 * 1500), 1500, 1500, QImage.Format.Format_RGB32)
    found = prepare(saved(noise.copy(), "png"), "image/png")
    assert (found.mime, found.width) == ("image/jpeg", 1500)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    rows = zlib.compress(bytes(1 + (width + 7) // 8) * 1000)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(UnreadableMedia) as refused:
        QtImageTool().prepare(bomb(50_000, 50_000), "image/png")
    assert refused.value.what == "is too large (50,000 × 50,000 pixels)"
    assert "64 million" in refused.value.advice


@pytest.mark.qt_log_ignore("libpng|JPEG")
@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (saved(picture(300, 200), "jpeg")[:600], "image/jpeg"),
        (saved(picture(300, 200), "png")[:-40], "image/png"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"GIF89a\1\0", "image/gif"),
        (b"\xff\xd8\xff\xe0\xff\xd9", "image/jpeg"),
    ],
)
def test_a_damaged_image_is_refused(data: bytes, mime: str) -> None:
    with pytest.raises(UnreadableMedia, match="damaged"):
        QtImageTool().prepare(data, mime)


def test_a_type_that_cannot_be_decoded_is_refused() -> None:
    with pytest.raises(UnreadableMedia, match="image/avif"):
        QtImageTool().prepare(b"\0\0\0\x1cftypavif" + b"\0" * 20, "image/avif")


def test_a_picture_from_the_clipboard_becomes_a_file() -> None:
    assert shown(PreparedImage(png_of(picture(30, 20)), "", 0, 0)).size().width() == 30


def test_a_thumbnail_is_cut_from_the_middle() -> None:
    found = thumbnail(saved(picture(900, 300), "png"), 64)
    assert (found.width(), found.height()) == (64, 64)
    assert found.pixelColor(32, 32) == QColor(Qt.GlobalColor.white)
    assert thumbnail(b"no picture", 64).isNull()
