"""Images made ready to be sent: small enough, upright, without metadata. Called on a thread."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader, QImageWriter

from aiproxy_desktop.core.media import UnreadableMedia
from aiproxy_desktop.services.attaching import PreparedImage
from aiproxy_desktop.services.image_metadata import turned, whole, without_metadata
from aiproxy_desktop.ui.translation import tr

MAX_SIDE = 2048

# Providers take 5 MB for an image in Base64, which makes four bytes of three.
MAX_BYTES = 3_750_000

# Pixels that are decoded. JPEG is decoded small at once; others take four bytes for each pixel.
_MOST_PIXELS = 64_000_000
_MOST_JPEG_PIXELS = 256_000_000

# Sent as they are, where they are small enough.
_SENT = {"image/png", "image/jpeg", "image/webp", "image/gif"}
_QUALITIES = (88, 75, 60)


def prepared(data: bytes, mime: str) -> PreparedImage:
    """An image as it is sent.

    Images of at most 2,048 pixels on the long side and 3.75 MB stay as they are, without their metadata; so
    do animations, whatever their pixels. All others are encoded anew: as PNG where they were drawn
    (screenshots, transparency), else as JPEG.

    Raises:
        UnreadableMedia: it is damaged, too large, or of a format that cannot be read here.
    """
    if not whole(data, mime):
        raise UnreadableMedia(tr("is damaged: its end is missing"), tr("Save it again, and attach that."))
    size, animated = _look(data, mime)
    small = max(size.width(), size.height()) <= MAX_SIDE or animated
    if mime in _SENT and small and len(data) <= MAX_BYTES and not turned(data):
        plain = without_metadata(data, mime)
        if plain is not None:
            # Decoded only to see that it can be.
            _decode(data, mime, QSize(1, 1) if mime == "image/jpeg" else QSize())
            return PreparedImage(plain, mime, size.width(), size.height())
    target = size.scaled(MAX_SIDE, MAX_SIDE, Qt.AspectRatioMode.KeepAspectRatio)
    image = _decode(data, mime, target if max(size.width(), size.height()) > MAX_SIDE else QSize())
    return _encoded(image, drawn=mime != "image/jpeg")


def _save_as() -> str:
    return tr("Save it as PNG or JPEG, and attach that.")


def _reader(data: bytes, mime: str) -> tuple[QImageReader, QBuffer]:
    """A reader and what it reads from, which must live as long."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # The type is known from the bytes: no other decoder is tried.
    reader = QImageReader(buffer, QByteArray(_format(mime).encode()))
    reader.setDecideFormatFromContent(False)
    reader.setAutoTransform(True)
    return reader, buffer


def _format(mime: str) -> str:
    name = mime.partition("/")[2]
    return {"tiff": "tiff", "bmp": "bmp", "heif": "heic"}.get(name, name)


def _look(data: bytes, mime: str) -> tuple[QSize, bool]:
    """Width, height and whether it moves, from the header alone."""
    if QByteArray(_format(mime).encode()) not in QImageReader.supportedImageFormats():
        raise UnreadableMedia(
            tr("is an image of a type that cannot be read here ({mime})", mime=mime), _save_as()
        )
    reader, _buffer = _reader(data, mime)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise UnreadableMedia(tr("is damaged: it holds no image"), _save_as())
    most = _MOST_JPEG_PIXELS if mime == "image/jpeg" else _MOST_PIXELS
    if size.width() * size.height() > most:
        raise UnreadableMedia(
            tr(
                "is too large ({width} × {height} pixels)",
                width=f"{size.width():,}",
                height=f"{size.height():,}",
            ),
            tr("At most {most} million pixels can be read: make it smaller first.", most=most // 1_000_000),
        )
    moves = reader.supportsOption(QImageIOHandler.ImageOption.Animation) and reader.imageCount() != 1
    return size, moves


def _decode(data: bytes, mime: str, target: QSize) -> QImage:
    """The (first) picture, upright; of about `target` pixels before it is turned, where that is a size."""
    reader, _buffer = _reader(data, mime)
    if target.isValid():
        reader.setScaledSize(target)
    image = reader.read()
    if image.isNull():
        raise UnreadableMedia(
            tr("is damaged ({reason})", reason=reader.errorString()), tr("Save it again, and attach that.")
        )
    return image


def _encoded(image: QImage, *, drawn: bool) -> PreparedImage:
    if image.colorSpace().isValid():
        image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    while True:
        for name, quality in _ways(image, drawn=drawn):
            data = _write(image, name, quality)
            if len(data) <= MAX_BYTES:
                mime = f"image/{name}"
                return PreparedImage(
                    without_metadata(data, mime) or data, mime, image.width(), image.height()
                )
        half = QSize(max(1, image.width() // 2), max(1, image.height() // 2))
        image = image.scaled(half, mode=Qt.TransformationMode.SmoothTransformation)


def _ways(image: QImage, *, drawn: bool) -> list[tuple[str, int]]:
    """Formats and qualities to try, best first. What is see-through stays so."""
    if image.hasAlphaChannel():
        return [("png", -1)]
    photo = [("jpeg", quality) for quality in _QUALITIES]
    return [("png", -1), *photo] if drawn else photo


def _write(image: QImage, name: str, quality: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(name.encode()))
    if quality >= 0:
        writer.setQuality(quality)
    if not writer.write(image):
        raise UnreadableMedia(
            tr("cannot be made smaller ({reason})", reason=writer.errorString()), _save_as()
        )
    return bytes(buffer.data().data())


def png_of(image: QImage) -> bytes:
    """A picture from the clipboard as a file."""
    return _write(image, "png", -1)


def thumbnail(data: bytes, side: int) -> QImage:
    """A picture of `side` by `side` pixels cut from the middle; a null image where it cannot be decoded."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > _MOST_JPEG_PIXELS:
        return QImage()
    reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return image.copy(left, top, side, side) if not image.isNull() else image
