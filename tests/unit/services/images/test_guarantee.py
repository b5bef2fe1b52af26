"""The guarantee on real pixels: a model that disturbs everything changes nothing outside of the mask."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from aiproxy_desktop.core.errors import InvalidRequestError, ProtocolError
from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.services.images.aligning import aligned_box, cut
from aiproxy_desktop.services.images.composing import composited
from aiproxy_desktop.services.images.editing import PreparedEdit, finish_edit, prepare_edit
from aiproxy_desktop.services.images.extending import extend
from aiproxy_desktop.services.images.masks import feathered
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.picture import Mask, Picture
from tests.unit.services.images.test_opening import other_profile, saved

FREE = ImageModelFacts(
    "free",
    ("auto", "1024x1024"),
    (),
    (),
    32_000,
    10,
    frozenset({"size"}),
    True,
    True,
    masks=True,
    most_inputs=16,
)
FIXED = replace(FREE, id="fixed", free_size=False, sizes=("256x256", "512x512", "1024x1024"))
RATIOS = replace(
    FREE,
    id="ratios",
    fields=frozenset({"aspect_ratio", "image_size"}),
    free_size=False,
    sizes=(),
    masks=False,
    maker="gemini",
    aspect_ratios=("1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9"),
    resolutions=("1K", "2K", "4K"),
)
MODELS = (FREE, FIXED, RATIOS, None)


def photo(chance: random.Random, size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Something with large and small detail, and colours below what is see-through."""
    bands = [
        Image.effect_noise((max(2, size[0] // 6), max(2, size[1] // 6)), chance.randint(40, 110)).resize(
            size, Image.Resampling.BICUBIC
        )
        for _ in mode
    ]
    image = Image.merge(mode, bands)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        box = sorted(chance.randrange(max(size)) for _ in range(2))
        draw.ellipse(
            (box[0], box[0] // 2, box[1], box[1] // 2 + 3), tuple(chance.randrange(256) for _ in mode)
        )
    if mode == "RGBA":
        alpha = Image.linear_gradient("L").resize(size)
        alpha.paste(0, (0, 0, size[0] // 3, size[1]))
        image.putalpha(alpha)
    return image


def painted(chance: random.Random, size: tuple[int, int]) -> Mask:
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    width, height = size
    for _ in range(chance.randint(1, 4)):
        points = [(chance.randrange(width), chance.randrange(height)) for _ in range(4)]
        kind = chance.randrange(4)
        if kind == 0:
            draw.line(points, 255, chance.randint(1, 20))
        elif kind == 1:
            draw.polygon(points, 255)
        elif kind == 2:
            x, y = points[0]
            draw.ellipse((x, y, x + chance.randint(1, 90), y + chance.randint(1, 90)), chance.randint(1, 255))
        else:
            draw.point(points, 255)
    return Mask(mask)


def disturbed(chance: random.Random, prepared: PreparedEdit) -> bytes:
    """What a model might send: moved, blurred, tinted, of another size, now and then with alpha or lossy."""
    with Image.open(io.BytesIO(prepared.images[0].data)) as sent:
        image = sent.convert("RGB")
    image = ImageChops.offset(image, chance.randint(-4, 4), chance.randint(-4, 4))
    image = image.filter(ImageFilter.GaussianBlur(chance.random()))
    image = ImageChops.add(image, Image.new("RGB", image.size, (9, 0, 20)))
    if chance.random() < 0.4:
        factor = chance.choice((0.5, 0.9, 1.3))
        image = image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))
    if chance.random() < 0.2:
        image = image.resize((image.height, image.width))
    if chance.random() < 0.3:
        image.putalpha(Image.radial_gradient("L").resize(image.size))
        return saved(image, "PNG")
    return saved(image, chance.choice(("PNG", "JPEG")))


def outside_is_the_same(original: Picture, result: Picture, mask: Mask) -> bool:
    """Byte for byte, in Python: no step of the product's own is trusted here."""
    if original.size != result.size:
        return False
    mode = result.image.mode
    before = original.image.convert(mode).tobytes()
    after, where = result.image.tobytes(), mask.image.tobytes()
    if original.image.mode != mode and original.image.tobytes() != result.image.convert("RGB").tobytes():
        before = original.image.convert(mode).tobytes()
    width = len(mode)
    return all(
        value or before[at * width : at * width + width] == after[at * width : at * width + width]
        for at, value in enumerate(where)
    )


@pytest.mark.parametrize("seed", range(100))
def test_every_byte_outside_the_mask_is_the_originals(seed: int) -> None:
    chance = random.Random(seed)
    size = chance.randint(40, 190), chance.randint(40, 190)
    mode = chance.choice(("RGB", "RGB", "RGBA"))
    picture = Picture(photo(chance, size, mode), other_profile() if seed % 5 == 0 else b"")
    mask = painted(chance, size)
    before, painted_before = picture.image.tobytes(), mask.image.tobytes()
    prepared = prepare_edit(picture, mask, chance.choice((0, 0.5, 1, 3, 8, 24)), MODELS[seed % 4], "a hat")
    answer = disturbed(chance, prepared)
    result = finish_edit(prepared, answer)
    soft = prepared.feathered
    assert soft is not None
    assert outside_is_the_same(picture, result, soft)
    assert result.icc == picture.icc
    # Nothing is changed in place, and files keep every byte.
    assert (picture.image.tobytes(), mask.image.tobytes()) == (before, painted_before)
    assert not ImageChops.subtract(mask.image, soft.image).getbbox()
    if seed % 3 == 0:
        free = finish_edit(prepared, answer, protect=False)
        assert free.size == picture.size
        assert not outside_is_the_same(picture, free, soft) or soft.box == (0, 0, *size)


def test_where_the_mask_is_full_the_pixels_are_the_models() -> None:
    chance = random.Random(7)
    for mode in ("RGB", "RGBA"):
        original, made = photo(chance, (81, 47), mode), photo(chance, (81, 47), "RGBA")
        mask = Mask(
            Image.linear_gradient("L").resize((81, 47)).point([min(255, 2 * value) for value in range(256)])
        )
        result = composited(Picture(original), made, mask).image
        full = mask.image.point([0] * 255 + [255])
        assert full.getbbox()
        expected = made if result.mode == "RGBA" else made.convert(result.mode)
        for first, second in zip(result.split(), expected.split(), strict=True):
            assert not Image.composite(
                ImageChops.difference(first, second), Image.new("L", full.size), full
            ).getbbox()


def test_see_through_colours_do_not_tint_what_is_blended() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    green = Image.new("RGBA", (20, 20), (0, 200, 0, 255))
    result = composited(Picture(clear), green, Mask(Image.new("L", (20, 20), 128))).image
    pixel = result.getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert pixel[0] <= 2
    assert abs(pixel[3] - 128) <= 1


def test_a_part_that_is_the_models_wholly_fades_into_the_picture() -> None:
    picture = Picture(Image.new("RGB", (4000, 3000), (90, 90, 90)))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((1900, 0, 2100, 200), fill=255)  # at the upper edge
    prepared = prepare_edit(picture, Mask(mask), 0, FIXED, "x")
    left, top, _right, bottom = prepared.plan.region
    assert (top, prepared.plan.whole) == (0, False)
    answer = saved(Image.new("RGB", prepared.plan.sent_size, (190, 90, 90)), "PNG")
    red = finish_edit(prepared, answer, protect=False).image.getchannel("R")
    assert red.getpixel((2000, 0)) == 190
    for edge in (red.crop((left - 1, 300, left + 90, 301)), red.crop((2000, bottom - 90, 2001, bottom + 1))):
        steps = edge.tobytes()
        assert {steps[0], steps[-1]} == {90, 190}
        assert max(abs(one - other) for one, other in pairwise(steps)) <= 8


@pytest.mark.parametrize(
    ("across", "down", "stretch"), [(7, -5, 1.0), (-12, 9, 1.0), (0, 0, 1.015), (4, 4, 0.99)]
)
def test_what_a_model_moved_is_laid_back(across: int, down: int, stretch: float) -> None:
    chance = random.Random(11)
    picture = Picture(photo(chance, (640, 448)))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((240, 150, 400, 300), 255)
    prepared = prepare_edit(picture, Mask(mask), 6, FREE, "x")
    with Image.open(io.BytesIO(prepared.images[0].data)) as sent:
        wide, high = sent.size
        moved = sent.transform(
            sent.size,
            Image.Transform.AFFINE,
            (
                1 / stretch,
                0,
                wide / 2 * (1 - 1 / stretch) - across,
                0,
                1 / stretch,
                high / 2 * (1 - 1 / stretch) - down,
            ),
            Image.Resampling.BICUBIC,
        )
    result = finish_edit(prepared, saved(moved, "PNG"))
    inside = Mask(mask)
    before = _apart(picture.image, cut(moved, prepared.plan.content, picture.size), inside)
    after = _apart(picture.image, result.image, inside)
    assert after < before / 2


def _apart(first: Image.Image, second: Image.Image, mask: Mask) -> float:
    counts = ImageChops.difference(first, second).convert("L").histogram(mask.image.point([0] * 255 + [255]))
    return sum(value * count for value, count in enumerate(counts)) / sum(counts)


def test_an_answer_that_lies_right_is_not_moved() -> None:
    chance = random.Random(5)
    picture = Picture(photo(chance, (512, 512)))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).rectangle((200, 200, 300, 300), 255)
    prepared = prepare_edit(picture, Mask(mask), 0, FIXED, "x")
    noise = Image.effect_noise(prepared.plan.sent_size, 12).convert("RGB")
    with Image.open(io.BytesIO(prepared.images[0].data)) as sent:
        answer = ImageChops.add(sent, noise, 1, -128)
    result = finish_edit(prepared, saved(answer, "PNG"))
    expected = composited(picture, answer, Mask(mask))
    assert result.image.tobytes() == expected.image.tobytes()


def test_noise_does_not_move_a_sky_and_lines_go_to_the_nearest_ones() -> None:
    sky = Image.linear_gradient("L").resize((450, 350)).convert("RGB")
    lines = Image.new("RGB", (450, 350), "white")
    for top in range(0, 350, 20):
        ImageDraw.Draw(lines).rectangle((0, top, 450, top + 9), fill="black")
    kept = Image.new("L", sky.size, 255)
    kept.paste(0, (150, 120, 300, 220))
    whole = (0.0, 0.0, 450.0, 350.0)
    with Image.open(io.BytesIO(saved(sky, "JPEG", quality=40))) as answer:
        assert aligned_box(answer.convert("RGB"), whole, sky, kept) == whole
    box = aligned_box(ImageChops.offset(lines, 0, 3), whole, lines, kept)
    assert abs(box[0]) <= 1
    assert abs(box[1] - 3) <= 1


def test_what_nobody_sees_of_a_picture_does_not_move_an_answer() -> None:
    image = Image.new("RGBA", (480, 360))  # black discs on a black that is see-through
    draw, chance = ImageDraw.Draw(image), random.Random(3)
    for _ in range(60):
        x, y = chance.randrange(440), chance.randrange(320)
        draw.ellipse((x, y, x + chance.randrange(8, 40), y + chance.randrange(8, 40)), (0, 0, 0, 255))
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse((180, 120, 300, 240), fill=255)
    prepared = prepare_edit(Picture(image), Mask(mask), 0, RATIOS, "x")
    result = finish_edit(prepared, prepared.images[0].data)
    within = (200, 140, 280, 220)
    with Image.open(io.BytesIO(prepared.images[0].data)) as sent:
        assert sent.size == image.size
        assert (
            result.image.crop(within).convert("RGB").tobytes() == sent.convert("RGB").crop(within).tobytes()
        )


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (900, 2), (4000, 100)])
def test_pictures_of_any_shape_take_answers_of_any_other(size: tuple[int, int]) -> None:
    picture = Picture(photo(random.Random(9), size))
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rectangle((0, 0, 40, 40), fill=255)
    for facts in MODELS:
        prepared = prepare_edit(picture, Mask(mask), 2, facts, "x")
        for shape in ((1, 1), (13, 700), (1024, 1024)):
            answer = saved(Image.effect_noise(shape, 80), "PNG")
            assert prepared.feathered is not None
            assert outside_is_the_same(picture, finish_edit(prepared, answer), prepared.feathered)


