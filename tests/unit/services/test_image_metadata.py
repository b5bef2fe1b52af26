"""Where a photograph was taken does not leave the computer with it."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.image_metadata import turned, without_metadata

SECRET = b"52.5200 N 13.4050 E"
PIXELS = b"\x12\xff\x00\x34\xff\xd0\x56"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int, order: str = ">") -> bytes:
    mark = b"MM\0*" if order == ">" else b"II*\0"
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    body = mark + struct.pack(f"{order}IH", 8, 2) + entries + struct.pack(f"{order}I", 0) + SECRET
    return segment(0xE1, b"Exif\0\0" + body)


def jpeg(*segments: bytes, behind: bytes = b"") -> bytes:
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + PIXELS
    table = segment(0xC4, b"\0" * 17 + b"\xff\xd9")  # a table may hold what would end a picture
    return b"\xff\xd8" + b"".join(segments) + scan + table + scan + b"\xff\xd9" + behind


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
PROFILE = segment(0xE2, b"ICC_PROFILE\0\1\1colours")
ADOBE = segment(0xEE, b"Adobe\0d\0\0\0\0\1")


def test_a_jpeg_keeps_pixels_and_colours_alone() -> None:
    said = (exif(1), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET), segment(0xED, SECRET))
    whole = jpeg(JFIF, *said, PROFILE, ADOBE, segment(0xFE, SECRET), behind=jpeg(exif(1)))
    assert without_metadata(whole, "image/jpeg") == jpeg(JFIF, PROFILE, ADOBE)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_jpeg_stays_turned_as_it_was(order: str) -> None:
    lying = jpeg(JFIF, exif(6, order))
    plain = without_metadata(lying, "image/jpeg")
    assert plain is not None
    assert SECRET not in plain
    assert turned(lying)
    assert turned(plain)
    assert not turned(jpeg(exif(1, order)))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_png_keeps_its_picture_alone() -> None:
    start, data, end = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13),
        chunk(b"IDAT", b"x"),
        chunk(b"IEND", b""),
    )
    said = [chunk(kind, SECRET) for kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME")]
    profile = chunk(b"iCCP", b"colours")
    found = without_metadata(start + profile + b"".join(said) + data + end + SECRET, "image/png")
    assert found == start + profile + data + end


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def test_a_webp_keeps_its_picture_alone() -> None:
    def webp(flags: int, *chunks: bytes) -> bytes:
        body = riff(b"VP8X", bytes((flags,)) + b"\0" * 9) + b"".join(chunks)
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body

    picture = riff(b"VP8L", b"abc")
    said = webp(0x1C, picture, riff(b"EXIF", SECRET), riff(b"XMP ", SECRET))
    assert without_metadata(said, "image/webp") == webp(0x10, picture)


def test_a_gif_keeps_its_pictures_and_how_they_move() -> None:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0" * 6
    moves = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    picture = b"\x2c" + b"\0" * 8 + b"\0" + b"\x02\x02\x44\x01\0"
    said = b"\x21\xfe" + bytes((len(SECRET),)) + SECRET + b"\0"
    said += b"\x21\xff\x0bXMP DataXMP" + bytes((len(SECRET),)) + SECRET + b"\0"
    whole = head + moves + said + picture + b";" + SECRET
    assert without_metadata(whole, "image/gif") == head + moves + picture + b";"


@given(st.binary(max_size=300), st.sampled_from(["image/jpeg", "image/png", "image/webp", "image/gif"]))
def test_no_bytes_break_it(data: bytes, mime: str) -> None:
    marks = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG\r\n\x1a\n", "image/gif": b"GIF89a"}
    found = without_metadata(marks.get(mime, b"RIFF") + data, mime)
    assert found is None or isinstance(found, bytes)
    turned(b"\xff\xd8" + data)


def test_what_is_cut_short_and_other_formats_are_left_to_a_decoder() -> None:
    assert without_metadata(jpeg(JFIF)[:40], "image/jpeg") is None
    assert without_metadata(b"BM", "image/bmp") is None
