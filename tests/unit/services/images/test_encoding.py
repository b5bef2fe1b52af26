"""Pictures as files: what is in them, and what is not. Cropped, extended, made small."""

from __future__ import annotations

import io
import random
from typing import get_args

import pytest
from PIL import Image, ImageChops

from aiproxy_desktop.core.errors import InvalidRequestError, RequestError
from aiproxy_desktop.services.images.encoding import (
    PictureFormat,
    encode,
    loses_alpha,
    read_metadata,
    thumbnail,
)
from aiproxy_desktop.services.images.extending import Filling, crop, extend
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.padding import padded
from aiproxy_desktop.services.images.picture import Picture
from tests.unit.services.images.test_guarantee import photo
from tests.unit.services.images.test_opening import drawn, other_profile, saved

FORMATS: tuple[PictureFormat, ...] = get_args(PictureFormat)
MADE = {
    "Prompt": 'A “hat” <b>&amp; ]]> \n日本語 \U0001f3a9 " and \\ and \x01',
    "Model": "openai:gpt-image-2",
    "Cost": "0.04 USD",
    "": "no key",
}


@pytest.mark.parametrize("form", FORMATS)
def test_files_say_what_made_them_where_that_is_wanted(form: PictureFormat) -> None:
    picture = Picture(photo(random.Random(1), (64, 48)), other_profile())
    data = encode(picture, form, metadata=MADE)
    assert read_metadata(data) == MADE
    again = open_picture(data, "x")
    assert again.picture.icc == picture.icc
    assert again.notes == ()
    plain = encode(picture, form)
    assert read_metadata(plain) == {}
    assert b"gpt-image" not in plain


@pytest.mark.parametrize("form", FORMATS)
def test_of_the_pictures_own_file_nothing_is_passed_on(form: PictureFormat) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A Camera"
    exif.get_ifd(0x8825)[1] = "N"
    for source in ("JPEG", "WEBP", "PNG", "TIFF"):
        opened = open_picture(saved(drawn(), source, exif=exif, dpi=(300, 300)), "x").picture
        for metadata in (None, {"Prompt": "x"}):
            data = encode(opened, form, metadata=metadata)
            with Image.open(io.BytesIO(data)) as image:
                assert "exif" not in image.info
                assert not dict(image.getexif())
            assert b"A Camera" not in data


def test_long_prompts_fit_into_any_file() -> None:
    long = {"Prompt": "語" * 40_000, "Model": "m"}
    picture = Picture(drawn())
    assert read_metadata(encode(picture, "png", metadata=long)) == long
    for form in ("jpeg", "webp"):
        found = read_metadata(encode(picture, form, metadata=long))
        assert found["Model"] == "m"
        assert found["Prompt"].startswith("語" * 5_000)
        assert found["Prompt"].endswith("…")


def test_damaged_files_say_nothing() -> None:
    chance = random.Random(9)
    assert read_metadata(b"") == read_metadata(b"\x89PNG\r\n\x1a\n") == read_metadata(b"\xff\xd8\xff") == {}
    for form in FORMATS:
        whole = encode(Picture(drawn()), form, metadata=MADE)
        for _ in range(100):
            data = bytearray(whole)
            data[chance.randrange(len(data))] = chance.randrange(256)
            read_metadata(bytes(data[: chance.randrange(len(data))]))


def test_png_and_the_best_webp_keep_every_byte() -> None:
    picture = Picture(photo(random.Random(2), (61, 43), "RGBA"))
    assert open_picture(encode(picture, "png"), "x").picture.image.tobytes() == picture.image.tobytes()
    best = open_picture(encode(picture, "webp", quality=100), "x").picture
    assert best.image.tobytes() == picture.image.tobytes()


def test_jpeg_puts_what_is_see_through_on_white() -> None:
    clear = Picture(Image.new("RGBA", (32, 32), (255, 0, 0, 0)))
    assert loses_alpha(clear, "jpeg")
    assert not loses_alpha(clear, "webp")
    assert not loses_alpha(Picture(drawn("RGBA")), "jpeg")
    assert open_picture(encode(clear, "jpeg"), "x").picture.image.getpixel((9, 9)) == (255, 255, 255)


def test_formats_have_bounds() -> None:
    with pytest.raises(InvalidRequestError, match="WebP holds at most 16,383"):
        encode(Picture(Image.new("RGB", (16_384, 1))), "webp")


def test_thumbnails_are_small_and_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(drawn(size=(1200, 800)), "JPEG", exif=exif)
    small = thumbnail(data, 160)
    assert small.size == (107, 160)
    corner = small.image.getpixel((100, 5))
    assert isinstance(corner, tuple)
    assert corner[0] > 180
    with pytest.raises(RequestError):
        thumbnail(b"<html>", 160)


def test_cropping_is_bounded_by_the_picture() -> None:
    picture = Picture(drawn(), b"")
    assert crop(picture, (-5, 10, 30, 900)).size == (30, 50)
    with pytest.raises(InvalidRequestError):
        crop(picture, (200, 200, 300, 300))


@pytest.mark.parametrize("filling", get_args(Filling))
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_extending_keeps_the_picture_and_masks_the_rest(filling: Filling, mode: str) -> None:
    picture = Picture(photo(random.Random(5), (50, 40), mode), other_profile())
    larger, mask = extend(picture, 10, 0, 7, 13, filling=filling)
    assert larger.size == mask.size == (67, 53)
    assert larger.icc == picture.icc
    inner = larger.image.crop((10, 0, 60, 40))
    assert inner.convert(mode).tobytes() == picture.image.tobytes()
    assert not mask.image.crop((10, 0, 60, 40)).getbbox()
    assert mask.image.histogram()[255] == 67 * 53 - 50 * 40
    with pytest.raises(InvalidRequestError):
        extend(picture, 0, 0, 0, 0)
    with pytest.raises(InvalidRequestError, match="too many"):
        extend(picture, 100_000, 0, 0, 100_000)


def test_padding_goes_on_as_in_a_mirror() -> None:
    image = photo(random.Random(6), (40, 30))
    whole = padded(image, (20, 100, 60, 130), (80, 200))
    assert whole.size == (80, 200)
    assert whole.crop((20, 100, 60, 130)).tobytes() == image.tobytes()
    mirrored = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    assert whole.crop((20, 70, 60, 100)).tobytes() == mirrored.tobytes()
    assert whole.crop((20, 130, 60, 160)).tobytes() == mirrored.tobytes()
    sides = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert whole.crop((0, 100, 20, 130)).tobytes() == sides.crop((20, 0, 40, 30)).tobytes()
    far = whole.crop((0, 0, 80, 1)), whole.crop((0, 69, 80, 70))
    assert not ImageChops.difference(*far).getbbox()