def test_without_a_mask_the_answer_is_the_version_without_its_padding() -> None:
    chance = random.Random(1)
    picture = Picture(photo(chance, (400, 200)))
    prepared = prepare_edit(picture, None, 0, FIXED, "make it winter")
    assert prepared.mask is None
    assert prepared.prompt == "make it winter"
    with Image.open(io.BytesIO(prepared.images[0].data)) as sent:
        assert sent.size == (512, 512)
        answer = sent.convert("RGB")
    result = finish_edit(prepared, saved(answer, "PNG"))
    assert result.size == (512, 256)
    assert (
        _apart(
            picture.image.resize((512, 256), Image.Resampling.LANCZOS),
            result.image,
            Mask(Image.new("L", (512, 256), 255)),
        )
        < 1
    )


def test_models_without_masks_are_told_where() -> None:
    chance = random.Random(2)
    picture = Picture(photo(chance, (640, 480)))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).rectangle((480, 20, 600, 120), 255)
    reference = ImageInput(saved(photo(chance, (50, 50)), "JPEG"), "image/jpeg", "hat.jpg")
    prepared = prepare_edit(picture, Mask(mask), 4, RATIOS, "put a hat here", (reference,))
    assert prepared.mask is None
    assert prepared.options == {"aspect_ratio": "4:3", "image_size": "1K"}
    assert prepared.prompt.startswith("put a hat here\n")
    assert "at the top right" in prepared.prompt
    assert "magenta" in prepared.prompt
    assert [image.mime for image in prepared.images] == ["image/png", "image/png", "image/jpeg"]
    marked = open_picture(prepared.images[1].data, "marked").picture.image
    seen = marked.getpixel((540, 70))
    assert isinstance(seen, tuple)
    assert seen[0] > 160
    assert seen[2] > 160
    assert seen[1] < 100


