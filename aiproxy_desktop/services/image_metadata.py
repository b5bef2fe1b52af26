"""Taking out of an image what is not seen in it: where and when it was taken, with what, by whom.

Pixels are not touched and colours keep their profile. Bytes in, bytes out.

Formats: JPEG (ITU-T T.81, JFIF, Exif 2.32), PNG (w3.org/TR/png-3), WebP (RFC 9649), GIF89a.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"
_ORIENTATION = 0x0112

# PNG chunks that say something about the picture instead of being it.
_PNG_SAID = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_WEBP_SAID = {b"EXIF", b"XMP "}
_WEBP_SAID_FLAGS = 0x08 | 0x04
# Applications that say how a GIF moves; all others say something about it.
_GIF_MOVES = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def without_metadata(data: bytes, mime: str) -> bytes | None:
    """The image without its metadata; how it is turned stays, as pictures would lie on their side without.

    None where that cannot be done so: another format, or bytes that cannot be followed to their end.
    """
    strip = _STRIPPERS.get(mime)
    if strip is None:
        return None
    try:
        return strip(data)
    except (struct.error, IndexError, ValueError):
        return None


def turned(data: bytes) -> bool:
    """Whether a JPEG is to be turned or mirrored before it is shown."""
    try:
        return any(_turn(body) > 1 for marker, body in _segments(data) if marker == 0xE1)
    except (struct.error, IndexError, ValueError):
        return False


def exif_turn(exif: bytes) -> int:
    """The orientation, 1 to 8, that Exif data tell (from their byte order on); 1 where they are damaged."""
    try:
        return _tiff_turn(exif)
    except struct.error:
        return 1


def whole(data: bytes, mime: str) -> bool:
    """Whether an image has its end, where its format has a mark for it that decoders do not insist on."""
    return mime != "image/jpeg" or b"\xff\xd9" in data


def _jpeg(data: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    end = 2
    for marker, body in _segments(data):
        end += 4 + len(body)
        if marker == 0xE1 and _turn(body) > 1:
            kept.append(_segment(0xE1, _only_orientation(_turn(body))))
        elif not _says(marker, body):
            kept.append(_segment(marker, body))
    return b"".join((*kept, data[end : _end_of_pixels(data, end)]))


def _end_of_pixels(data: bytes, at: int) -> int:
    """Where the picture ends that begins with its scan `at`: cameras put more pictures behind it."""
    while True:
        (length,) = struct.unpack_from(">H", data, at + 2)  # a scan's header, or a table between scans
        at += 2 + length
        while True:
            at = data.index(b"\xff", at) + 1
            follows = data[at]
            if follows and follows != 0xFF and not 0xD0 <= follows <= 0xD7:
                break
        if follows == 0xD9:
            return at + 1
        at -= 1


def _says(marker: int, body: bytes) -> bool:
    """Whether a segment is a comment or an application's, unless decoding needs it (JFIF, ICC, Adobe)."""
    if marker == 0xE2:
        return not body.startswith(_ICC)
    return marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of all that stands before the pixels."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xDA:
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2 or at + 2 + length > len(data):
            raise ValueError("cut short")
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _turn(body: bytes) -> int:
    """The orientation that an Exif segment tells, 1 to 8; 1 is upright, and where it tells none."""
    return _tiff_turn(body[len(_EXIF) :]) if body.startswith(_EXIF) else 1


def _tiff_turn(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(count):
        tag, _type, _count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
        if tag == _ORIENTATION:
            return value if 1 <= value <= 8 else 1
    return 1


def _only_orientation(turn: int) -> bytes:
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turn, 0)
    return _EXIF + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def _png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise ValueError("cut short")
        if kind not in _PNG_SAID:
            kept.append(data[at:end])
        if kind == b"IEND":
            break  # what was hidden behind the end is no picture either
        at = end
    return b"".join(kept)


def _webp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 4)
    stop, at = min(len(data), 8 + size), 12
    kept: list[bytes] = []
    while at + 8 <= stop:
        kind = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + length + length % 2
        if at + 8 + length > stop:
            raise ValueError("cut short")
        chunk = data[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~_WEBP_SAID_FLAGS,)) + chunk[9:]
        if kind not in _WEBP_SAID:
            kept.append(chunk)
        at = end
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _gif(data: bytes) -> bytes:
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = _blocks_end(data, at + 10 + _colours(data[at + 9]) + 1)
        elif data[at] == 0x21:
            at = _blocks_end(data, at + 2)
        else:
            raise ValueError("no block")
        if data[start] == 0x2C or not _gif_says(data[start : start + 14]):
            kept.append(data[start:at])
    return b"".join((*kept, b";"))


def _gif_says(head: bytes) -> bool:
    return head[1] == 0xFE or (head[1] == 0xFF and head[3:14] not in _GIF_MOVES)


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
}
