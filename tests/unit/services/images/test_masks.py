"""Masks from files of every kind, and as they are written."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from aiproxy_desktop.core.errors import MediaError, RequestError
from aiproxy_desktop.services.images.masks import feathered, for_openai, mask_file, mask_from
from aiproxy_desktop.services.images.picture import Mask
from tests.unit.services.images.test_opening import saved

SIZE = (120, 90)


def hole() -> Image.Image:
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).rectangle((30, 20, 59, 49), 255)
    return mask


def as_mode(mode: str) -> Image.Image:
    """The same mask the way different programs save it."""
    mask = hole()
    if mode == "RGBA":  # OpenAI's: what is see-through is changed, whatever its colours
        image = Image.effect_noise(SIZE, 50).convert("RGBA")
        image.putalpha(mask.point([255 - value for value in range(256)]))
        return image
    if mode == "LA":
        return as_mode("RGBA").convert("LA")
    if mode == "opaque":  # alpha that says nothing
        return Image.merge("RGBA", (mask, mask, mask, Image.new("L", SIZE, 255)))
    return mask.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "opaque"])
def test_masks_are_read_as_they_are_meant(mode: str) -> None:
    assert mask_from(saved(as_mode(mode), "PNG"), "m.png", SIZE).image.tobytes() == hole().tobytes()


def test_a_mask_of_another_shape_is_refused_with_both_sizes() -> None:
    with pytest.raises(MediaError, match=r"“m.png” .*120 × 90 pixels, the image 100 × 100"):
        mask_from(saved(hole(), "PNG"), "m.png", (100, 100))
    with pytest.raises(RequestError, match="not an image"):
        mask_from(b"no mask", "m.png", SIZE)


def test_a_mask_of_the_same_shape_is_scaled() -> None:
    mask = mask_from(saved(hole(), "PNG"), "m.png", (240, 180))
    assert mask.size == (240, 180)
    assert mask.image.getpixel((90, 70)) == 255


def test_masks_come_back_from_their_own_files() -> None:
    soft = feathered(Mask(hole()), 12)
    assert mask_from(mask_file(soft), "m.png", SIZE).image.tobytes() == soft.image.tobytes()
    with Image.open(io.BytesIO(mask_file(soft))) as image:
        assert image.mode == "L"


def test_openai_changes_what_is_see_through() -> None:
    soft = feathered(Mask(hole()), 12)
    with Image.open(io.BytesIO(for_openai(soft))) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", SIZE)
        alpha = image.getchannel("A")
    assert alpha.point([255 - value for value in range(256)]).tobytes() == soft.image.tobytes()


def test_an_intricate_mask_is_still_below_4_mb() -> None:
    noise = Image.effect_noise((3000, 2500), 100)
    data = for_openai(Mask(noise))
    assert len(data) < 4 * 1024 * 1024
    with Image.open(io.BytesIO(data)) as image:
        assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (7, 513), (300, 1)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    mask = Mask(Image.linear_gradient("L").resize(size))
    with Image.open(io.BytesIO(mask_file(mask))) as image:
        assert image.tobytes() == mask.image.tobytes()
    assert feathered(mask, 9).size == size