def test_new_room_is_sent_as_the_edges_go_on_and_comes_back_filled() -> None:
    picture = Picture(photo(random.Random(8), (300, 200)))
    larger, mask = extend(picture, 100, 0, 20, 80)
    prepared = prepare_edit(larger, mask, 0, FREE, "more of it")
    sent = open_picture(prepared.images[0].data, "sent").picture.image
    assert sent.mode == "RGB"
    left, top, _, _ = prepared.plan.content
    assert sent.getpixel((left, top + 5)) == sent.getpixel((left + 40, top + 5))
    result = finish_edit(prepared, saved(ImageChops.invert(sent), "PNG"))
    assert outside_is_the_same(larger, result, mask)
    assert result.image.getchannel("A").getextrema() == (255, 255)
    assert result.image.crop((100, 0, 400, 200)).convert("RGB").tobytes() == picture.image.tobytes()


def test_models_that_know_nothing_see_through_get_white() -> None:
    picture = Picture(photo(random.Random(8), (300, 200), "RGBA"))
    knowing = replace(FREE, backgrounds=("auto", "transparent"))
    modes = [
        open_picture(prepare_edit(picture, None, 0, facts, "x").images[0].data, "sent").picture.image.mode
        for facts in (knowing, RATIOS)
    ]
    assert modes == ["RGBA", "RGB"]


