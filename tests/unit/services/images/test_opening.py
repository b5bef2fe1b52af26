"""Pictures of every kind, whole and broken, as they come from anywhere."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from aiproxy_desktop.core.errors import MediaError, RequestError
from aiproxy_desktop.services.images.opening import (
    OpeningCancelled,
    Preview,
    open_picture,
    read_picture_file,
)

SIZE = (90, 60)


def drawn(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Red at the top left, blue below, a green line: which way is up can be seen."""
    image = Image.new("RGB", size, (20, 30, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 3, size[1] // 3), (220, 10, 10))
    draw.line((0, size[1] // 2, size[0], size[1] // 2), (10, 220, 10), 3)
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


@pytest.mark.parametrize(
    ("form", "mode"),
    [*((form, mode) for form in ("PNG", "TIFF", "WEBP") for mode in ("RGB", "RGBA")), ("BMP", "RGB")],
)
def test_pixels_come_as_they_were_saved(form: str, mode: str) -> None:
    image = drawn(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(SIZE))
    exact: dict[str, object] = {"lossless": True, "exact": True} if form == "WEBP" else {}
    opened = open_picture(saved(image, form, **exact), "x")
    assert opened.picture.image.mode == mode
    assert opened.picture.image.tobytes() == image.tobytes()
    assert opened.notes == ()
    assert opened.picture.image.info == {}


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        *(
            ("1", "PNG"),
            ("L", "PNG"),
            ("LA", "PNG"),
            ("P", "PNG"),
            ("P", "GIF"),
            ("L", "JPEG"),
            ("L", "TIFF"),
        ),
        *(("1", "TIFF"), ("L", "BMP"), ("P", "BMP"), ("YCbCr", "TIFF")),
    ],
)
def test_other_modes_become_colours(mode: str, form: str) -> None:
    image = drawn(mode)
    opened = open_picture(saved(image, form), "x.bin")
    expected = image.convert("RGBA" if mode == "LA" else "RGB")
    assert opened.picture.image.mode == expected.mode
    worst = max(
        high for _, high in _bands(Image.merge("RGB", expected.convert("RGB").split()), opened.picture.image)
    )
    assert worst <= (40 if form == "JPEG" else 2)


def _bands(first: Image.Image, second: Image.Image) -> list[tuple[float, float]]:
    from PIL import ImageChops

    found = ImageChops.difference(first, second.convert("RGB")).getextrema()
    return [pair for pair in found if isinstance(pair, tuple)]


def test_see_through_colours_of_palettes_stay_see_through() -> None:
    image = drawn("P")
    data = saved(image, "PNG", transparency=image.getpixel((0, 0)))
    opened = open_picture(data, "x.png").picture.image
    assert opened.mode == "RGBA"
    pixels = [opened.getpixel((0, 0)), opened.getpixel((80, 50))]
    assert [pixel[3] for pixel in pixels if isinstance(pixel, tuple)] == [0, 255]


def test_deep_pictures_are_scaled_not_cut_off() -> None:
    ramp = Image.linear_gradient("L").resize((64, 64))
    deep = ramp.convert("I").point(lambda value: value * 257 + 0)
    for data in (
        saved(deep.convert("I;16"), "PNG"),
        saved(deep.convert("I;16"), "TIFF"),
        saved(ramp.convert("F").point(lambda value: value * (1 / 255) + 0), "TIFF"),
        saved(deep, "TIFF"),
    ):
        opened = open_picture(data, "deep")
        assert [note.kind for note in opened.notes] == ["deep"]
        assert _bands(ramp.convert("RGB"), opened.picture.image)[0][1] <= 1
    rows = b"".join(b"\0" + struct.pack(">6H", 65535, 0, 32768, 256, 511, 40000) for _ in range(2))
    sixteen = png(header(2, 2, 16), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    opened = open_picture(sixteen, "deep")
    assert [note.kind for note in opened.notes] == ["deep"]
    assert opened.picture.image.getpixel((0, 0)) == (255, 0, 128)


def test_printing_colours_become_screen_colours() -> None:
    data = saved(drawn("CMYK"), "JPEG", quality=95)
    opened = open_picture(data, "print.jpg")
    assert [note.kind for note in opened.notes] == ["cmyk"]
    assert opened.picture.image.mode == "RGB"
    assert (
        max(high for _, high in _bands(drawn().crop((0, 0, 9, 9)), opened.picture.image.crop((0, 0, 9, 9))))
        < 40
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", [2, 3, 4, 5, 6, 7, 8])
def test_pictures_stand_upright(form: str, turn: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = turn
    image = drawn()
    data = saved(image, form, exif=exif)
    opened = open_picture(data, "camera")
    with Image.open(io.BytesIO(data)) as again:
        expected = ImageOps.exif_transpose(again).convert("RGB")
    assert [note.kind for note in opened.notes] == ["turned"]
    assert opened.picture.image.tobytes() == expected.tobytes()


def test_of_animations_the_first_frame_is_opened() -> None:
    first, second = drawn(), Image.new("RGB", SIZE, (255, 255, 255))
    for form, options in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        data = saved(first, form, save_all=True, append_images=[second], **options)
        opened = open_picture(data, "moves")
        assert [note.kind for note in opened.notes] == ["first_frame"], form
        assert max(high for _, high in _bands(first, opened.picture.image)) <= 2, form


def test_profiles_stay_with_their_pixels() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = other_profile()
    for form in ("PNG", "JPEG", "WEBP", "TIFF"):
        assert open_picture(saved(drawn(), form, icc_profile=srgb), "x").picture.icc == b""
        opened = open_picture(saved(drawn(), form, icc_profile=other), "x")
        assert opened.picture.icc == other
        assert opened.notes == ()
    broken = open_picture(saved(drawn(), "PNG", icc_profile=b"no profile at all" * 20), "x")
    assert broken.picture.icc == b""
    assert [note.kind for note in broken.notes] == ["profile"]


def other_profile() -> bytes:
    """An RGB profile that is not sRGB: the same with another name."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))


def lying_png() -> bytes:
    """More rows are said than there are."""
    rows = b"".join(b"\0" + bytes(30) for _ in range(4))
    return png(header(10, 4000), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))


def cut(data: bytes, part: float = 0.6) -> bytes:
    return data[: int(len(data) * part)]


def noisy() -> Image.Image:
    return Image.effect_noise((200, 150), 90).convert("RGB")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"", "is empty"),
        (lambda: cut(saved(noisy(), "PNG")), "cut short"),
        (lambda: cut(saved(noisy(), "JPEG")), "cut short"),
        (lambda: cut(saved(noisy(), "WEBP")), "cut short"),
        (lambda: cut(saved(noisy(), "GIF")), "cut short"),
        (lambda: cut(saved(noisy(), "BMP")), "cut short"),
        (lambda: cut(saved(noisy(), "TIFF")), "cut short|damaged"),
        (lambda: cut(saved(noisy(), "AVIF")), "cut short|damaged"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), "damaged"),
        (lambda: b"\xff\xd8\xff\xe0" + bytes(200), "damaged"),
        (lambda: b"RIFF\x40\0\0\0WEBPVP8 " + bytes(200), "damaged"),
        (lambda: b"GIF89a" + bytes(200), "damaged|cut short"),
        (lambda: b"BM" + bytes(200), "damaged"),
        (lambda: b"II*\0" + bytes(200), "damaged|cut short"),
        (lambda: b"\0\0\0\x20ftypavif" + bytes(200), "damaged"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing"),
        (lambda: b"<?xml version='1.0'?><!-- --><svg xmlns='http://www.w3.org/2000/svg'/>", "drawing"),
        (lambda: b"<!DOCTYPE html><p>Not found", "a web page, not an image"),
        (lambda: b"MZ\x90\0" + bytes(500), "a program, not an image"),
        (lambda: b"\x7fELF" + bytes(500), "a program, not an image"),
        (lambda: b"#!/bin/sh\nrm -rf /", "a program, not an image"),
        (lambda: b"%PDF-1.7\n", "a PDF document, not an image"),
        (lambda: b"PK\x03\x04" + bytes(60), "an archive"),
        (lambda: b"\0\0\0\x20ftypheic" + bytes(60), "HEIC"),
        (lambda: b"\0\0\0\x20ftypisom" + bytes(60), "a film, not an image"),
        (lambda: b"plain words", "is not an image"),
        (lambda: png(header(50_000, 50_000), chunk(b"IDAT", b""), chunk(b"IEND", b"")), "50000 × 50000"),
        (lambda: png(header(0, 10), chunk(b"IDAT", b""), chunk(b"IEND", b"")), "damaged"),
        (lying_png, "cut short|damaged"),
        (lambda: saved(drawn(), "GIF").replace(struct.pack("<HH", *SIZE), b"\xff" * 4), "65535 × 65535"),
        (lambda: huge(saved(drawn(), "BMP"), 18, "<ii"), "60000 × 60000"),
        (lambda: huge(saved(drawn(), "JPEG"), saved(drawn(), "JPEG").index(b"\xff\xc0") + 5, ">HH"), "60000"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(make: Callable[[], bytes], said: str) -> None:
    name = "../../evil\n\x1b[31m" + "x" * 400 + ".png"
    with pytest.raises(RequestError, match=said) as found:
        open_picture(make(), name)
    assert found.value.advice
    assert "\n" not in found.value.title
    assert "\x1b" not in found.value.title
    assert len(found.value.title) < 320


def huge(data: bytes, at: int, form: str) -> bytes:
    size = struct.pack(form, 60_000, 60_000)
    return data[:at] + size + data[at + len(size) :]


def test_texts_and_profiles_that_swell_are_left_out_unread() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    rows = zlib.compress(b"".join(b"\0" + bytes(30) for _ in range(10)))
    data = png(
        header(10, 10),
        chunk(b"iCCP", b"swells\0\0" + bomb),
        *(chunk(b"zTXt", b"words\0\0" + bomb) for _ in range(30)),
        chunk(b"acTL", b""),
        chunk(b"IDAT", rows),
        chunk(b"IEND", b""),
    )
    assert open_picture(data, "bomb.png").picture.size == (10, 10)


def test_camera_data_that_lie_are_not_complained_about() -> None:
    plain = saved(drawn(), "JPEG")
    for exif in (b"Exif\0\0II*\0" + b"\xff" * 60, b"Exif\0\0MM", b"Exif\0\0" + os.urandom(300)):
        segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
        assert open_picture(plain[:2] + segment + plain[2:], "x.jpg").picture.size == SIZE


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_any_damage_is_a_picture_or_a_sentence(form: str) -> None:
    import random

    whole = saved(drawn(), form)
    chance = random.Random(form)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        end = chance.choice((len(data), chance.randrange(1, len(data))))
        with suppress(RequestError):
            open_picture(bytes(data[:end]), "x")


def test_large_pictures_are_seen_early() -> None:
    image = Image.effect_noise((2600, 1800), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    seen: list[Preview] = []
    opened = open_picture(saved(image, "JPEG", exif=exif, progressive=True), "x", seen.append)
    assert opened.picture.size == (1800, 2600)
    assert [preview.size for preview in seen] == [(1800, 2600)]
    small = seen[0].picture.size
    assert small[0] < small[1] < 2600


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_rows_of_a_large_picture_are_seen_as_they_come(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("_UNTIL_PREVIEW", "_BETWEEN_PREVIEWS"):
        monkeypatch.setattr(f"aiproxy_desktop.services.images.opening.{wait}", 0.0)
    image = Image.effect_noise((1600, 1400), 60).convert("RGB")
    seen: list[Preview] = []
    opened = open_picture(saved(image, form), "x", seen.append)
    image = opened.picture.image
    assert len(seen) > 3
    first, last = seen[0].picture.image, seen[-1].picture.image
    assert first.mode == "RGBA"
    assert first.getbbox() != last.getbbox()
    factor = image.width / first.width
    expected = image.reduce(round(factor)).crop((0, 0, first.width, 100))
    assert max(high for _, high in _bands(expected, last.crop((0, 0, first.width, 100)))) <= 2


def test_an_opening_that_is_no_longer_wanted_ends() -> None:
    data = saved(noisy(), "PNG")
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(OpeningCancelled):
        open_picture(data, "x", cancelled=cancelled)


def test_only_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a\nb.png"
    file.write_bytes(b"bytes")
    assert read_picture_file(file) == (b"bytes", "a\ufffdb.png")
    with pytest.raises(RequestError, match="is a folder"):
        read_picture_file(tmp_path)
    with pytest.raises(RequestError, match="not there"):
        read_picture_file(tmp_path / "none.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(RequestError, match="pipe"):
        read_picture_file(tmp_path / "pipe.png")
    vast = tmp_path / "vast.png"
    with vast.open("wb") as hole:
        hole.truncate(2**33)
    with pytest.raises(MediaError, match="too large"):
        read_picture_file(vast)


def test_pictures_are_opened_side_by_side() -> None:
    """Nothing of it is the process's: no bound, no warning, no list of decoders is changed."""
    data = [saved(drawn(), form) for form in ("PNG", "JPEG", "GIF", "WEBP")] * 6
    done: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda one=one: done.append(open_picture(one, "x").picture.size))
        for one in data
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [SIZE] * len(data)