def test_what_is_sent_says_nothing_about_the_person() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A Camera"
    data = saved(photo(random.Random(1), (64, 64)), "JPEG", exif=exif)
    picture = open_picture(data, "x").picture
    prepared = prepare_edit(picture, None, 0, None, "x", (ImageInput(data, "image/jpeg", "beside.jpg"),))
    assert all(b"A Camera" not in image.data for image in prepared.images)
    assert prepared.options == {}


def test_a_mask_that_is_none_and_answers_that_are_none_are_refused() -> None:
    picture = Picture(Image.new("RGB", (100, 80)))
    with pytest.raises(InvalidRequestError, match="Nothing is masked"):
        prepare_edit(picture, Mask(Image.new("L", (100, 80))), 0, FREE, "x")
    with pytest.raises(InvalidRequestError, match="90 × 80"):
        prepare_edit(picture, Mask(Image.new("L", (90, 80), 255)), 0, FREE, "x")
    prepared = prepare_edit(picture, Mask(Image.new("L", (100, 80), 255)), 0, FREE, "x")
    for answer in (b"", b"<html>Busy</html>", saved(picture.image, "PNG")[:60], b"MZ" + bytes(90)):
        with pytest.raises(ProtocolError, match="no readable image"):
            finish_edit(prepared, answer)


def test_the_feather_grows_outward_and_ends() -> None:
    mask = Image.new("L", (200, 160))
    ImageDraw.Draw(mask).rectangle((80, 60, 110, 90), 255)
    for radius in (1, 2, 3, 5, 16, 33):
        soft = feathered(Mask(mask), radius).image
        assert not ImageChops.subtract(mask, soft).getbbox()
        box = soft.getbbox()
        assert box is not None
        assert 80 - radius <= box[0] < 80
        assert 111 < box[2] <= 111 + radius
        row = [*soft.crop((111, 75, 112 + radius, 76)).tobytes()]
        assert row == sorted(row, reverse=True)
        assert row[-1] == 0
